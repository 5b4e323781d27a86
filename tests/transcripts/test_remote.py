"""Jobs at Amazon Transcribe Medical: looked at now and then, never lost, nothing left behind."""

import json
import time

import pytest

from review.models import Review
from tests import factories, rows
from tests.conformance import server as servers
from tests.transcripts.remote import (
    BUCKET,
    GET,
    START,
    answer,
    ended,
    key,
    long_ago,
    now,
    pause,
    queued,
    step,
    with_vocabulary,
)
from tests.transcripts.standin import DROPPED, THROTTLED
from transcripts import lease, media
from transcripts.actions import copies, jobs, work
from transcripts.engines import aws as engine
from transcripts.models import Chunk, MedicalTranscriptionJob, Recording, Transcript

ASKED = {
    "ShowSpeakerLabels": True,
    "MaxSpeakerLabels": 2,
    "ShowAlternatives": True,
    "MaxAlternatives": 2,
}


# The way of a job


def test_a_job_goes_to_aws_and_comes_back_as_any_other(aws, cast):
    job = queued(cast, settings=ASKED, content_identification="PHI")
    step(job)
    answer(aws, job)
    done = ended(job)
    assert (done.status, done.model) == ("COMPLETED", "transcribe-medical@us-east-1")
    review = Review.objects.get()
    assert review.state == "ready"
    made = Transcript.objects.get()
    assert made.engine == "aws" and made.warnings == []
    assert [(e["content"], e["ids"]) for e in made.entities] == [
        ("March 3rd", ["m10", "m11"]),
        ("Carol Marsh", ["m16", "m17"]),
    ]
    segments = list(made.segments.all())
    assert [row.speaker for row in segments] == ["spk_0", "spk_1", "spk_1", "spk_0"]
    assert segments[3].items[4]["alternatives"] == [
        {"content": "listen pril", "confidence": 0.1207}
    ]
    assert len(segments[0].alternatives) == 1
    chunk = Chunk.objects.get()
    assert (chunk.start, chunk.end, chunk.done) == (0, 11, True)


def test_aws_is_asked_for_what_the_job_asks(aws, cast):
    job = queued(cast, settings=ASKED, content_identification="PHI")
    step(job)
    assert aws.bodies(START) == [
        {
            "MedicalTranscriptionJobName": f"countersign-{job.pk}",
            "LanguageCode": "en-US",
            "MediaFormat": "flac",
            "Media": {"MediaFileUri": f"s3://{BUCKET}/{key(job, 'media')}"},
            "OutputBucketName": BUCKET,
            "OutputKey": key(job, "result.json"),
            "Settings": ASKED,
            "ContentIdentificationType": "PHI",
            "Specialty": "PRIMARYCARE",
            "Type": "DICTATION",
        }
    ]
    sent = aws.s3.get_object(Bucket=BUCKET, Key=key(job, "media"))["Body"].read()
    assert sent == rows.SPEECH.read_bytes()


def test_a_plain_job_asks_for_nothing_more(aws, cast):
    step(queued(cast))
    (asked,) = aws.bodies(START)
    assert "Settings" not in asked and "ContentIdentificationType" not in asked


def test_our_copies_and_the_entry_are_gone_afterwards(aws, cast):
    job = queued(cast)
    step(job)
    answer(aws, job)
    others = "countersign-jobs-of-others/media"
    aws.s3.put_object(Bucket=BUCKET, Key=others, Body=b"x")
    ended(job)
    assert aws.keys(BUCKET) == [others]
    found = aws.transcribe.list_medical_transcription_jobs()
    assert found["MedicalTranscriptionJobSummaries"] == []
    state = now(job).engine_state
    assert "entities" not in state and "label" not in state["remote"]


def test_copies_stay_where_that_is_wanted(aws, cast, settings):
    settings.AWS_KEEP_COPIES = True
    job = queued(cast)
    step(job)
    answer(aws, job)
    assert ended(job).status == "COMPLETED"
    assert aws.keys(BUCKET) == [key(job, "media"), key(job, "result.json")]


def test_copies_that_could_not_be_removed_are_removed_later(aws, cast, monkeypatch):
    job = queued(cast)
    step(job)
    answer(aws, job)
    while now(job).stage != "ASSEMBLE":
        step(job)
    aws.answers[GET] = DROPPED
    assert step(job).status == "COMPLETED"
    assert len(aws.keys(BUCKET)) == 2
    aws.answers.clear()
    copies.tidy()
    assert len(aws.keys(BUCKET)) == 2  # looked at a moment ago
    long_ago(job)
    copies.tidy()
    assert aws.keys(BUCKET) == []


def test_a_worker_is_free_between_looks_that_grow_rarer(aws, cast):
    job = queued(cast)
    aws.answers[GET] = (400, {"__type": "BadRequestException", "Message": "Not found"})
    step(job)
    pauses = [pause(job)]
    assert lease.claim("other") is None
    aws.answers[GET] = (
        200,
        {"MedicalTranscriptionJob": {"TranscriptionJobStatus": "IN_PROGRESS"}},
    )
    for _ in range(5):
        row = step(job)
        assert (row.stage, row.attempts, row.lease_owner) == ("REMOTE", 0, "")
        pauses.append(pause(job))
    assert [round(seconds, -1) or 5 for seconds in pauses[1:]] == [10, 20, 40, 60, 60]
    assert 3 < pauses[0] <= 5


