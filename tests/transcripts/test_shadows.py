"""Shadows: a finished recording sent to AWS as well, to compare. Off, refused and broken first."""

import json
from typing import Any

import pytest

from review.models import AuditEvent, Comparison, Review
from tests import factories, rows
from tests.transcripts.remote import BUCKET, GET, RESULT, START, TABLE
from tests.transcripts.standin import THROTTLED
from transcripts import lease, tasks
from transcripts.actions import copies, remote, shadows, vocabularies
from transcripts.engines import aws as engine
from transcripts.models import MachineSegment, MedicalTranscriptionJob, Practice, Shadow

# What AWS's result in the test folder says too, but for three places.
SAID = [
    "How long had you had the chest pain",
    "Since March 4th My name is Carol Marsh",
    "And you still take listen pro 50 mg",
]
DIFFER = [
    ("other", "had", "have"),
    ("number", "4th", "3rd"),
    ("drug", "listen pro 50", "lisinopril 15"),
]


@pytest.fixture
def wanted(aws, cast, settings):
    """Site and practice both want shadows; AWS writes its result as soon as a job starts."""
    settings.ENGINE, settings.SHADOW = "local", "aws"
    Practice.objects.filter(pk=cast.practice.pk).update(shadow=True)
    cast.practice.refresh_from_db()
    aws.result = RESULT.read_bytes()
    return aws


def finished(cast, **changes: Any) -> Review:
    """A recording that the local engine is done with."""
    lines = [[(word, 0.9) for word in text.split()] for text in SAID]
    made = [factories.line(words, start=5.0 * number) for number, words in enumerate(lines)]
    return factories.assembled(rows.recording(cast, **changes), made)


def step() -> Shadow:
    """One turn of an idle worker, as if the shadow's pause were over."""
    Shadow.objects.update(lease_until=None)
    shadows.turn("w")
    return Shadow.objects.get()


def ended(most: int = 10) -> Shadow:
    for _ in range(most):
        shadow = step()
        if shadow.status not in ("QUEUED", "IN_PROGRESS"):
            return shadow
    raise AssertionError(f"not ended: {shadow.stage} {shadow.engine_state}")


def acts(action: str) -> int:
    return AuditEvent.objects.filter(action=action).count()


# Nothing leaves


@pytest.mark.parametrize(("site", "practice"), [("", True), ("aws", False), ("", False)])
def test_nothing_leaves_unless_site_and_practice_both_want_it(aws, cast, settings, site, practice):
    settings.ENGINE, settings.SHADOW = "local", site
    Practice.objects.filter(pk=cast.practice.pk).update(shadow=practice)
    finished(cast)
    shadows.turn("w")
    assert not Shadow.objects.exists()
    assert aws.calls == [] and aws.keys(BUCKET) == []


def test_what_aws_transcribed_has_no_shadow(wanted, cast, settings):
    settings.ENGINE = "aws"
    finished(cast)
    assert not Shadow.objects.exists()


def test_another_practice_is_not_meant(wanted, cast):
    finished(cast, author=cast.outsider)
    assert not Shadow.objects.exists()


def test_what_waits_when_it_is_switched_off_never_leaves(wanted, cast):
    finished(cast)
    Practice.objects.filter(pk=cast.practice.pk).update(shadow=False)
    shadow = step()
    assert (shadow.status, shadow.failure_reason) == ("FAILED", shadows.SWITCHED_OFF)
    assert wanted.calls == [] and wanted.keys(BUCKET) == []
    assert acts("shadow.sent") == 0


def test_what_was_sent_when_it_is_switched_off_is_removed(wanted, cast, settings):
    finished(cast)
    step()
    settings.SHADOW = ""
    assert step().status == "FAILED"
    wanted.answers[GET] = (200, {"MedicalTranscriptionJob": {"TranscriptionJobStatus": "FAILED"}})
    Shadow.objects.update(completed_at="2020-01-01T00:00Z", served_at=None)
    copies._last.clear()
    copies.tidy()
    assert wanted.keys(BUCKET) == []


def test_who_switches_it_is_in_the_audit_log(cast, as_):
    cast.manager.user.is_staff = True
    cast.manager.user.save()
    page = f"/admin/transcripts/practice/{cast.practice.pk}/change/"
    shown = as_(cast.manager).get(page).context["adminform"].form
    sent = {name: value for name, value in shown.initial.items() if value not in (None, False)}
    sent |= {"shadow": "on"}
    assert as_(cast.manager).post(page, sent).status_code == 302
    event = AuditEvent.objects.get(action="shadow.switched")
    assert (event.actor_display, event.detail) == ("Max", {"on": True})
    assert Practice.objects.get(pk=cast.practice.pk).shadow


# The way of a shadow


