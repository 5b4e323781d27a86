"""Every read of this app that is worth a name."""

from typing import Any

from django.db.models import Sum

from transcripts import wire
from transcripts.enums import JobStatus
from transcripts.models import Chunk, MedicalTranscriptionJob, Recording


def latest_job(recording: Recording) -> MedicalTranscriptionJob:
    """The job of the newest generation, with its recording. One query."""
    return recording.jobs.select_related("recording").order_by("-generation")[0]


def job_state(job: MedicalTranscriptionJob) -> dict[str, Any]:
    """The job's JSON with progress and place in the queue. Two queries at most."""
    done = Chunk.objects.filter(job=job).aggregate(done=Sum("seconds_done"))["done"] or 0
    channels = 2 if job.settings.get("ChannelIdentification") else 1
    position = None
    if job.status == JobStatus.QUEUED:
        ahead = MedicalTranscriptionJob.objects.filter(
            status=JobStatus.QUEUED, created_at__lt=job.created_at
        )
        position = ahead.count() + 1
    return wire.job(job, seconds_done=float(done) / channels, position=position)


def provisional_segments(job: MedicalTranscriptionJob) -> list[dict[str, Any]]:
    """What the machine has said so far, in the order of the audio. One query."""
    lines = [line for chunk in job.chunks.order_by("index") for line in wire.provisional(chunk)]
    return sorted(lines, key=lambda line: (line["start"], line["channel"] or 0))
