"""Emergency access: with a reason, for an hour, to read, on record, and looked at by another."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from review.models import AuditEvent
from tests import rows
from transcripts.actions import emergency
from transcripts.models import EmergencyAccess

pytestmark = pytest.mark.django_db
WHY = {"mrn": "10001", "reason": "Seizure in the waiting room"}


@pytest.fixture
def review(cast):
    return rows.review(cast)


@pytest.fixture
def colleague(cast, as_):
    """A clinician who does not see the recording."""
    return as_(cast.colleague)


def page(review) -> str:
    return f"/recordings/{review.recording_id}/"


@pytest.mark.parametrize("reason", ["", "   "])
def test_without_a_reason_there_is_no_access(review, colleague, reason):
    assert colleague.post("/emergency/", WHY | {"reason": reason}).status_code == 400
    assert colleague.get(page(review)).status_code == 404


def test_an_unknown_number_gives_none_and_is_on_record(review, colleague):
    assert colleague.post("/emergency/", WHY | {"mrn": "nobody"}).status_code == 400
    assert AuditEvent.objects.get(action="emergency.refused").outcome == "denied"


def test_a_patient_of_another_practice_is_as_unknown(cast, as_):
    rows.recording(cast, author=cast.outsider, mrn="777")
    answer = as_(cast.colleague).post("/emergency/", WHY | {"mrn": "777"})
    assert answer.status_code == 400 and not EmergencyAccess.objects.exists()


@pytest.mark.parametrize("who", ["editor", "manager", "auditor"])
def test_only_clinicians_take_it(cast, as_, review, who):
    assert as_(getattr(cast, who)).post("/emergency/", WHY).status_code == 403


def test_it_lasts_an_hour_and_every_read_in_it_is_flagged(cast, review, colleague):
    assert colleague.get(page(review)).status_code == 404
    taken = colleague.post("/emergency/", WHY)
    assert taken.url == page(review)
    grant = EmergencyAccess.objects.get()
    assert grant.ends_at - grant.began_at == timedelta(minutes=60)
    for path in ("", "state", "document.txt", "audio"):
        assert colleague.get(page(review) + path).status_code == 200
    flagged = AuditEvent.objects.filter(detail__emergency=str(grant.pk))
    kinds = set(flagged.values_list("action", flat=True))
    assert {"review.viewed", "recording.played"} <= kinds
    assert set(flagged.values_list("patient", flat=True)) == {str(grant.patient_id)}
    pass_time(minutes=61)
    assert colleague.get(page(review)).status_code == 404
    assert colleague.get(page(review) + "audio").status_code == 404
    assert emergency.tell_ends() == {"ended": 1} and emergency.tell_ends() == {"ended": 0}
    acts = AuditEvent.objects.filter(action__startswith="emergency.").order_by("seq")
    assert list(acts.values_list("action", flat=True)) == ["emergency.begun", "emergency.ended"]


def pass_time(**by: int) -> None:
    ago = timedelta(**by)
    EmergencyAccess.objects.update(began_at=F("began_at") - ago, ends_at=F("ends_at") - ago)


def test_it_is_for_reading(review, colleague):
    colleague.post("/emergency/", WHY)
    state = colleague.get(page(review) + "state").json()["review"]
    assert not state["can_edit"] and "reading only" in state["edit_reason"]
    job = review.recording.jobs.get()
    for path in ("operations", "look", "details/", "again/", "sign/"):
        assert colleague.post(page(review) + path).status_code in (403, 404), path
    assert colleague.post(f"/jobs/{job.pk}/cancel").status_code == 403
    assert AuditEvent.objects.filter(action="emergency.refused").count() >= 4


def test_one_can_give_it_up(review, colleague):
    colleague.post("/emergency/", WHY)
    colleague.post(f"/emergency/{EmergencyAccess.objects.get().pk}/end")
    assert colleague.get(page(review)).status_code == 404


def test_it_stands_among_the_unreviewed_until_somebody_else_has_looked(cast, as_, review):
    colleague, auditor = as_(cast.colleague), as_(cast.auditor)
    colleague.post("/emergency/", WHY)
    colleague.get(page(review))
    grant = EmergencyAccess.objects.get()
    shown = auditor.get("/emergency/reviews/").content.decode()
    assert "1 not reviewed yet" in shown and WHY["reason"] in shown and "1 act<" in shown
    assert "Paula Probe" not in shown and "10001" not in shown
    assert colleague.post(f"/emergency/reviews/{grant.pk}/").status_code == 403
    assert as_(cast.outsider).post(f"/emergency/reviews/{grant.pk}/").status_code == 403
    assert auditor.post(f"/emergency/reviews/{grant.pk}/", {"finding": "Right"}).status_code == 302
    assert auditor.post(f"/emergency/reviews/{grant.pk}/").status_code == 422
    assert "All are reviewed" in as_(cast.manager).get("/emergency/reviews/").content.decode()
    assert AuditEvent.objects.get(action="emergency.reviewed").actor_display == "Ada"


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"reason": " "}, "an_emergency_has_a_reason"),
        ({"ends_at": F("began_at") + timedelta(minutes=61)}, "an_hour_at_most"),
        ({"reviewed_at": F("began_at"), "reviewed_by": F("member")}, "reviewed_by_another"),
        ({"reviewed_at": F("began_at")}, "reviewed_by_another"),
    ],
)
def test_the_database_keeps_its_limits(cast, review, change, name):
    grant = emergency.take(member=cast.colleague, **WHY)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        EmergencyAccess.objects.filter(pk=grant.pk).update(**change)
