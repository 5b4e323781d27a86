"""The audit log: every act leaves exactly its event, or does not happen."""

from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings as configured
from django.db import DatabaseError, connection, transaction
from django.test import Client

from review.actions import edit, sign
from review.actions.proof import NotProven
from review.models import AuditEvent, AuditHead, Edit, Flag, Review, Segment, Signature
from review.models.audit import SYSTEM
from tests import rows
from tests.cast import PASSWORD
from tests.rows import resolve, shown
from tests.transcripts.test_upload import send
from transcripts import events, lease
from transcripts.actions import jobs, work
from transcripts.models import MedicalTranscriptionJob, Recording

real_commits = pytest.mark.django_db(transaction=True)


def actions(practice=None) -> list[str]:
    found = AuditEvent.objects.order_by("practice", "seq")
    if practice:
        found = found.filter(practice=practice.pk)
    return list(found.values_list("action", flat=True))


def since(before: int) -> list[tuple[str, str, str]]:
    """What was recorded after the first `before` events."""
    found = AuditEvent.objects.order_by("seq").values_list("action", "outcome", "actor_display")
    return list(found)[before:]


def refuse_audit_rows() -> None:
    """The database takes no audit row any more, as when its disk is full."""
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE review_auditevent ADD CONSTRAINT full_disk CHECK (false) NOT VALID"
        )


# Each act leaves its event


@pytest.fixture
def acts(cast, as_, review):
    """Name to (act, what it must leave): the path of one recording, act by act."""
    page = f"/recordings/{review.recording_id}/"
    clinician, editor, auditor = (as_(m) for m in (cast.clinician, cast.editor, cast.auditor))
    segment = review.segments.get(position=0)
    flagged = review.segments.get(position=1)

    def confirm() -> None:
        edit.confirm(
            review=review,
            segment_id=flagged.pk,
            base_version=1,
            items=[item["id"] for item in flagged.items],
            op_id=uuid4(),
            by=cast.editor,
        )

    def replace() -> None:
        edit.replace_text(
            review=review,
            segment_id=segment.pk,
            base_version=1,
            text="Patient takes aspirin.",
            op_id=uuid4(),
            by=cast.editor,
        )

    def signature() -> None:
        resolve(review, cast.editor)
        before = AuditEvent.objects.count()
        sign.sign(review=review, by=cast.clinician, password=PASSWORD, shown=shown(review))
        assert [a for a, _, _ in since(before)] == ["signing_key.created", "document.signed"]

    def wrong() -> None:
        browser = Client()
        browser.post("/accounts/login/", {"login": "carla", "password": "wrong"})

    def log_in() -> None:
        answer = Client().post("/accounts/login/", {"login": "carla", "password": PASSWORD})
        assert answer.status_code in (302, 503)

    return {
        "view": (lambda: clinician.get(page), [("review.viewed", "success", "Carla")]),
        "play": (
            lambda: clinician.get(f"{page}audio"),
            [
                ("data_key.used", "success", "Countersign"),
                ("recording.played", "success", "Carla"),
            ],
        ),
        "edit": (replace, [("segment.edited", "success", "Eve")]),
        "confirm": (confirm, [("flag.confirmed", "success", "Eve")]),
        "preview": (lambda: (resolve(review, cast.editor), clinician.get(f"{page}sign/")), None),
        "sign": (signature, None),
        "draft": (
            lambda: editor.get(f"{page}document.pdf"),
            [("draft.released", "success", "Eve")],
        ),
        "log in": (log_in, [("login.succeeded", "success", "Carla")]),
        "wrong password": (wrong, [("login.failed", "denied", "Carla")]),
        "log out": (
            lambda: clinician.post("/accounts/logout/"),
            [("logout", "success", "Carla")],
        ),
        "denied": (lambda: as_log(auditor, page), [("access.denied", "denied", "Ada")]),
        "audit page": (lambda: auditor.get("/audit/"), [("audit.viewed", "success", "Ada")]),
        "audit export": (
            lambda: auditor.post("/audit/export", {"form": "csv"}),
            [("export.requested", "success", "Ada"), ("audit.exported", "success", "Ada")],
        ),
    }


def as_log(browser, page) -> None:
    assert browser.get(page).status_code == 403


ACTS = ["view", "play", "edit", "confirm", "preview", "sign", "draft", "log in", "wrong password"]
ACTS += ["log out", "denied", "audit page", "audit export"]


@pytest.mark.usefixtures("folder_storage")
@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume async")
@pytest.mark.parametrize("name", ACTS)
def test_an_act_leaves_exactly_its_event(acts, name):
    act, expected = acts[name]
    before = AuditEvent.objects.count()
    act()
    left = since(before)
    if name == "preview":
        assert left[-1] == ("document.previewed", "success", "Carla") and len(left) == 3
    elif name == "sign":
        assert left[-1] == ("document.signed", "success", "Carla")
    else:
        assert left == expected


