"""Which recordings a member sees: the same by the SQL that is written once as by Django's own."""

import pytest
from django.db.models import QuerySet

from tests import rows
from tests.cast import Cast
from transcripts.access import Anybody, by_sight, visible_recordings
from transcripts.actions import emergency
from transcripts.models import Membership, Recording

pytestmark = pytest.mark.django_db


@by_sight
def seen(member: Anybody, source: str) -> QuerySet[Recording]:
    return visible_recordings(member).filter(source=source).order_by("pk")


def sees(member: Membership | None) -> set[Recording]:
    """What the member sees, having been asked both ways."""
    found = set(seen(member, "UPLOAD"))
    assert found == set(visible_recordings(member))
    return found


@pytest.fixture
def others(cast: Cast) -> dict[str, Recording]:
    """By whose it is: one of each kind of recording."""
    made = {name: rows.recording(cast, mrn=name) for name in ("clinician", "colleague", "nobody")}
    author = {"colleague": cast.colleague.pk, "nobody": None}
    for name, pk in author.items():
        Recording.objects.filter(pk=made[name].pk).update(author=pk)
    return made


def test_who_sees_all_sees_what_is_of_their_practice(cast: Cast, others: dict) -> None:
    assert sees(cast.editor) == sees(cast.manager) == set(others.values())


def test_a_clinician_sees_their_own_and_what_has_no_author(cast: Cast, others: dict) -> None:
    assert sees(cast.clinician) == {others["clinician"], others["nobody"]}
    assert sees(cast.colleague) == {others["colleague"], others["nobody"]}


def test_a_clinician_sees_what_they_sent_in_whoever_dictated_it(cast: Cast, others: dict) -> None:
    mine = rows.recording(cast)
    Recording.objects.filter(pk=mine.pk).update(uploaded_by=cast.colleague.user)

    assert sees(cast.colleague) == {others["colleague"], others["nobody"], mine}


def test_auditors_strangers_and_nobody_see_none(cast: Cast, others: dict) -> None:
    assert sees(cast.auditor) == sees(cast.outsider) == sees(None) == set()


def test_who_cosigns_for_others_sees_theirs(cast: Cast, others: dict) -> None:
    Membership.objects.filter(pk=cast.clinician.pk).update(cosigned=True)

    assert sees(cast.colleague) == set(others.values())
    cast.clinician.refresh_from_db()
    assert sees(cast.clinician) == {others["clinician"], others["nobody"]}


def test_in_an_emergency_the_patients_recordings_are_seen(cast: Cast, others: dict) -> None:
    emergency.take(member=cast.colleague, mrn="clinician", reason="Unconscious after a fall.")

    assert sees(cast.colleague) == set(others.values())
