"""Vocabularies at Amazon Transcribe Medical: made there when a job first needs them."""

from tests.transcripts.remote import (
    BUCKET,
    START,
    TABLE,
    again,
    answer,
    ended,
    queued,
    step,
    with_vocabulary,
)
from tests.transcripts.standin import StandIn
from transcripts.actions import jobs, vocabularies
from transcripts.models import Transcript


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