def test_the_path_of_a_recording_is_on_record_from_its_upload(cast, as_):
    assert send(as_(cast.editor), cast).status_code == 201
    job = MedicalTranscriptionJob.objects.get()
    jobs.cancel(job=job, by=cast.editor.user)
    jobs.retry(job=job, by=cast.editor.user)
    unit = lease.claim("w")
    jobs.fail(unit=unit, reason="A reason.")
    assert actions(cast.practice)[-5:] == [
        "recording.uploaded",
        "job.started",
        "job.cancelled",
        "job.retried",
        "job.failed",
    ]


def test_an_unknown_name_is_on_record_without_the_name(cast):
    Client().post("/accounts/login/", {"login": "Paula-Probe", "password": "x"})
    event = AuditEvent.objects.get(practice=SYSTEM)
    assert (event.action, event.outcome, event.actor_id) == ("login.failed", "denied", "")
    assert "Paula" not in event.canonical


def test_an_event_says_where_it_came_from_without_the_session_itself(cast, as_, review):
    browser = as_(cast.clinician)
    browser.get(f"/recordings/{review.recording_id}/", headers={"User-Agent": "Tester/1.0"})
    event = AuditEvent.objects.get(action="review.viewed")
    assert event.request["ip"] == "127.0.0.1" and event.request["user_agent"] == "Tester/1.0"
    assert len(event.request["request_id"]) == 32
    assert browser.session.session_key not in event.canonical
    assert event.object_id == str(review.recording_id)
    assert event.patient == str(review.recording.patient_id)


def test_no_event_holds_a_patients_data(cast, as_, review):
    browser = as_(cast.clinician)
    for address in ("", "audio", "document.txt", "state"):
        browser.get(f"/recordings/{review.recording_id}/{address}")
    resolve(review, cast.editor)
    with pytest.raises(NotProven):
        sign.sign(review=review, by=cast.clinician, password="pass-word", shown="x")
    everything = "".join(AuditEvent.objects.values_list("canonical", flat=True))
    for secret in ("Paula", "10001", "lisinopril", "Patient takes", PASSWORD, "pass-word"):
        assert secret not in everything


def test_text_in_a_detail_is_refused_before_it_is_written(cast):
    with pytest.raises(ValueError, match="never text"):
        events.emit(
            events.Event(action="x", practice_id=cast.practice.pk, detail={"a": "Paula Probe"})
        )


# No event, no act


@pytest.mark.parametrize(
    "name", ["view", "play", "edit", "confirm", "draft", "log in", "audit page", "audit export"]
)
def test_an_act_that_cannot_be_recorded_does_not_happen(acts, cast, name):
    act, _ = acts[name]
    before = [list(m.objects.order_by("pk").values()) for m in (Segment, Flag, Edit, Review)]
    refuse_audit_rows()
    events = AuditEvent.objects.count()
    with pytest.raises(DatabaseError), transaction.atomic():
        act()
        raise DatabaseError  # a page was answered 503
    after = [list(m.objects.order_by("pk").values()) for m in (Segment, Flag, Edit, Review)]
    assert after == before and AuditEvent.objects.count() == events


def test_a_signature_that_cannot_be_recorded_is_none(cast, review):
    resolve(review, cast.editor)
    digest = shown(review)
    refuse_audit_rows()
    with pytest.raises(DatabaseError), transaction.atomic():
        sign.sign(review=review, by=cast.clinician, password=PASSWORD, shown=digest)
    assert not Signature.objects.exists() and Review.objects.get().state == "ready_to_sign"


def test_an_upload_that_cannot_be_recorded_leaves_nothing(cast, as_):
    browser = as_(cast.editor)
    refuse_audit_rows()
    with pytest.raises(DatabaseError), transaction.atomic():
        send(browser, cast)
        raise DatabaseError  # it was answered 503
    assert not Recording.objects.exists()
    folder = Path(configured.STORAGE) / "countersign" / str(cast.practice.pk)
    assert not [path for path in folder.rglob("*") if path.is_file()]


@real_commits
def test_a_completed_job_that_cannot_be_recorded_is_not_completed(cast, monkeypatch):
    monkeypatch.setattr(work, "engine", lambda: rows.Says())
    rows.cut(rows.recording(cast), 1)
    work.run(lease.claim("w"))
    try:
        refuse_audit_rows()
        work.run(lease.claim("w"))
        job = MedicalTranscriptionJob.objects.get()
        assert job.status == "IN_PROGRESS" and Review.objects.get().state == "waiting"
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE review_auditevent DROP CONSTRAINT full_disk")


def test_what_is_rolled_back_leaves_no_event(cast, review):
    before = AuditHead.objects.get(practice=cast.practice.pk)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        resolve(review, cast.editor)
        raise ZeroDivisionError
    after = AuditHead.objects.get(practice=cast.practice.pk)
    assert (after.seq, after.hash) == (before.seq, before.hash)
    assert "flag.confirmed" not in actions()
