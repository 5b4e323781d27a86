"""The audit log under load: events a second while the app serves, and a million rows exported.

.venv/bin/python -m tests.bench.audit [rows to export] [seconds to write]
Prints, asserts nothing. 300 events/s, a million rows in less than 60 s in constant memory, and
100,000 rows verified in less than 10 s and 300 MB are what is asked.
"""

import hashlib
import io
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from uuid import UUID, uuid4

from tests import services

services.start_django()

import psutil  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from review.audit import chain, checkpoints, exporting, verify  # noqa: E402
from review.models import AuditHead, AuditKey  # noqa: E402
from tests import rows  # noqa: E402
from tests.bench import bare, figures  # noqa: E402
from tests.bench.ground import tables  # noqa: E402
from tests.cast import make_cast  # noqa: E402
from transcripts import events  # noqa: E402

WRITERS = 4
Rows = list[figures.Figure]
Act = Callable[[], object]
COLUMNS = (
    "id practice seq time actor_id actor_display actor_role action object_type object_id "
    "object_version outcome patient detail request prev_hash hash canonical"
)


def written(practice: UUID, review: object, seconds: float, reader: Client) -> Rows:
    """Events a second, and those of bare INSERTs of one such row, each in a transaction too."""

    def emit() -> None:
        events.emit(
            events.Event(
                action="review.viewed",
                practice_id=practice,
                object_type="Recording",
                object_id=review.recording_id,
                patient_id=review.recording.patient_id,
            )
        )

    def read() -> None:
        reader.get(f"/recordings/{review.recording_id}/")

    ours, pages = beside(emit, read, seconds)
    least, _ = beside(bare.inserting("review_auditevent"), read, seconds)
    what = "events of one practice beside a reader of pages"
    print(f"{pages:.0f} pages a second beside them", flush=True)
    return [figures.Figure("audit", what, ours, "1/s", least, "bare INSERTs beside it", "≥ 300")]


