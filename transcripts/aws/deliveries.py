"""Writes results into clients' buckets, again and again until it works; what a client sees of it.

A job is COMPLETED for AWS clients once its result lies where they asked for it. Until then the
database says that it is due, so neither a crash nor a full disk loses a result.
"""

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from transcripts import bell, buckets, events
from transcripts.aws import places, results
from transcripts.aws.callers import Caller, account_id
from transcripts.enums import LIVE_STATUSES, JobStatus
from transcripts.models import MedicalTranscriptionJob, Transcript

log = logging.getLogger(__name__)

LONGEST_PAUSE = timedelta(minutes=10)
FIRST_PAUSE = timedelta(seconds=15)
GIVE_UP = timedelta(hours=24)
LINK_SECONDS = 15 * 60
SALT = "transcripts.aws.results"
UNWRITABLE = "The transcript couldn't be written to the output bucket"
CANCELLED = "The job was cancelled by a user of the practice"

SignedSource = Callable[[UUID], bytes | None]
_signed_source: list[SignedSource] = []


def register_signed_source(source: SignedSource) -> None:
    """`source` gives the signed document of a recording as the bytes to write, None if unsigned."""
    _signed_source[:] = [source]


def expect(event: events.Event) -> None:
    """A job completed: its result is due, and written as soon as this is committed."""
    rows = MedicalTranscriptionJob.objects.filter(pk=event.detail["job"], request__isnull=False)
    for job in rows.select_for_update(of=("self",)):
        _remember(job, result=False, gave_up=False, attempts=0)
        _due(job)


def expect_signed(event: events.Event) -> None:
    """A document was signed: a copy goes beside the result, where the practice wants that."""
    rows = MedicalTranscriptionJob.objects.filter(
        recording_id=event.object_id, practice__signed_copies=True
    )
    for job in rows.filter(request__isnull=False).select_for_update(of=("self",)):
        _remember(job, signed="due")
        _due(job)


def _due(job: MedicalTranscriptionJob) -> None:
    MedicalTranscriptionJob.objects.filter(pk=job.pk).update(output_due_at=Now())
    transaction.on_commit(lambda: deliver(job.pk), robust=True)


def sweep() -> None:
    """Writes what is due and was not written yet. One query when there is nothing."""
    waiting = MedicalTranscriptionJob.objects.filter(output_due_at__lte=Now())
    for pk in list(waiting.values_list("pk", flat=True)[:20]):
        deliver(pk)


def ring() -> None:
    """Wakes a worker when something is due; the pulse calls it, since writing may take long."""
    if MedicalTranscriptionJob.objects.filter(output_due_at__lte=Now()).exists():
        bell.ring()


def deliver(pk: UUID) -> None:
    """Writes what the job owes, unless another process is at it. Never raises for a bucket."""
    job = _claim(pk)
    if job is None:
        return
    try:
        _write(job)
    except Exception as error:
        log.error("the result of %s was not written: %s", job, type(error).__name__)
        if job.completed_at and job.completed_at < timezone.now() - GIVE_UP:
            _settle(job, gave_up=True)
        return
    _settle(job, result=True, attempts=0, **_signed_written(job))


def _claim(pk: UUID) -> MedicalTranscriptionJob | None:
    """The job when it is due and nobody has it; the next try is set before this one begins."""
    with transaction.atomic():
        rows = MedicalTranscriptionJob.objects.select_for_update(of=("self",), skip_locked=True)
        rows = rows.select_related("practice").filter(output_due_at__lte=Now())
        job = rows.filter(pk=pk).first()
        if job is None:
            return None
        attempts = output(job).get("attempts", 0) + 1
        pause = min(FIRST_PAUSE * 2 ** min(attempts, 10), LONGEST_PAUSE)
        _remember(job, attempts=attempts)
        MedicalTranscriptionJob.objects.filter(pk=pk).update(output_due_at=Now() + pause)
        job.refresh_from_db(fields=["output_due_at"])
        return job


