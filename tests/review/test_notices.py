"""Notices by mail: who gets which, over a real connection, and never a word of the patient."""

import socket
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from review.actions import disputes, flags, notices, second_reviews, worklist
from review.enums import NoticeKind
from review.models import AuditEvent, Notice, Review
from tests import rows
from tests.cast import PASSWORD
from tests.review import seconds
from tests.review.mailbox import mail_server
from transcripts.models import Membership, User

pytestmark = pytest.mark.django_db
SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.fixture
def review(cast):
    User.objects.filter(username="eve").update(email="eve@example.org")
    User.objects.filter(username="carla").update(email="carla@example.org")
    User.objects.filter(username="max").update(email="max@example.org")
    for member in (cast.editor, cast.clinician, cast.manager):
        member.user.refresh_from_db()
    return rows.review(cast)


@pytest.fixture
def box(settings):
    with mail_server() as server:
        settings.EMAIL_BACKEND, settings.EMAIL_TIMEOUT = SMTP, 5
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = ""
        yield server


def owed():
    found = Notice.objects.filter(state="owed").order_by("pk")
    return [(row.member.user.username, row.kind) for row in found]


def send():
    Notice.objects.filter(state="owed").update(due_at=Now())
    return notices.send_due()


def late(review):
    Review.objects.filter(pk=review.pk).update(due_at=timezone.now() - timedelta(hours=1))
    worklist.escalate_due()


def ask(review, cast):
    segment = review.segments.order_by("position").first()
    flags.query(
        review=review,
        segment_id=segment.pk,
        base_version=segment.version,
        items=[segment.items[2]["id"]],
        note="Is lisinopril right?",
        op_id=uuid4(),
        by=cast.editor,
    )


def test_the_author_is_told_of_a_pended_document_and_the_mail_names_no_patient(cast, review, box):
    worklist.pend(review=review, reason="audio", note="Paula is faint", by=cast.editor)
    assert owed() == [("carla", "pended")]
    assert send()["sent"] == 1
    (mail,) = box.got
    assert "To: carla@example.org" in mail and f"/recordings/{review.recording_id}/" in mail
    assert "Subject: Countersign: a document of yours rests" in mail and "/my-notices/" in mail
    for word in ("Paula", "Probe", "10001", "faint", "lisinopril", "speech", "Eve"):
        assert word not in mail
    assert send()["sent"] == 0 and len(box.got) == 1


def test_several_questions_make_one_mail_that_leads_to_them(cast, review, box):
    ask(review, cast)
    worklist.pend(review=review, reason="query", note="", by=cast.editor)
    assert owed() == [("carla", "question")]
    assert notices.send_due()["sent"] == 0, "others may follow"
    send()
    assert len(box.got) == 1 and f"/recordings/{review.recording_id}/questions/" in box.got[0]


def test_a_late_document_is_told_to_who_works_on_it_or_else_to_the_managers(cast, review):
    late(review)
    assert owed() == [("max", "late")]
    Notice.objects.all().delete()
    Review.objects.filter(pk=review.pk).update(late_at=None, assignee=cast.editor.user)
    late(review)
    assert owed() == [("eve", "late")]


def test_nobody_is_told_who_does_it_themself_or_wants_no_mail_or_has_no_address(cast, review):
    worklist.pend(review=review, reason="audio", note="", by=cast.clinician)
    assert owed() == []
    for change in ({"notices_off": ["pended"]}, {"email": "", "notices_off": []}):
        User.objects.filter(username="carla").update(**change)
        worklist.unpend(review=review, by=cast.editor)
        worklist.pend(review=review, reason="audio", note="", by=cast.editor)
        assert owed() == []


def test_what_was_settled_meanwhile_is_not_mailed(cast, review, box):
    worklist.pend(review=review, reason="audio", note="", by=cast.editor)
    worklist.unpend(review=review, by=cast.editor)
    assert send()["sent"] == 0 and box.got == []
    assert Notice.objects.get().state == "cancelled"


