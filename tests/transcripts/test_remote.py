"""Jobs at Amazon Transcribe Medical: looked at now and then, never lost, nothing left behind."""

import json
import os
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models.functions import Now

from review.models import Review
from tests import factories, rows
from tests.conformance import server as servers
from tests.transcripts import standin
from tests.transcripts.standin import DROPPED, THROTTLED, StandIn
from transcripts import lease, media
from transcripts.actions import copies, jobs, remote, vocabularies, work
from transcripts.engines import aws as engine
from transcripts.models import Chunk, MedicalTranscriptionJob, Recording, Transcript

RESULT = Path(__file__).parent / "engines" / "aws_speakers.json"
BUCKET = "hill-practice"
TABLE = "Phrase\tIPA\tSoundsLike\tDisplayAs\nlisinopril\t\t\t\n"
GET, START = "GetMedicalTranscriptionJob", "StartMedicalTranscriptionJob"
ASKED = {
    "ShowSpeakerLabels": True,
    "MaxSpeakerLabels": 2,
    "ShowAlternatives": True,
    "MaxAlternatives": 2,
}


@pytest.fixture(scope="module")
def started() -> Iterator[StandIn]:
    with standin.running() as running:
        yield running


@pytest.fixture
def aws(started, settings, monkeypatch, cast) -> Iterator[StandIn]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", started.s3_url)
    settings.AWS_ENDPOINT = started.url
    settings.ENGINE = "aws"
    copies._last.clear()
    engine.client.cache_clear()
    started.clear()
    started.s3.create_bucket(Bucket=BUCKET)
    yield started
    engine.client.cache_clear()


def queued(cast, **request) -> MedicalTranscriptionJob:
    made = rows.recording(cast)
    MedicalTranscriptionJob.objects.filter(recording=made).delete()
    asked = jobs.Request(**request)
    return jobs.start(recording=made, by=cast.editor.user, request=asked)


def now(job) -> MedicalTranscriptionJob:
    return MedicalTranscriptionJob.objects.get(pk=job.pk)


def step(job) -> MedicalTranscriptionJob:
    """One claim of a worker, as if the job's pause were over."""
    MedicalTranscriptionJob.objects.filter(pk=job.pk).update(lease_until=None)
    unit = lease.claim("w", job=job)
    assert unit is not None
    work.run(unit)
    return now(job)


def key(job, copy: str, label: str = "") -> str:
    return f"countersign-jobs/{label or job.pk}/{copy}"


def answer(aws: StandIn, job, label: str = "") -> None:
    """What moto does not do: the result object that AWS writes."""
    where = key(job, "result.json", label)
    aws.s3.put_object(Bucket=BUCKET, Key=where, Body=RESULT.read_bytes())


def ended(job, most: int = 12) -> MedicalTranscriptionJob:
    for _ in range(most):
        if now(job).status not in ("QUEUED", "IN_PROGRESS"):
            return now(job)
        step(job)
    raise AssertionError(f"not ended: {now(job).stage}")


def pause(job) -> float:
    row = MedicalTranscriptionJob.objects.annotate(now=Now()).get(pk=job.pk)
    return (row.lease_until - row.now).total_seconds()


def long_ago(job) -> None:
    """The job ended, and was last looked at, longer ago than the grace."""
    past = Now() - timedelta(minutes=5)
    MedicalTranscriptionJob.objects.filter(pk=job.pk).update(completed_at=past, served_at=past)
    copies._last.clear()


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


# Failures


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


# Vocabularies


def with_vocabulary(cast, name: str = "drugs") -> MedicalTranscriptionJob:
    made = vocabularies.create(practice=cast.practice, name=name, content=TABLE, by=None)
    return again(cast, vocabularies.check(vocabulary=made))


def again(cast, vocabulary) -> MedicalTranscriptionJob:
    return queued(cast, settings={"VocabularyName": vocabulary.name}, vocabulary=vocabulary)


def at_aws(aws: StandIn) -> list[str]:
    found = aws.transcribe.list_medical_vocabularies(MaxResults=100)["Vocabularies"]
    return [row["VocabularyName"] for row in found]


def test_a_vocabulary_is_made_at_aws_and_waited_for(aws, cast):
    job = with_vocabulary(cast)
    step(job)
    name = f"drugs-{job.vocabulary.pk.hex[-12:]}-v1"
    (made,) = aws.bodies("CreateMedicalVocabulary")
    assert made["VocabularyName"] == name
    table = made["VocabularyFileUri"].removeprefix(f"s3://{BUCKET}/")
    assert aws.s3.get_object(Bucket=BUCKET, Key=table)["Body"].read().decode() == TABLE
    assert not aws.bodies(START)
    while not aws.bodies(START):
        step(job)
    assert aws.bodies(START)[0]["Settings"] == {"VocabularyName": name}
    answer(aws, job)
    assert ended(job).status == "COMPLETED"
    assert aws.keys(BUCKET) == [] and at_aws(aws) == [name]


def test_the_next_job_finds_the_vocabulary_there(aws, cast):
    first = with_vocabulary(cast)
    while not aws.bodies(START):
        step(first)
    step(again(cast, first.vocabulary))
    assert len(aws.bodies("CreateMedicalVocabulary")) == 1 and len(aws.bodies(START)) == 2


def test_a_replaced_vocabulary_goes_when_no_job_uses_it(aws, cast):
    first = with_vocabulary(cast)
    step(first)
    old, *_ = at_aws(aws)
    new = vocabularies.replace(vocabulary=first.vocabulary, content=TABLE + "TSH\t\t\t\n", by=None)
    new = vocabularies.check(vocabulary=new)
    step(again(cast, new))
    assert at_aws(aws) == [old, old[:-1] + "2"]
    jobs.cancel(job=first, by=cast.editor.user)
    new = vocabularies.replace(vocabulary=new, content=TABLE, by=None)
    step(again(cast, vocabularies.check(vocabulary=new)))
    assert at_aws(aws) == [old[:-1] + "2", old[:-1] + "3"]


def test_a_vocabulary_that_aws_refuses_fails_the_job(aws, cast):
    failed = {"VocabularyState": "FAILED", "FailureReason": "Phrase 1 is too long"}
    aws.answers["GetMedicalVocabulary"] = (200, failed)
    row = step(with_vocabulary(cast))
    assert row.failure_reason == (
        "Amazon Transcribe Medical does not accept the vocabulary: Phrase 1 is too long."
    )


def test_a_vocabulary_deleted_meanwhile_leaves_a_warning(aws, cast):
    job = queued(cast, settings={"VocabularyName": "gone"})
    step(job)
    assert "Settings" not in aws.bodies(START)[0]
    answer(aws, job)
    ended(job)
    assert [w["code"] for w in Transcript.objects.get().warnings] == ["vocabulary"]


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
