"""An AWS client's job from its start until it is a recording like any other, and its deletion.

Starting only notes what is asked. A worker then takes the media in: fetches, probes and stores it,
and makes the recording; from there on the job runs as one that was uploaded does.
"""

from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from transcripts import bell, buckets, events, lease, media
from transcripts.actions import jobs, recordings
from transcripts.actions.recordings import About
from transcripts.aws import deliveries, places
from transcripts.buckets import Place
from transcripts.engines.base import MediaInfo, MediaRejected
from transcripts.enums import Action, JobStatus, Source, Specialty, Stage
from transcripts.lease import Heartbeat, Unit
from transcripts.models import MedicalTranscriptionJob, Practice, Recording, User

OTHER_FORMAT = "The media format provided does not match the detected media format"
OTHER_RATE = "The sample rate provided does not match the detected sample rate"
UNREADABLE = "The media file couldn't be read from the S3 bucket"
NO_KEY = "The access key that started this job no longer exists"
NAMES = {"m4a": "mp4"}  # AWS has two names for one format


class NameTaken(Exception):
    """The practice has a job of this name."""


def expect(
    *, practice: Practice, by: User, media: Place, request: jobs.Request
) -> MedicalTranscriptionJob:
    """Queues a job whose recording is still in the bucket. NameTaken when the name is in use."""
    try:
        with transaction.atomic():
            job = MedicalTranscriptionJob.objects.create(
                practice=practice,
                stage=Stage.INTAKE,
                name=request.name,
                engine=practice.engine or settings.ENGINE,
                settings=request.settings,
                content_identification=request.content_identification,
                vocabulary=request.vocabulary,
                request=request.start_request,
                access_key=request.access_key,
                tags=request.tags,
            )
            _report(job, Action.JOB_STARTED, by)
            bell.ring()
    except IntegrityError as error:
        if error.__cause__.diag.constraint_name == "job_name_unique_in_practice":
            raise NameTaken from None
        raise
    return job


def take_in(unit: Unit, heartbeat: Heartbeat) -> None:
    """Makes the job's recording from the object that its request names, or fails the job."""
    job = MedicalTranscriptionJob.objects.select_related("practice", "access_key__user").get(
        pk=unit.job.pk
    )
    place = places.named(job.request["Media"]["MediaFileUri"])
    if job.access_key is None:
        return jobs.fail(unit=unit, reason=NO_KEY)
    try:
        with media.workspace() as folder:
            path = folder / "media"
            buckets.fetch(place, path, heartbeat.progress)
            recordings.receive(
                path=path,
                name=place.key.rpartition("/")[2],
                about=About(
                    specialty=Specialty.FAMILYMEDICINE,
                    type=job.request["Type"],
                    encounter_date=timezone.localdate(),
                ),
                practice=job.practice,
                by=job.access_key.user,
                source=Source.API,
                check=lambda info: _check(info, job.request),
                then=lambda recording: _begin(unit, recording),
            )
    except MediaRejected as rejection:
        jobs.fail(unit=unit, reason=rejection.aws_reason)
    except buckets.Missing:
        jobs.fail(unit=unit, reason=UNREADABLE)
    return None


def hide(*, job: MedicalTranscriptionJob, by: User) -> bool:
    """Deletes a job for AWS clients; recording, review and result stay. False while it runs."""
    ended = deliveries.having_status(JobStatus.COMPLETED) | deliveries.having_status(
        JobStatus.FAILED
    )
    with transaction.atomic():
        rows = MedicalTranscriptionJob.objects.filter(ended, pk=job.pk, hidden_at__isnull=True)
        if not rows.update(hidden_at=Now()):
            return False
        _report(job, Action.JOB_DELETED, by)
    return True


def _begin(unit: Unit, recording: Recording) -> None:
    """Hands the job its recording, in the transaction that makes the recording."""
    lease.write(unit, recording=recording, stage=Stage.PREPARE, attempts=0, **lease.RELEASED)
    bell.ring()


def _check(info: MediaInfo, request: dict[str, Any]) -> None:
    """MediaRejected where the media is not what the request says of it."""
    told = request.get("MediaFormat", info.format)
    if NAMES.get(told, told) != info.format:
        raise MediaRejected("unsupported_format", OTHER_FORMAT, "", OTHER_FORMAT)
    if request.get("MediaSampleRateHertz", info.sample_rate) != info.sample_rate:
        raise MediaRejected("sample_rate", OTHER_RATE, "", OTHER_RATE)


def _report(job: MedicalTranscriptionJob, action: str, by: User) -> None:
    events.emit(
        events.Event(
            action=action,
            practice_id=job.practice_id,
            by=by,
            object_type="MedicalTranscriptionJob",
            object_id=job.pk,
            patient_id=job.recording.patient_id if job.recording else None,
            detail={"job": str(job.pk)},
        )
    )
