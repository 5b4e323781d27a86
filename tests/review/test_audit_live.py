"""The live log against the master of the database: what he changes is found, and the row named."""

import random

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from review.audit import chain, checkpoints, keyring, live
from review.models import AuditCheck, AuditCheckpoint, AuditEvent, AuditHead, AuditKey
from tests.review.test_audit_page import grow
from transcripts import duties, events

TABLES = ("review_auditevent", "review_auditcheckpoint", "review_auditkey")
ROWS = 120


@pytest.fixture
def log(cast):
    """A chain with checkpoints at 40, 80 and its end; its practice's id."""
    practice = cast.practice.pk
    AuditHead.objects.get_or_create(practice=practice)
    for _ in range(3):
        grow(cast.practice, ROWS // 3)
        checkpoints.make(practice)
    assert live.check(practice).ok
    checkpoints.make(practice)
    return practice


def tamper(sql: str, *values: object) -> None:
    """As a superuser, past the triggers and the constraints."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(sql, values)
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


CHANGES = {
    "time": "time + interval '1 second'",
    "actor_id": "'somebody'",
    "actor_display": "'Somebody'",
    "actor_role": "'manager'",
    "action": "'other.act'",
    "object_type": "'Thing'",
    "object_id": "'1'",
    "object_version": "'9'",
    "outcome": "'denied'",
    "patient": "'p'",
    "detail": "'{\"n\": 0}'",
    "request": '\'{"ip": null, "user_agent": null, "request_id": null, "session": "x"}\'',
    "prev_hash": "repeat('1', 64)",
    "hash": "repeat('1', 64)",
    "canonical": "replace(canonical, 'success', 'failure')",
    "seq": "seq + 100000",
}


@pytest.mark.parametrize("column", CHANGES)
def test_a_changed_column_is_found_and_its_row_named(log, column):
    at = random.Random(column).randrange(1, ROWS)
    where = "WHERE practice = %s AND seq = %s"
    tamper(f"UPDATE review_auditevent SET {column} = {CHANGES[column]} {where}", log, at)
    done = live.check(log)
    assert not done.ok and done.broken_seq == (at + 1 if column == "seq" else at), done.reason


def test_a_deleted_row_is_found(log):
    tamper("DELETE FROM review_auditevent WHERE practice = %s AND seq = 50", log)
    assert live.check(log).broken_seq == 51


def test_rows_that_changed_places_are_found(log):
    for before, after in ((60, -1), (61, 60), (-1, 61)):
        where = "WHERE practice = %s AND seq = %s"
        tamper(f"UPDATE review_auditevent SET seq = %s {where}", after, log, before)
    assert live.check(log).broken_seq == 60


@pytest.mark.parametrize("seq", [70, 999_999, 0])
def test_an_inserted_or_doubled_row_is_found(log, seq):
    with connection.cursor() as cursor:
        for name in ("audit_seq_unique_in_chain", "audit_never_forks"):
            cursor.execute(f"ALTER TABLE review_auditevent DROP CONSTRAINT {name}")
    copied = [field.column for field in AuditEvent._meta.fields if field.name not in ("id", "seq")]
    names = ", ".join(copied)
    tamper(
        f"INSERT INTO review_auditevent (id, seq, {names}) SELECT gen_random_uuid(), %s, {names}"
        " FROM review_auditevent WHERE practice = %s AND seq = 70",
        seq,
        log,
    )
    done = live.check(log)
    assert not done.ok and done.reason


def rewrite(practice, k: int) -> None:
    """The whole chain from row k anew, with right hashes, columns and head."""
    found = list(AuditEvent.objects.filter(practice=practice, seq__gte=k).order_by("seq"))
    previous = found[0].prev_hash
    for event in found:
        row = event.row()
        said = {name: getattr(row, name) for name in chain.CONTENT}
        if event.seq == k:
            said["outcome"] = "denied"
        text, value = chain.seal(said, seq=event.seq, prev_hash=previous)
        tamper(
            "UPDATE review_auditevent SET outcome = %s, canonical = %s, hash = %s, prev_hash = %s"
            " WHERE id = %s",
            *(said["outcome"], text, value, previous, event.pk),
        )
        previous = value
    AuditHead.objects.filter(practice=practice).update(hash=previous)


def test_a_chain_written_anew_is_found_by_its_signed_checkpoints(log):
    rewrite(log, 75)
    done = live.check(log)
    assert not done.ok and done.broken_seq == 41
    assert done.reason == "among rows 41 to 80 are some that were not signed"


def test_checkpoints_written_anew_are_found_by_their_signature(log):
    pin = AuditCheckpoint.objects.get(practice=log, size=80)
    changed = pin.statement.replace(pin.root, "0" * 64)
    tamper(
        "UPDATE review_auditcheckpoint SET root = %s, statement = %s WHERE id = %s",
        *("0" * 64, changed, pin.pk),
    )
    done = live.check(log)
    assert (done.broken_seq, "signature" in done.reason) == (80, True)


def test_a_checkpoint_that_was_taken_out_is_missed(log):
    tamper("DELETE FROM review_auditcheckpoint WHERE practice = %s AND size = 80", log)
    assert "the one before it is missing" in live.check(log).reason


def test_a_cut_tail_is_found_by_the_checkpoint_that_knew_it(log):
    tamper("DELETE FROM review_auditevent WHERE practice = %s AND seq > 100", log)
    last = AuditEvent.objects.get(practice=log, seq=100)
    AuditHead.objects.filter(practice=log).update(seq=100, hash=last.hash)
    assert live.check(log).broken_seq == 101


def test_no_checkpoint_is_made_upon_a_broken_chain(log):
    events.emit(events.Event(action="x", practice_id=log))
    tamper("UPDATE review_auditcheckpoint SET frontier = '[]' WHERE practice = %s", log)
    with pytest.raises((checkpoints.Broken, ValueError)):
        checkpoints.make(log)


def test_the_command_says_so_and_fails(log, capsys):
    call_command("audit_verify", practice=log)
    assert f"{log} ok: " in capsys.readouterr().out
    tamper("DELETE FROM review_auditevent WHERE practice = %s AND seq = 7", log)
    with pytest.raises(CommandError, match="tampered"):
        call_command("audit_verify", practice=log)
    assert f"{log} seq 8: " in capsys.readouterr().out


def test_the_nightly_duty_keeps_what_it_found_and_fails_on_a_break(log, monkeypatch):
    monkeypatch.setattr(duties.workers, "stopping", lambda: False)
    assert duties.run("audit-check").outcome == "ok"
    tamper("DELETE FROM review_auditevent WHERE practice = %s AND seq = 7", log)
    assert duties.run("audit-check").outcome == "Broken"
    assert "audit-check" in duties.failing()
    assert not AuditCheck.objects.filter(practice=log).first().ok


def test_a_new_key_is_endorsed_by_the_one_before_it(log, capsys):
    before = keyring.active()
    call_command("audit_rotate_key")
    key = keyring.active()
    assert key != before and key.key_id in capsys.readouterr().out
    from review.release import canonical

    assert canonical.verify(key.public_key.encode(), key.endorsement, before.public_key)
    events.emit(events.Event(action="x", practice_id=log))
    assert checkpoints.make(log).key_id == key.key_id
    assert live.check(log).ok
    assert AuditKey.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_checkpoint_is_made_at_every_thousand_rows_without_being_asked(cast):
    AuditHead.objects.get_or_create(practice=cast.practice.pk)
    grow(cast.practice, 998)
    events.emit(events.Event(action="x", practice_id=cast.practice.pk))
    assert not AuditCheckpoint.objects.exists()
    events.emit(events.Event(action="x", practice_id=cast.practice.pk))
    assert AuditCheckpoint.objects.get().size == 1000