def _write(job: MedicalTranscriptionJob) -> None:
    kms = job.request.get("OutputEncryptionKMSKeyId", "")
    if not output(job).get("result"):
        content = json.dumps(document(job), ensure_ascii=False).encode()
        buckets.write(places.result_place(job.request), content, kms_key_id=kms)
    if output(job).get("signed") == "due" and _signed_source:
        signed = _signed_source[0](job.recording_id)
        if signed is not None:
            buckets.write(places.signed_place(job.request), signed, kms_key_id=kms)


def _signed_written(job: MedicalTranscriptionJob) -> dict[str, str]:
    return {"signed": "written"} if output(job).get("signed") == "due" else {}


def _settle(job: MedicalTranscriptionJob, **state: object) -> None:
    """Notes the outcome; a job that fell due anew meanwhile stays due."""
    with transaction.atomic():
        row = MedicalTranscriptionJob.objects.select_for_update().get(pk=job.pk)
        if row.output_due_at == job.output_due_at:
            MedicalTranscriptionJob.objects.filter(pk=job.pk).update(output_due_at=None)
        elif state.get("signed"):
            state.pop("signed")
        _remember(row, **state)


def _remember(job: MedicalTranscriptionJob, **state: object) -> None:
    """Adds to what `engine_state` holds of the output; the caller has the row locked."""
    job.engine_state = job.engine_state | {"output": output(job) | state}
    MedicalTranscriptionJob.objects.filter(pk=job.pk).update(engine_state=job.engine_state)


def output(job: MedicalTranscriptionJob) -> dict[str, object]:
    """result (written), signed (due or written), attempts, gave_up."""
    return job.engine_state.get("output", {})


def document(job: MedicalTranscriptionJob) -> dict[str, object]:
    """The job's machine transcript in AWS's JSON."""
    transcript = Transcript.objects.get(job=job)
    lines = [
        {
            "start": segment.start,
            "end": segment.end,
            "speaker": segment.speaker or None,
            "channel": segment.channel,
            "items": segment.items,
            "alternatives": segment.alternatives,
        }
        for segment in transcript.segments.all()
    ]
    return results.document(
        job_name=job.name,
        account_id=account_id(job.practice),
        lines=lines,
        settings=job.settings,
        entities=transcript.entities if job.content_identification else None,
    )


def status(job: MedicalTranscriptionJob) -> JobStatus:
    """The job's status as AWS's four."""
    if job.status in LIVE_STATUSES:
        return JobStatus(job.status)
    if job.status == JobStatus.COMPLETED:
        if output(job).get("result"):
            return JobStatus.COMPLETED
        return JobStatus.FAILED if output(job).get("gave_up") else JobStatus.IN_PROGRESS
    return JobStatus.FAILED


def having_status(wanted: JobStatus) -> Q:
    """The same as a condition of a query."""
    done = Q(status=JobStatus.COMPLETED)
    written = done & Q(engine_state__output__result=True)
    lost = done & Q(engine_state__output__gave_up=True)
    if wanted == JobStatus.COMPLETED:
        return written
    if wanted == JobStatus.FAILED:
        return Q(status__in=[JobStatus.FAILED, JobStatus.CANCELLED]) | lost
    if wanted == JobStatus.IN_PROGRESS:
        unwritten = Q(engine_state__output__result=False, output_due_at__isnull=False)
        return Q(status=wanted) | done & unwritten
    return Q(status=wanted)


def failure_reason(job: MedicalTranscriptionJob) -> str | None:
    """AWS's FailureReason; None unless the job failed for its client."""
    if status(job) != JobStatus.FAILED:
        return None
    if job.status == JobStatus.COMPLETED:
        return UNWRITABLE
    return job.failure_reason or CANCELLED


def result_uri(job: MedicalTranscriptionJob, caller: Caller) -> str:
    """TranscriptFileUri: the object's S3 address, or with folders a link of ours that expires."""
    if not buckets.in_folders():
        return buckets.address(places.result_place(job.request))
    token = signing.dumps([str(job.pk), str(caller.key.pk)], salt=SALT)
    return settings.BASE_URL + reverse("aws-result", args=[token])
