"""Starting, retrying, cancelling and failing transcription jobs."""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from transcripts import bell, events, lease, live
from transcripts.enums import LIVE_STATUSES, Action, JobStatus
from transcripts.models import (
    AccessKey,
    MedicalTranscriptionJob,
    MedicalVocabulary,
    Recording,
    User,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked of a job, in AWS's terms. The rest of it belongs to AWS clients alone."""

    settings: dict[str, Any] = field(default_factory=dict)
    content_identification: str = ""
    vocabulary: MedicalVocabulary | None = None
    name: str = ""
    engine: str = ""
    start_request: dict[str, Any] | None = None
    access_key: AccessKey | None = None
    tags: dict[str, str] = field(default_factory=dict)


class Refused(Exception):
    """The job's state does not allow this; the message is a sentence for the page."""


@transaction.atomic
def start(
    *, recording: Recording, by: User | None, request: Request | None = None
) -> MedicalTranscriptionJob:
    """Queues the next generation of a recording's transcript.

    Raises Refused while another generation is being made, and IntegrityError (constraint
    job_name_unique_in_practice) when the name is taken.
    """
    request = request or Request()
    Recording.objects.select_for_update(no_key=True).get(pk=recording.pk)
    if recording.jobs.filter(status__in=LIVE_STATUSES).exists():
        raise Refused("The recording is being transcribed already.")
    last = recording.jobs.aggregate(last=Max("generation"))["last"] or 0
    job = MedicalTranscriptionJob.objects.create(
        practice_id=recording.practice_id,
        recording=recording,
        generation=last + 1,
        name=request.name or f"{recording.pk}-{last + 1}",
        engine=request.engine or recording.practice.engine or settings.ENGINE,
        settings=request.settings,
        content_identification=request.content_identification,
        vocabulary=request.vocabulary,
        request=request.start_request,
        access_key=request.access_key,
        tags=request.tags,
    )
    events.about(recording, Action.JOB_STARTED, by, job=str(job.pk))
    bell.ring()
    return job


@transaction.atomic
def retry(*, job: MedicalTranscriptionJob, by: User | None) -> None:
    """Queues a failed or cancelled job again; chunks already done stay done."""
    job = _locked(job)
    if job.status not in (JobStatus.FAILED, JobStatus.CANCELLED):
        raise Refused("Only a failed or cancelled transcription can be started again.")
    MedicalTranscriptionJob.objects.filter(pk=job.pk).update(
        status=JobStatus.QUEUED, failure_reason="", completed_at=None, served_at=None, attempts=0
    )
    job.chunks.filter(done=False).update(attempts=0, seconds_done=0, segments=[])
    _report(job, Action.JOB_RETRIED, by)
    _tell(job)
    bell.ring()


@transaction.atomic
def release(*, job: MedicalTranscriptionJob, by: User | None) -> None:
    """Takes a live job from whoever holds it, and gives it all its attempts again.

    For a job that does not get on: a worker that hangs lets go by itself, but not at once.
    """
    job = _locked(job)
    if job.status not in LIVE_STATUSES:
        raise Refused("This transcription has already ended.")
    lease.revoke(job)
    MedicalTranscriptionJob.objects.filter(pk=job.pk).update(attempts=0, served_at=None)
    job.chunks.filter(done=False).update(attempts=0)
    _report(job, Action.JOB_RELEASED, by)
    bell.ring()


@transaction.atomic
def cancel(*, job: MedicalTranscriptionJob, by: User | None) -> None:
    """Ends a job that is queued or running; its workers' late results are dropped."""
    job = _locked(job)
    if job.status not in LIVE_STATUSES:
        raise Refused("This transcription has already ended.")
    _end(job, JobStatus.CANCELLED, "")
    _report(job, Action.JOB_CANCELLED, by)
    _tell(job)


@transaction.atomic
def fail(*, unit: lease.Unit, reason: str) -> None:
    """Ends the unit's job with a plain reason, unless the unit was lost meanwhile."""
    job = _locked(unit.job)
    lease.write(unit, **lease.RELEASED)
    _end(job, JobStatus.FAILED, reason)
    _report(job, Action.JOB_FAILED, None, outcome="failure")
    _tell(job)


def _report(
    job: MedicalTranscriptionJob, action: Action, by: User | None, outcome: str = "success"
) -> None:
    """Of the job's recording, where there is one yet."""
    events.emit(
        events.Event(
            action=action,
            practice_id=job.practice_id,
            by=by,
            object_type="Recording" if job.recording else "MedicalTranscriptionJob",
            object_id=job.recording_id or job.pk,
            patient_id=job.recording.patient_id if job.recording else None,
            outcome=outcome,
            detail={"job": str(job.pk)},
        )
    )


def _locked(job: MedicalTranscriptionJob) -> MedicalTranscriptionJob:
    """The job under lock, taken before any of its chunks: everyone's order, so nobody deadlocks."""
    rows = MedicalTranscriptionJob.objects.select_for_update(of=("self",))
    return rows.select_related("recording").get(pk=job.pk)


def _end(job: MedicalTranscriptionJob, status: JobStatus, reason: str) -> None:
    lease.revoke(job)
    MedicalTranscriptionJob.objects.filter(pk=job.pk).update(
        status=status, failure_reason=reason, completed_at=Now()
    )


def _tell(job: MedicalTranscriptionJob) -> None:
    if job.recording_id is None:
        return
    live.announce(practice_id=job.practice_id, recording_id=job.recording_id, kind="reload")