def test_a_server_that_is_away_is_asked_again_later_and_at_last_no_more(cast, review, settings):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.EMAIL_BACKEND, settings.EMAIL_TIMEOUT = SMTP, 2
        settings.EMAIL_HOST, settings.EMAIL_PORT = closed.getsockname()
        worklist.pend(review=review, reason="audio", note="", by=cast.editor)
        late(review)
        send()
        tried = Notice.objects.exclude(outcome="").get()
        assert (tried.attempts, tried.outcome, tried.state) == (1, "ConnectionRefusedError", "owed")
        assert tried.due_at > timezone.now()
        assert Notice.objects.filter(attempts=0).count() == 1, "the run ended there"
        Notice.objects.filter(pk=tried.pk).update(attempts=notices.MOST_ATTEMPTS - 1)
        Notice.objects.exclude(pk=tried.pk).update(created_at=timezone.now() - timedelta(days=2))
        send()
    assert set(Notice.objects.values_list("state", "outcome")) == {
        ("given_up", "ConnectionRefusedError"),
        ("given_up", "TooOld"),
    }


def test_an_address_that_is_refused_holds_up_nobody_else(cast, review, box):
    worklist.pend(review=review, reason="audio", note="", by=cast.editor)
    box.refuse = "550 no such person"
    send()
    assert Notice.objects.get().outcome == "SMTPRecipientsRefused"
    box.refuse = ""
    assert send()["sent"] == 1


def test_old_notices_go_by_themselves(cast, review, box):
    worklist.pend(review=review, reason="audio", note="", by=cast.editor)
    send()
    Notice.objects.update(settled_at=timezone.now() - timedelta(days=31))
    notices.send_due()
    assert not Notice.objects.exists()


def test_a_person_chooses_on_a_page_and_another_address_takes_the_password(cast, review, as_):
    browser = as_(cast.clinician)
    assert "carla@example.org" in browser.get("/my-notices/").content.decode()
    given = {"kinds": ["question"], "email": "carla@example.org"}
    assert browser.post("/my-notices/", given).status_code == 302
    user = User.objects.get(username="carla")
    assert set(user.notices_off) == set(NoticeKind.values) - {"question"}
    moved = given | {"email": "else@example.org"}
    assert browser.post("/my-notices/", moved).status_code == 422
    assert browser.post("/my-notices/", moved | {"password": PASSWORD}).status_code == 302
    assert User.objects.get(username="carla").email == "else@example.org"
    rows_ = AuditEvent.objects.filter(action="notices.changed").order_by("seq")
    assert [row.detail["address_changed"] for row in rows_] == [False, True]


def test_what_second_reviews_ask_of_people_is_mailed_and_stands_above_their_worklist(
    cast, as_, box
):
    people = {name: seconds.second_editor(cast, name) for name in ("sven",)}
    for member in (*people.values(), cast.clinician, cast.editor):
        User.objects.filter(pk=member.user_id).update(email=f"{member.user.username}@example.org")
        member.user.refresh_from_db()
    second = seconds.drawn(cast, {0: "Patient takes lisinopril daily."})
    by = Membership.objects.get(user=second.reviewer)
    said = {name: as_(who) for name, who in (("by", by), ("author", cast.clinician))}

    def shown(name):
        page = said[name].get("/")
        return {k: page.context.get(k) for k in ("second_reviews", "corrections", "disputes")}

    assert (by.user.username, "second_review") in owed()
    assert shown("by") == {"second_reviews": 1, "corrections": 0, "disputes": 0}
    assert send()["sent"] == 1 and "/quality/" in box.got[0]
    assert str(second.review.recording_id) not in box.got[0], "nobody is led to the signed text"

    seconds.submitted(second, by, dict(enumerate(seconds.TRUE)))
    seconds.closed(second, by)
    assert ("carla", "correction") in owed()
    assert shown("author")["corrections"] == 1 and shown("by")["second_reviews"] is None
    finding = second.findings.filter(verdict="signed_wrong").first()
    subject = Membership.objects.get(user=second.subject)
    disputes.open_dispute(finding=finding, text="The voice says lisinopril.", by=subject)
    assert (by.user.username, "dispute") in owed()
    assert shown("by")["disputes"] == 1
    assert send()["sent"] == 2
    for mail in box.got:
        for word in ("Paula", "Probe", "10001", "lisinopril", "losartan"):
            assert word not in mail


def test_a_second_review_that_was_done_before_its_mail_is_not_mailed(cast, box):
    sven = seconds.second_editor(cast)
    User.objects.filter(pk=sven.user_id).update(email="sven@example.org")
    second = seconds.drawn(cast)
    assert owed() == [("sven", "second_review")]
    seconds.submitted(second, sven, {})
    second_reviews.close(second=second, by=sven)
    assert send()["sent"] == 0 and box.got == []
