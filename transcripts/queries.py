"""Every read of this app that is worth a name."""

from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum

from transcripts import wire
from transcripts.access import may_dictate
from transcripts.enums import LIVE_STATUSES, JobStatus, Source, StreamState
from transcripts.models import (
    Chunk,
    LiveStream,
    MedicalTranscriptionJob,
    Membership,
    Recording,
)
from transcripts.statements import written_once


def latest_job(recording: Recording) -> MedicalTranscriptionJob:
    """The job of the newest generation, with its recording. One query."""
    job = _newest_job(recording.pk)[0]
    job.recording = recording
    return job


@written_once
def _newest_job(recording: UUID) -> QuerySet[MedicalTranscriptionJob]:
    return MedicalTranscriptionJob.objects.filter(recording=recording).order_by("-generation")[:1]


def tags_of(recording: Recording) -> dict[str, str]:
    """What an AWS client tagged the job with; newer generations have none. One query."""
    return next((row["tags"] for row in _tagged(recording.pk)), {})


@written_once
def _tagged(recording: UUID) -> QuerySet[MedicalTranscriptionJob]:
    jobs = MedicalTranscriptionJob.objects.filter(recording=recording).exclude(tags={})
    return jobs.order_by("-generation").values("tags")[:1]


def job_state(job: MedicalTranscriptionJob) -> dict[str, Any]:
    """The job's JSON with progress, place in the queue and time left. Five queries at most."""
    total = float(job.recording.duration)
    done = total
    if job.status != JobStatus.COMPLETED:
        done *= share_done(Chunk.objects.filter(job=job).aggregate(**DONE))
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
    last = (
        MedicalTranscriptionJob.objects.filter(status=JobStatus.COMPLETED)
        .exclude(recording__source=Source.STREAM)  # what was heard live took no time of a worker
        .order_by("-completed_at")
    )
    spent = audio = 0.0
    for job in last.select_related("recording")[:20]:
        spent += (job.completed_at - job.started_at).total_seconds()
        audio += float(job.recording.duration)
    return round(seconds * spent / audio) if audio else None


def dictations(member: Membership | None) -> QuerySet[LiveStream]:
    """The dictations that this person began in the practice, newest first."""
    if not may_dictate(member):
        return LiveStream.objects.none()
    rows = LiveStream.objects.filter(practice=member.practice, by=member.user, dictated=True)
    return rows.select_related("practice", "patient", "author", "vocabulary", "by").order_by(
        "-begun_at"
    )


def unfinished_dictations(member: Membership | None) -> QuerySet[LiveStream]:
    """Those with something said in them that are neither finished nor discarded."""
    return dictations(member).filter(state=StreamState.OPEN, frames__gt=0)


def provisional_segments(job: MedicalTranscriptionJob) -> list[dict[str, Any]]:
    """What the machine has said so far, in the order of the audio. One query."""
    lines = [line for chunk in job.chunks.order_by("index") for line in wire.provisional(chunk)]
    return sorted(lines, key=lambda line: (line["start"], line["channel"] or 0))