def test_a_recording_that_browsers_cannot_play_gets_its_copy_once(aws, cast):
    made = factories.upload(cast, "variant_dictation.amr")
    job = made.jobs.get()
    aws.answers[START] = THROTTLED
    step(job)
    first = Recording.objects.get(pk=made.pk).playback
    assert first and media.default_storage.exists(first)
    aws.answers.clear()
    step(job)
    assert Recording.objects.get(pk=made.pk).playback == first
    assert aws.bodies(START)[-1]["MediaFormat"] == "amr"


# Cut short


def test_a_job_that_aws_has_already_is_taken_for_ours(aws, cast):
    job = queued(cast)
    aws.transcribe.start_medical_transcription_job(
        MedicalTranscriptionJobName=f"countersign-{job.pk}",
        LanguageCode="en-US",
        Media={"MediaFileUri": f"s3://{BUCKET}/x"},
        OutputBucketName=BUCKET,
        Specialty="PRIMARYCARE",
        Type="DICTATION",
    )
    aws.answers[GET] = (400, {"__type": "BadRequestException", "Message": "Not found"})
    assert step(job).stage == "REMOTE"
    assert len(aws.bodies(START)) == 1
    aws.answers.clear()
    answer(aws, job)
    assert ended(job).status == "COMPLETED"
    assert len(aws.bodies(START)) == 1


@pytest.mark.parametrize("operation", [GET, START])
def test_a_worker_that_dies_leaves_a_job_that_another_ends(aws, cast, monkeypatch, operation):
    job = queued(cast)
    method = {GET: "state", START: "start"}[operation]

    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(engine.TranscribeMedical, method, die)
        with pytest.raises(Killed):
            step(job)
    answer(aws, job)
    assert ended(job).status == "COMPLETED"
    assert len(aws.bodies(START)) == 1


# Cancels


def test_a_cancel_fences_off_a_look_that_is_under_way(aws, cast):
    job = queued(cast)
    step(job)
    answer(aws, job)
    step(job)
    MedicalTranscriptionJob.objects.filter(pk=job.pk).update(lease_until=None)
    unit = lease.claim("w", job=job)
    jobs.cancel(job=job, by=cast.editor.user)
    work.run(unit)
    assert now(job).status == "CANCELLED" and not Chunk.objects.exists()


def test_an_upload_ends_when_its_lease_is_lost(aws, cast):
    def lost() -> None:
        raise lease.LeaseLost

    with pytest.raises((lease.LeaseLost, engine.Unavailable)):
        copies.engine().upload(BUCKET, "media", rows.SPEECH, lost)
    assert aws.keys(BUCKET) == []


def test_copies_of_a_cancelled_job_go_once_aws_is_through_with_it(aws, cast):
    job = queued(cast)
    step(job)
    jobs.cancel(job=job, by=cast.editor.user)
    copies.tidy()
    assert aws.keys(BUCKET) == [key(job, "media")]  # a worker might still be uploading
    aws.answers[GET] = (200, {"MedicalTranscriptionJob": {"TranscriptionJobStatus": "IN_PROGRESS"}})
    long_ago(job)
    copies.tidy()
    assert aws.keys(BUCKET) == [key(job, "media")]
    answer(aws, job)
    aws.answers[GET] = (200, {"MedicalTranscriptionJob": {"TranscriptionJobStatus": "COMPLETED"}})
    long_ago(job)
    copies.tidy()
    assert aws.keys(BUCKET) == []
    calls = len(aws.calls)
    long_ago(job)
    copies.tidy()
    assert len(aws.calls) == calls  # nothing left to look after


def test_a_cancelled_job_started_again_at_once_goes_on(aws, cast):
    job = queued(cast)
    step(job)
    jobs.cancel(job=job, by=cast.editor.user)
    jobs.retry(job=job, by=cast.editor.user)
    answer(aws, job)
    assert ended(job).status == "COMPLETED"
    assert len(aws.bodies(START)) == 1


# Against our own


@pytest.mark.timeout(400)
def test_the_engine_works_against_our_own_aws_face(aws, cast, settings, monkeypatch, tmp_path):
    """A second Countersign, with its storage in moto's S3 and the local engine, plays AWS."""
    aws.s3.create_bucket(Bucket="own-storage")
    keys = {"AWS_ACCESS_KEY_ID": "AKIATEST", "AWS_SECRET_ACCESS_KEY": "secret"}
    storage = {"COUNTERSIGN_STORAGE": "s3://own-storage", "COUNTERSIGN_S3_ENDPOINT": aws.s3_url}
    region = {"AWS_DEFAULT_REGION": "us-east-1", "COUNTERSIGN_ENGINE": "local"}
    with servers.running(tmp_path, **keys, **storage, **region) as face:
        given = face.make_key(BUCKET)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", given.access_key_id)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", given.secret)
        monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
        settings.AWS_ENDPOINT = f"{face.url}/aws"
        engine.client.cache_clear()
        job = with_vocabulary(cast)
        MedicalTranscriptionJob.objects.filter(pk=job.pk).update(
            settings={
                "VocabularyName": "drugs",
                "ShowSpeakerLabels": True,
                "MaxSpeakerLabels": 2,
            },
            content_identification="PHI",
        )
        until = time.monotonic() + 2 * servers.PATIENCE
        while now(job).status in ("QUEUED", "IN_PROGRESS"):
            assert time.monotonic() < until, json.dumps(now(job).engine_state)
            step(job)
            time.sleep(1)
        assert (now(job).status, now(job).failure_reason) == ("COMPLETED", "")
    said = " ".join(
        item["content"] for row in Transcript.objects.get().segments.all() for item in row.items
    )
    assert "what your country can do for you" in said
    assert aws.keys(BUCKET) == []
