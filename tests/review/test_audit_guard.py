"""The audit log's guard: no event changes, none is forged, and a copy of it proves itself."""

import json
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from review.audit import chain
from review.models import AuditEvent, AuditHead
from tests import rows
from tests.rows import together
from transcripts import events

real_commits = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE review_auditevent SET outcome = 'success'",
        "UPDATE review_auditevent SET actor_display = 'Nobody' WHERE seq = 1",
        "DELETE FROM review_auditevent WHERE seq = 1",
        "TRUNCATE review_auditevent",
        "TRUNCATE review_auditevent CASCADE",
        "SELECT set_config('pgtrigger.ignore', '{review_auditevent:append_only}', true);"
        "DELETE FROM review_auditevent",
    ],
)
def test_the_database_refuses_to_change_the_log(review, statement):
    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("forged", ["seq", "prev_hash", "hash", "canonical", "twice"])
def test_the_database_refuses_a_forged_event(cast, review, forged):
    head = AuditHead.objects.get(practice=cast.practice.pk)
    event = AuditEvent.objects.get(practice=cast.practice.pk, seq=head.seq)
    event.pk, event._state.adding = uuid4(), True
    if forged != "twice":
        event.seq, event.prev_hash = head.seq + 1, head.hash
        text = json.dumps({"forged": True})
        event.canonical, event.hash = text, chain.digest(text)
        changes = {"seq": 99, "prev_hash": "0" * 64, "hash": "0" * 64, "canonical": "{}"}
        setattr(event, forged, changes[forged])
    with pytest.raises(DatabaseError, match="next link"), transaction.atomic():
        event.save()


def test_the_triggers_are_on(db):
    """The clean-up of other tests lifts one of them for a moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgenabled FROM pg_trigger"
            " WHERE tgrelid = 'review_auditevent'::regclass AND NOT tgisinternal"
        )
        found = dict(cursor.fetchall())
    assert {name for name, state in found.items() if state == "O"} >= {
        "review_audit_append_only",
        "review_audit_no_truncate",
        "review_audit_next_link",
    }


def test_every_practice_has_a_chain_of_its_own_that_holds(cast, review):
    rows.review(cast, author=cast.outsider)
    for practice in (cast.practice, cast.outsider.practice):
        found = AuditEvent.objects.filter(practice=practice.pk).order_by("seq")
        assert chain.first_break(event.row() for event in found) is None
        head = AuditHead.objects.get(practice=practice.pk)
        assert (head.seq, head.hash) == (found.count(), found.last().hash)


@real_commits
def test_many_writers_at_once_make_one_chain(cast):
    def write() -> None:
        for number in range(10):
            events.emit(
                events.Event(action="x", practice_id=cast.practice.pk, detail={"n": number})
            )

    assert together(*[write] * 6) == [None] * 6
    found = AuditEvent.objects.filter(practice=cast.practice.pk).order_by("seq")
    assert found.count() == 60
    assert chain.first_break(event.row() for event in found) is None
