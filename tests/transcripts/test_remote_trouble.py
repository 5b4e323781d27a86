"""Jobs at Amazon Transcribe Medical that meet trouble: waited out, or failed with a reason."""

import os

import pytest

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
)
from tests.transcripts.standin import DROPPED, THROTTLED
from transcripts.actions import copies, jobs, remote
from transcripts.engines import aws as engine


def test_aws_own_failure_is_told_in_its_words_and_a_retry_begins_anew(aws, cast):
    job = queued(cast)
    step(job)
    failed = {
        "TranscriptionJobStatus": "FAILED",
        "FailureReason": "Invalid sample rate for audio file",
    }
    aws.answers[GET] = (200, {"MedicalTranscriptionJob": failed})
    row = step(job)
    assert row.status == "FAILED"
    assert row.failure_reason == (
        "Amazon Transcribe Medical could not transcribe this recording: "
        "Invalid sample rate for audio file."
    )
    aws.answers.clear()
    jobs.retry(job=job, by=cast.editor.user)
    step(job), step(job)
    label = f"{job.pk}-2"
    assert aws.bodies(START)[-1]["MedicalTranscriptionJobName"] == f"countersign-{label}"
    answer(aws, job, label)
    assert ended(job).status == "COMPLETED"
    # For moto the first try still runs.
    assert aws.keys(BUCKET) == [key(job, "media")]
    aws.answers[GET] = (200, {"MedicalTranscriptionJob": failed})
    long_ago(job)
    copies.tidy()
    assert aws.keys(BUCKET) == []


@pytest.mark.parametrize("trouble", [THROTTLED, DROPPED, (503, {"__type": "Unavailable"})])
def test_trouble_that_passes_is_waited_out(aws, cast, trouble):
    job = queued(cast)
    aws.answers[START] = trouble
    row = step(job)
    assert (row.status, row.stage, row.attempts) == ("IN_PROGRESS", "REMOTE", 0)
    assert 0 < pause(job) <= 5
    step(job)
    assert 5 < pause(job) <= 10
    assert now(job).engine_state["remote"]["failures"] == 2
    aws.answers.clear()
    assert step(job).engine_state["remote"]["failures"] == 0
    answer(aws, job)
    assert ended(job).status == "COMPLETED"


def test_a_bucket_out_of_reach_is_waited_for(aws, cast, monkeypatch):
    job = queued(cast)
    with monkeypatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
        engine.client.cache_clear()
        row = step(job)
    assert (row.status, row.stage, row.attempts) == ("IN_PROGRESS", "PREPARE", 0)
    engine.client.cache_clear()
    assert step(job).stage == "REMOTE"


def test_after_half_an_hour_the_job_fails_and_a_retry_goes_on(aws, cast, monkeypatch):
    monkeypatch.setattr(remote, "MOST_FAILURES", 2)
    job = queued(cast)
    step(job)
    aws.answers[GET] = THROTTLED
    assert step(job).status == step(job).status == "IN_PROGRESS"
    row = step(job)
    assert row.status == "FAILED"
    assert "could not be reached for about half an hour (ThrottlingException)" in row.failure_reason
    aws.answers.clear()
    answer(aws, job)
    jobs.retry(job=job, by=cast.editor.user)
    assert ended(job).status == "COMPLETED"
    assert len(aws.bodies(START)) == 1


def test_the_pauses_of_all_failures_make_about_half_an_hour():
    pauses = [
        min(remote.LONGEST_PAUSE, remote.FIRST_PAUSE * 2**n) for n in range(remote.MOST_FAILURES)
    ]
    assert 28 * 60 <= sum(pauses) <= 35 * 60


def test_a_job_that_never_ends_at_aws_ends_here(aws, cast, monkeypatch):
    monkeypatch.setattr(remote, "MOST_LOOKS", 1)
    job = queued(cast)
    aws.answers[GET] = (200, {"MedicalTranscriptionJob": {"TranscriptionJobStatus": "QUEUED"}})
    step(job)
    assert "did not finish within a day" in step(job).failure_reason


def test_a_missing_bucket_fails_the_job_at_once(aws, cast):
    aws.s3.delete_bucket(Bucket=BUCKET)
    row = step(queued(cast))
    assert row.failure_reason == "The practice's bucket does not exist at AWS."


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("AccessDeniedException", engine.REFUSED),
        ("UnrecognizedClientException", engine.NO_CREDENTIALS),
        ("BadRequestException", "AWS refused the transcription: The S3 object is gone."),
    ],
)
def test_what_waiting_does_not_help_fails_the_job_at_once(aws, cast, code, reason):
    aws.answers[START] = (400, {"__type": code, "Message": "The S3 object is gone"})
    row = step(queued(cast))
    assert (row.status, row.failure_reason) == ("FAILED", reason)


def test_a_site_without_credentials_says_so(aws, cast, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_EC2_METADATA_DISABLED", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "true" if name.endswith("DISABLED") else os.devnull)
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    assert step(queued(cast)).failure_reason == engine.NO_CREDENTIALS


@pytest.mark.parametrize("content", [None, b"", b"{}", b"\xff", b'{"results": {"items": [1]}}'])
def test_a_result_that_is_missing_or_broken_fails_the_job_with_a_sentence(aws, cast, content):
    job = queued(cast)
    step(job)
    if content is not None:
        aws.s3.put_object(Bucket=BUCKET, Key=key(job, "result.json"), Body=content)
    reason = ended(job).failure_reason
    assert reason == (engine.NO_RESULT if content is None else engine.UNREADABLE)