def test_a_finished_recording_is_transcribed_there_too_and_compared(wanted, cast):
    review = finished(cast)
    before = review.text.values_list("pk", "text", "items", "version")
    kept = list(before), list(review.flags.values_list("pk", "state")), review.state
    machine = list(MachineSegment.objects.values_list("pk", "items"))
    shadow = ended()
    assert (shadow.status, shadow.model) == ("COMPLETED", "transcribe-medical@us-east-1")
    assert shadow.segments[0]["items"][0]["content"] == "How"
    found = Comparison.objects.get()
    assert found.transcript_id == review.transcript_id
    assert [(p["kind"], p["ours"], p["theirs"]) for p in found.places] == DIFFER
    assert (found.ours, found.theirs, found.same) == (24, 23, 19)
    review = Review.objects.get(pk=review.pk)
    flags = list(review.flags.values_list("pk", "state"))
    assert (list(before.all()), flags, review.state) == kept
    assert list(MachineSegment.objects.values_list("pk", "items")) == machine
    assert [acts(f"shadow.{act}") for act in ("sent", "completed", "failed")] == [1, 1, 0]
    events = AuditEvent.objects.filter(action__startswith="shadow.")
    assert "Carol" not in json.dumps(list(events.values_list("detail", "canonical")), default=str)


def test_aws_is_asked_for_the_same_and_keeps_nothing(wanted, cast):
    made = vocabularies.create(practice=cast.practice, name="drugs", content=TABLE, by=None)
    vocabulary = vocabularies.check(vocabulary=made)
    made = rows.recording(cast)
    asked = {"VocabularyName": "drugs", "ShowSpeakerLabels": True, "MaxSpeakerLabels": 2}
    jobs = MedicalTranscriptionJob.objects.filter(recording=made)
    jobs.update(settings=asked, vocabulary=vocabulary, content_identification="PHI")
    factories.transcribed(made, [[("Hello", 0.9)]])
    shadow = ended()
    assert shadow.status == "COMPLETED"
    (body,) = wanted.bodies(START)
    assert body["MedicalTranscriptionJobName"] == f"countersign-{shadow.pk}"
    assert body["Settings"] == asked | {"VocabularyName": body["Settings"]["VocabularyName"]}
    assert body["ContentIdentificationType"] == "PHI"
    assert wanted.keys(BUCKET) == []
    assert (
        wanted.transcribe.list_medical_transcription_jobs()["MedicalTranscriptionJobSummaries"]
        == []
    )


def test_a_worker_serves_those_who_wait_first(wanted, cast, monkeypatch):
    finished(cast)
    waiting = rows.recording(cast, mrn="2").jobs.get()
    served = []
    monkeypatch.setattr(tasks, "run", lambda unit: served.append(unit.job.pk))
    tasks.work()
    assert served == [waiting.pk] and wanted.calls == []
    waiting.delete()
    tasks.work()
    assert wanted.bodies(GET)


def test_each_transcript_is_sent_once(wanted, cast):
    review = finished(cast)
    shadow = ended()
    assert shadows.claim("w") is None
    assert wanted.bodies(START) and len(wanted.bodies(START)) == 1
    assert shadow.job.transcript == review.transcript


# Trouble


def test_aws_failure_is_a_note_and_nothing_more(wanted, cast):
    review = finished(cast)
    failed = {"TranscriptionJobStatus": "FAILED", "FailureReason": "Internal trouble"}
    wanted.answers[GET] = (200, {"MedicalTranscriptionJob": failed})
    shadow = ended()
    assert shadow.status == "FAILED" and "Internal trouble." in shadow.failure_reason
    job = MedicalTranscriptionJob.objects.get(recording=review.recording)
    assert (job.status, job.failure_reason) == ("COMPLETED", "")
    assert acts("shadow.failed") == 1 and acts("job.failed") == 0
    assert not Comparison.objects.exists()


def test_a_site_without_credentials_is_a_note(wanted, cast):
    wanted.answers[START] = (400, {"__type": "UnrecognizedClientException", "Message": "No"})
    finished(cast)
    assert ended().failure_reason == engine.NO_CREDENTIALS


def test_trouble_that_passes_is_waited_out_and_that_does_not_ends(wanted, cast, monkeypatch):
    monkeypatch.setattr(remote, "MOST_FAILURES", 2)
    finished(cast)
    wanted.answers[GET] = THROTTLED
    shadow = step()
    assert (shadow.status, shadow.attempts) == ("IN_PROGRESS", 0)
    assert shadow.engine_state["remote"]["failures"] == 1 and shadow.lease_until
    wanted.answers.clear()
    assert step().engine_state["remote"]["failures"] == 0
    wanted.answers[GET] = THROTTLED
    assert "could not be reached" in ended().failure_reason


def test_a_worker_that_dies_leaves_a_shadow_that_another_ends(wanted, cast, monkeypatch):
    finished(cast)

    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(engine.TranscribeMedical, "start", die)
        with pytest.raises(Killed):
            step()
    assert shadows.claim("other") is None  # leased still
    assert ended().status == "COMPLETED"
    assert len(wanted.bodies(START)) == 1


def test_one_that_keeps_killing_its_worker_ends(wanted, cast):
    finished(cast)
    Shadow.objects.update(attempts=lease.MAX_ATTEMPTS)
    assert "stopped unexpectedly" in step().failure_reason


def test_a_comparison_that_cannot_be_made_ends_too(wanted, cast, monkeypatch):
    def broken(*_: object) -> None:
        raise ValueError("what was said")

    monkeypatch.setattr("review.differences.compare", broken)
    finished(cast)
    shadow = ended()
    assert "stopped unexpectedly" in shadow.failure_reason
    assert shadow.segments == [] and not Comparison.objects.exists()
