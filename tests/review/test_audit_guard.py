"""The audit log's guard: no event changes, none is forged, and a copy of it proves itself."""

import json
import subprocess
import sys
from uuid import uuid4

import pytest
from django.conf import settings as configured
from django.db import DatabaseError, connection, transaction

from review.audit import chain
from review.models import AuditEvent, AuditHead
from tests import rows
from tests.rows import resolve, together
from transcripts import events

VERIFY = configured.BASE_DIR / "review" / "audit" / "verify.py"
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


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume async")
def test_the_export_verifies_without_the_application(cast, as_, review, tmp_path):
    resolve(review, cast.editor)
    cast.auditor.user.first_name, cast.auditor.user.last_name = "=1+1", ""
    cast.auditor.user.save()
    browser = as_(cast.auditor)
    file = tmp_path / "audit.csv"
    file.write_bytes(b"".join(browser.get("/audit/export.csv")))
    head = AuditHead.objects.get(practice=cast.practice.pk)

    def verify(*more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", str(VERIFY), str(file), *more]
        return subprocess.run(command, capture_output=True, text=True)

    checked = verify("--head", head.hash)
    assert checked.stdout == f"ok: {head.seq} rows, head {head.hash}\n" and not checked.returncode
    content = file.read_text()
    assert not [
        cell for line in content.splitlines() for cell in line.split(",") if cell[:1] == "="
    ]
    file.write_text(content.replace("flag.confirmed", "flag.corrected", 1))
    broken = verify()
    assert broken.returncode == 1 and broken.stdout.startswith("seq ")
    lines = content.splitlines(keepends=True)
    file.write_text("".join(lines[:-1]))
    assert verify().returncode == 0 and verify("--head", head.hash).returncode == 1
