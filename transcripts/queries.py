"""Every read of this app that is worth a name."""

from typing import Any

from django.db.models import Count, F, Q, Sum

from transcripts import wire
from transcripts.enums import LIVE_STATUSES, JobStatus
from transcripts.models import Chunk, MedicalTranscriptionJob, Recording


def latest_job(recording: Recording) -> MedicalTranscriptionJob:
    """The job of the newest generation, with its recording. One query."""
    return recording.jobs.select_related("recording").order_by("-generation")[0]


def job_state(job: MedicalTranscriptionJob) -> dict[str, Any]:
    """The job's JSON with progress, place in the queue and time left. Five queries at most."""
    total = float(job.recording.duration)
    done = total * share_done(Chunk.objects.filter(job=job).aggregate(**DONE))
    position, ahead = None, 0.0
    if job.status == JobStatus.QUEUED:
        before = MedicalTranscriptionJob.objects.filter(
            status__in=LIVE_STATUSES, created_at__lt=job.created_at
        ).aggregate(
            queued=Count("pk", filter=Q(status=JobStatus.QUEUED)),
            seconds=Sum("recording__duration"),
        )
        position, ahead = before["queued"] + 1, float(before["seconds"] or 0)
    left = _time_for(ahead + total - done) if job.status in LIVE_STATUSES else None
    return wire.job(job, seconds_done=done, position=position, estimated_seconds=left)


# How far a job is: seconds of audio transcribed, of all seconds in its chunks.
DONE = {"done": Sum("seconds_done"), "all": Sum(F("end") - F("start"))}


def share_done(sums: dict[str, Any]) -> float:
    """0..1 from the sums of DONE; 0 before the audio is cut."""
    return float(sums["done"] or 0) / float(sums["all"]) if sums["all"] else 0.0


def _time_for(seconds: float) -> int | None:
    """Seconds until so much audio is transcribed at the pace of the last jobs; None without."""
    last = MedicalTranscriptionJob.objects.filter(status=JobStatus.COMPLETED).order_by(
        "-completed_at"
    )
    spent = audio = 0.0
    for job in last.select_related("recording")[:20]:
        spent += (job.completed_at - job.started_at).total_seconds()
        audio += float(job.recording.duration)
    return round(seconds * spent / audio) if audio else None


def provisional_segments(job: MedicalTranscriptionJob) -> list[dict[str, Any]]:
    """What the machine has said so far, in the order of the audio. One query."""
    lines = [line for chunk in job.chunks.order_by("index") for line in wire.provisional(chunk)]
    return sorted(lines, key=lambda line: (line["start"], line["channel"] or 0))