def beside(write: Act, read: Act, seconds: float) -> tuple[float, float]:
    """Writes a second of four threads at once, and reads a second of a fifth.

    All of it in one process: what one web process of a practice can record, not what a host can.
    """
    until, counts = time.monotonic() + seconds, [0] * (WRITERS + 1)

    def again(number: int, act: Act) -> None:
        while time.monotonic() < until:
            act()
            counts[number] += 1
        connection.close()

    acts = [write] * WRITERS + [read]
    threads = [threading.Thread(target=again, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts[:WRITERS]) / seconds, counts[WRITERS] / seconds


def fill(practice: UUID, count: int) -> None:
    """So many sealed rows by COPY."""
    head = AuditHead.objects.get(practice=practice)
    previous, begun = head.hash, time.monotonic()
    request = {"ip": "192.0.2.7", "user_agent": "Firefox", "request_id": "r", "session": "s"}
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("ALTER TABLE review_auditevent DISABLE TRIGGER USER")
        table = f"COPY review_auditevent ({COLUMNS.replace(' ', ', ')}) FROM STDIN"
        with cursor.copy(table) as copy:
            for seq in range(head.seq + 1, head.seq + count + 1):
                moment = f"2026-03-02T10:{seq // 60 % 60:02}:{seq % 60:02}.000000Z"
                row = {
                    "time": moment,
                    "practice": str(practice),
                    "actor": {"id": "u-1", "display": "Eve Editor", "role": "editor"},
                    "action": "review.viewed",
                    "object": {"type": "Recording", "id": str(practice), "version": None},
                    "outcome": "success",
                    "detail": {"n": seq},
                    "patient": str(practice),
                    "request": request,
                }
                text, value = chain.seal(row, seq=seq, prev_hash=previous)
                copy.write_row(
                    (
                        *(uuid4(), practice, seq, moment, "u-1", "Eve Editor", "editor"),
                        *("review.viewed", "Recording", str(practice), "", "success"),
                        *(str(practice), f'{{"n": {seq}}}', JSON, previous, value, text),
                    )
                )
                previous = value
        cursor.execute("ALTER TABLE review_auditevent ENABLE TRIGGER USER")
        cursor.execute("ANALYZE review_auditevent")
    AuditHead.objects.filter(practice=practice).update(seq=head.seq + count, hash=previous)
    checkpoints.make(practice)
    print(f"{count} rows made in {time.monotonic() - begun:.0f} s", flush=True)


JSON = '{"ip": "192.0.2.7", "user_agent": "Firefox", "request_id": "r", "session": "s"}'


def copied(practice: UUID) -> float:
    """Seconds that COPY takes to hand out the practice's rows: what no export can beat."""
    begun = time.monotonic()
    table = f"SELECT {COLUMNS.replace(' ', ', ')} FROM review_auditevent"
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        with cursor.copy(f"COPY ({table} WHERE practice = %s) TO STDOUT", [practice]) as copy:
            for _ in copy:
                pass
    return time.monotonic() - begun


def export(cast: object, form: str, folder: Path, least: float) -> tuple[Path, Rows]:
    """The file, and what it took; `least` are the seconds of COPY."""
    row = exporting.request(practice=cast.practice, by=cast.auditor.user, form=form)
    path = folder / f"log.{exporting.SUFFIXES[form]}"
    me, begun = psutil.Process(), time.monotonic()
    before = me.memory_info().rss
    with path.open("wb", buffering=io.DEFAULT_BUFFER_SIZE * 16) as file:
        said = exporting.write(row, file, lambda done, total: None)
    took, more = time.monotonic() - begun, me.memory_info().rss - before
    what, part = f"export as {form}, 100,000 rows", 100_000 / said["rows"]
    limit = {"limit": least * part, "against": "COPY of the same rows", "goal": "≤ 6 s"}
    return path, [
        figures.Figure("audit", what, took * part, "s", **limit),
        figures.Figure("audit", f"{what}: more memory", more / 1e6, "MB", goal="≤ 50 MB"),
    ]


def check(path: Path) -> Rows:
    """The stand-alone program upon the file, in a process of its own."""
    key = path.with_name("key.pem")
    key.write_text(AuditKey.objects.last().public_key)
    begun = time.monotonic()
    command = [sys.executable, "-I", verify.__file__, str(path), "--pubkey", str(key)]
    child = psutil.Popen(command, stdout=subprocess.PIPE, text=True)
    most = 0
    while child.poll() is None:
        with suppress(psutil.Error):
            most = max(most, child.memory_info().rss)
        time.sleep(0.05)
    took, said = time.monotonic() - begun, child.stdout.read()
    assert said.startswith("ok: "), said
    begun = time.monotonic()
    with path.open("rb") as file:
        hashlib.file_digest(file, "sha256")
    least, part = time.monotonic() - begun, 100_000 / int(said.split()[1])
    what = f"verify.py, 100,000 rows of {path.suffix}"
    limit = {"limit": least * part, "against": "SHA-256 of the file", "goal": "≤ 10 s"}
    return [
        figures.Figure("audit", what, took * part, "s", **limit),
        figures.Figure("audit", f"{what}: memory", most / 1e6, "MB", goal="≤ 300 MB"),
    ]


def measure(count: int, seconds: float) -> Rows:
    """What main prints, for a log of so many rows."""
    tables()
    cast = make_cast()
    review = rows.review(cast)
    reader = Client(HTTP_ACCEPT="text/html")
    reader.force_login(cast.editor.user)
    found = written(cast.practice.pk, review, seconds, reader)
    fill(cast.practice.pk, count)
    least = copied(cast.practice.pk)
    with tempfile.TemporaryDirectory() as folder:
        for form in ("jsonl", "csv", "fhir"):
            path, took = export(cast, form, Path(folder), least)
            found += [*took, *(check(path) if count <= 100_000 else [])]
            path.unlink()
    return found


def main(count: int = 1_000_000, seconds: float = 10) -> None:
    for found in measure(count, seconds):
        print(f"{found.name}: {found.value:.1f} {found.unit} ({found.goal})", flush=True)
        figures.record(found)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
