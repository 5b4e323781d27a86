"""A new practice is set up step by step; its worklist says what to do first."""

import pytest

from review.enums import SetupState, SetupStep
from review.models import AuditEvent, Letterhead, SetupMark
from tests import rows
from transcripts.models import Invitation, Membership, Practice, RetentionRule, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(db):
    """Alone in a new practice."""
    practice = Practice.objects.create(name="Lake Practice", bucket="lake-practice")
    user = User.objects.create_user("mona", first_name="Mona")
    return Membership.objects.create(user=user, practice=practice, role="manager")


GIVEN = {
    "practice": {"name": "Lakeside Practice"},
    "letterhead": {"name": "Lakeside Practice", "address": "1 Shore Road", "phone": "555"},
    "defaults": {"default_specialty": "PEDIATRICS", "default_type": "CONVERSATION"},
    "threshold": {"confidence_threshold": "0.90"},
    "retention": {"audio_days": "365", "draft_days": "90"},
    "engine": {"engine": "local"},
}


def test_all_steps_in_order_change_the_practice_and_end_with_nothing_open(manager, as_):
    browser = as_(manager)
    person = {"first_name": "Cora", "role": "clinician", "printed_name": "Cora Lake, MD"}
    page = browser.post("/setup/people/", person)
    assert "/invitation/" in page.content.decode()
    followed = ["practice"]
    while len(followed) < 8 and followed[-1] in GIVEN:
        answer = browser.post(f"/setup/{followed[-1]}/", GIVEN[followed[-1]])
        assert answer.status_code == 302, answer.content
        followed.append(answer.url.rstrip("/").rpartition("/")[2])
    assert followed == [*GIVEN, "setup"]
    practice = Practice.objects.get()
    assert (practice.name, str(practice.confidence_threshold)) == ("Lakeside Practice", "0.90")
    assert (practice.default_specialty, practice.engine) == ("PEDIATRICS", "local")
    assert Letterhead.objects.get().address == "1 Shore Road"
    assert RetentionRule.objects.get().audio_days == 365
    assert Invitation.objects.get().printed_name == "Cora Lake, MD"
    assert set(SetupMark.objects.values_list("state", flat=True)) == {SetupState.DONE}
    told = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"practice.changed", "letterhead.changed", "retention.changed", "setup.settled"} <= told
    upload = browser.get("/upload/").context["form"]
    assert upload["specialty"].value() == "PEDIATRICS"


def test_steps_are_passed_over_and_come_back_to(manager, as_):
    browser = as_(manager)
    for step in SetupStep.values:
        browser.post(f"/setup/{step}/", {"skip": "1"})
    page = browser.get("/setup/").content.decode()
    assert page.count("Passed over") == 7 and "7 of 7 steps" in page
    assert not AuditEvent.objects.filter(action="practice.changed").exists()
    browser.post("/setup/practice/", GIVEN["practice"])
    assert SetupMark.objects.get(step="practice").state == SetupState.DONE


@pytest.mark.parametrize(
    ("step", "given", "reason"),
    [
        ("practice", {"name": "  "}, "required"),
        ("people", {"first_name": "C", "role": "clinician"}, "prints a name"),
        ("defaults", {"default_specialty": "SURGERY", "default_type": "DICTATION"}, "valid choice"),
        ("threshold", {"confidence_threshold": "7"}, "valid choice"),
        ("retention", {"audio_days": "-1"}, "greater than or equal"),
    ],
)
def test_what_will_not_do_is_said_and_the_step_stays_open(manager, as_, step, given, reason):
    page = as_(manager).post(f"/setup/{step}/", given)
    assert page.status_code == 422 and reason in page.content.decode()
    assert not SetupMark.objects.exists()


def test_a_step_done_elsewhere_is_done_here_too(cast, as_):
    shown = as_(cast.manager).get("/setup/").context["steps"]
    assert {step.slug: step.state for step in shown}["people"] == "done"


def ticks(browser):
    return {task.label[:12]: task.done for task in browser.get("/").context["first_tasks"]}


def test_the_worklist_of_a_new_practice_says_what_to_do_and_ticks_it_off(cast, as_):
    manager, editor = as_(cast.manager), as_(cast.editor)
    assert ticks(editor) == {"Upload a fir": False, "Let it be tr": False, "Correct the ": False}
    assert ticks(manager)["Set the prac"] is False and ticks(manager)["Have a clini"] is True
    review = rows.review(cast)
    assert ticks(editor) == {"Upload a fir": True, "Let it be tr": True, "Correct the ": False}
    rows.signed(review, cast)
    assert ticks(editor) == {}


def test_with_more_than_a_few_recordings_the_worklist_asks_nothing_more(cast, as_):
    for number in range(4):
        rows.recording(cast, mrn=f"3000{number}")
    assert as_(cast.editor).get("/").context["first_tasks"] == []
