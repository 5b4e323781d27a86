"""Results reach their bucket, once, whatever goes wrong on the way."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from tests import factories
from tests.cast import Cast, make_cast
from transcripts import buckets, events, lease
from transcripts.actions import jobs, keys
from transcripts.actions.assemble import assemble
from transcripts.aws import deliveries, intake
from transcripts.buckets import Place
from transcripts.enums import JobStatus, Source, Stage
from transcripts.lease import Heartbeat
from transcripts.models import Chunk, MedicalTranscriptionJob, Recording

REQUEST = {
    "MedicalTranscriptionJobName": "visit",
    "LanguageCode": "en-US",
    "Media": {"MediaFileUri": "s3://hill-practice/in/jfk.flac"},
    "OutputBucketName": "hill-practice",
    "Specialty": "PRIMARYCARE",
    "Type": "DICTATION",
}
RESULT = Place("hill-practice", "medical/visit.json")
Job = MedicalTranscriptionJob


@pytest.fixture
def storage(tmp_path: Path, settings: Any) -> Path:
    settings.STORAGE = str(tmp_path / "buckets")
    place = tmp_path / "buckets" / "hill-practice" / "in"
    place.mkdir(parents=True)
    (place / "jfk.flac").write_bytes((factories.AUDIO / "human_speech_jfk.flac").read_bytes())
    return tmp_path / "buckets"


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def job(people: Cast, storage: Path) -> Job:
    """Started by a client, not yet taken in."""
    key, _ = keys.create(practice=people.practice, by=people.manager.user, label="gateway")
    request = jobs.Request(name="visit", start_request=REQUEST, access_key=key)
    place = Place("hill-practice", "in/jfk.flac")
    return intake.expect(practice=people.practice, by=key.user, media=place, request=request)


def take_in(job: Job) -> Job:
    unit = lease.claim("test", job=job)
    with Heartbeat(unit) as heartbeat:
        intake.take_in(unit, heartbeat)
    return Job.objects.select_related("recording", "practice").get(pk=job.pk)


def complete(job: Job) -> Job:
    """As if the engine had spoken; the real assembly runs."""
    lines = [factories.line(factories.WORDS[0], start=0)]
    Chunk.objects.create(job=job, index=0, start=0, end=5, audio="", done=True, segments=lines)
    Job.objects.filter(pk=job.pk).update(stage=Stage.ASSEMBLE, model="given-words")
    assemble(lease.claim("test", job=job))
    return Job.objects.get(pk=job.pk)


def test_taking_in_makes_a_recording_like_any_other(job: Job) -> None:
    assert (job.recording, job.stage, job.status) == (None, Stage.INTAKE, JobStatus.QUEUED)
    job = take_in(job)
    recording = job.recording
    assert job.stage == Stage.PREPARE and job.lease_owner == ""
    assert (recording.source, recording.media_format) == (Source.API, "flac")
    assert (recording.patient, recording.author) == (None, None)
    assert recording.original_name == "jfk.flac" and recording.review.state == "waiting"
    assert recording.uploaded_by.name == "gateway"


def test_media_gone_since_the_start_fail_the_job(job: Job, storage: Path) -> None:
    (storage / "hill-practice/in/jfk.flac").unlink()
    job = take_in(job)
    assert (job.status, job.failure_reason) == (JobStatus.FAILED, intake.UNREADABLE)
    assert not Recording.objects.exists()


def test_refused_media_leave_nothing_behind(job: Job, storage: Path) -> None:
    (storage / "hill-practice/in/jfk.flac").write_bytes(b"no audio at all" * 100)
    job = take_in(job)
    assert (job.status, job.recording) == (JobStatus.FAILED, None)
    assert job.failure_reason == "Unsupported media format"


def test_a_worker_that_lost_its_lease_takes_nothing_in(job: Job) -> None:
    unit = lease.claim("slow", job=job)
    Job.objects.filter(pk=job.pk).update(lease_token=99)
    with pytest.raises(lease.LeaseLost), Heartbeat(unit) as heartbeat:
        intake.take_in(unit, heartbeat)
    assert not Recording.objects.exists()


def test_the_result_is_written_when_the_job_completes(job: Job) -> None:
    job = complete(take_in(job))
    assert deliveries.status(job) == JobStatus.COMPLETED and job.output_due_at is None
    result = json.loads(buckets.read(RESULT, limit=10**6))
    assert result["results"]["transcripts"] == [{"transcript": "Patient takes lisinopril daily."}]


def test_a_bucket_that_cannot_be_written_is_tried_again(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = take_in(job)
    real, tries = buckets.write, []

    def broken(*arguments: Any, **named: Any) -> None:
        tries.append(arguments)
        raise OSError("disk full")

    monkeypatch.setattr(buckets, "write", broken)
    job = complete(job)
    assert len(tries) == 1
    assert deliveries.status(job) == JobStatus.IN_PROGRESS
    assert Job.objects.filter(deliveries.having_status(JobStatus.IN_PROGRESS)).get() == job
    assert not intake.hide(job=job, by=job.access_key.user)
    assert job.output_due_at > timezone.now() + timedelta(seconds=20)
    deliveries.sweep()
    assert len(tries) == 1, "not before its time"

    monkeypatch.setattr(buckets, "write", real)
    Job.objects.update(output_due_at=Now())
    deliveries.sweep()
    job.refresh_from_db()
    assert deliveries.status(job) == JobStatus.COMPLETED
    assert buckets.size(RESULT) > 100


def test_after_a_day_the_client_is_told(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buckets, "write", lambda *_, **__: 1 / 0)
    job = complete(take_in(job))
    day_ago = timezone.now() - timedelta(hours=25)
    Job.objects.update(output_due_at=Now(), completed_at=day_ago)
    deliveries.sweep()
    job.refresh_from_db()
    assert job.status == JobStatus.COMPLETED, "for the people of the practice it is done"
    assert deliveries.status(job) == JobStatus.FAILED
    assert deliveries.failure_reason(job) == deliveries.UNWRITABLE
    assert Job.objects.filter(deliveries.having_status(JobStatus.FAILED)).get() == job


def test_a_crash_between_commit_and_write_loses_nothing(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "deliver", lambda pk: None)
    complete(take_in(job))
    monkeypatch.undo()
    with pytest.raises(buckets.Missing):
        buckets.size(RESULT)
    deliveries.sweep()
    assert buckets.size(RESULT) > 100


def test_two_processes_write_once(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "_write", lambda job: None)
    job = complete(take_in(job))
    Job.objects.update(output_due_at=Now())
    assert deliveries._claim(job.pk) is not None
    assert deliveries._claim(job.pk) is None


def test_the_signed_copy_lies_beside_the_result(job: Job, people: Cast) -> None:
    job = complete(take_in(job))
    signed = Place("hill-practice", "medical/signed/visit.json")
    event = events.Event(
        action="document.signed",
        practice_id=job.practice_id,
        object_type="Recording",
        object_id=job.recording_id,
    )
    deliveries.register_signed_source(lambda recording_id: b'{"signed": true}')
    try:
        with transaction.atomic():
            deliveries.expect_signed(event)
        with pytest.raises(buckets.Missing):
            buckets.size(signed)
        people.practice.signed_copies = True
        people.practice.save()
        with transaction.atomic():
            deliveries.expect_signed(event)
    finally:
        deliveries._signed_source.clear()
    assert buckets.read(signed, limit=100) == b'{"signed": true}'
    job.refresh_from_db()
    assert deliveries.status(job) == JobStatus.COMPLETED and job.output_due_at is None


def test_deletion_is_for_clients_alone(job: Job) -> None:
    user = job.access_key.user
    assert not intake.hide(job=job, by=user)
    job = complete(take_in(job))
    assert intake.hide(job=job, by=user)
    assert not intake.hide(job=job, by=user)
    assert job.recording.review.state == "ready"


def test_a_cancelled_job_has_failed_for_its_client(job: Job) -> None:
    job = take_in(job)
    jobs.cancel(job=job, by=job.access_key.user)
    job.refresh_from_db()
    assert deliveries.status(job) == JobStatus.FAILED
    assert deliveries.failure_reason(job) == deliveries.CANCELLED
