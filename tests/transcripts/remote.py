"""Jobs at a stand-in for AWS, and the steps of a worker on them, for tests."""

from datetime import timedelta
from pathlib import Path

from django.db.models.functions import Now

from tests import rows
from tests.transcripts.standin import StandIn
from transcripts import lease
from transcripts.actions import copies, jobs, vocabularies, work
from transcripts.models import MedicalTranscriptionJob

RESULT = Path(__file__).parent / "engines" / "aws_speakers.json"
BUCKET = "hill-practice"
TABLE = "Phrase\tIPA\tSoundsLike\tDisplayAs\nlisinopril\t\t\t\n"
GET, START = "GetMedicalTranscriptionJob", "StartMedicalTranscriptionJob"


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


def with_vocabulary(cast, name: str = "drugs") -> MedicalTranscriptionJob:
    made = vocabularies.create(practice=cast.practice, name=name, content=TABLE, by=None)
    return again(cast, vocabularies.check(vocabulary=made))


def again(cast, vocabulary) -> MedicalTranscriptionJob:
    return queued(cast, settings={"VocabularyName": vocabulary.name}, vocabulary=vocabulary)
