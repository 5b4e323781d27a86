"""The audit log under load: events a second while the app serves, and a million rows exported.

.venv/bin/python -m tests.bench.audit [rows to export] [seconds to write]
Prints, asserts nothing. 300 events/s, a million rows in less than 60 s in constant memory, and
100,000 rows verified in less than 10 s and 300 MB are what is asked.
"""

import io
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from uuid import UUID, uuid4

from tests import services

services.start_django()

import psutil  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_databases, teardown_databases  # noqa: E402

from review.audit import chain, checkpoints, exporting, verify  # noqa: E402
from review.models import AuditHead, AuditKey  # noqa: E402
from tests import rows  # noqa: E402
from tests.bench import figures  # noqa: E402
from tests.cast import make_cast  # noqa: E402
from transcripts import events  # noqa: E402

WRITERS = 4
Rows = list[figures.Figure]
COLUMNS = (
    "id practice seq time actor_id actor_display actor_role action object_type object_id "
    "object_version outcome patient detail request prev_hash hash canonical"
)


def write_load(practice: UUID, review: object, seconds: float, reader: Client) -> Rows:
    """Events from four threads at once, while a fifth reads pages of the application.

    All of it in one process: what one web process of a practice can record, not what a host can.
    """
    until, written, pages = time.monotonic() + seconds, [0] * WRITERS, [0]

    def write(number: int) -> None:
        while time.monotonic() < until:
            events.emit(
                events.Event(
                    action="review.viewed",
                    practice_id=practice,
                    object_type="Recording",
                    object_id=review.recording_id,
                    patient_id=review.recording.patient_id,
                )
            )
            written[number] += 1
        connection.close()

    def read() -> None:
        while time.monotonic() < until:
            reader.get(f"/recordings/{review.recording_id}/")
            pages[0] += 1
        connection.close()

    threads = [threading.Thread(target=write, args=(n,)) for n in range(WRITERS)]
    threads.append(threading.Thread(target=read))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    total = sum(written) + pages[0]
    beside = f"{pages[0] / seconds:.0f} pages of a review a second"
    what = f"events of one practice beside {beside}"
    return [figures.Figure("audit", what, total / seconds, "1/s", goal="at least 300")]


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


def export(cast: object, form: str, folder: Path, bare: float) -> tuple[Path, Rows]:
    row = exporting.request(practice=cast.practice, by=cast.auditor.user, form=form)
    path = folder / f"log.{exporting.SUFFIXES[form]}"
    me, begun = psutil.Process(), time.monotonic()
    before = me.memory_info().rss
    with path.open("wb", buffering=io.DEFAULT_BUFFER_SIZE * 16) as file:
        said = exporting.write(row, file, lambda done, total: None)
    took, more = time.monotonic() - begun, me.memory_info().rss - before
    what = f"export of {said['rows']} rows as {form} ({path.stat().st_size / 1e6:.0f} MB)"
    limit = {"limit": bare, "against": "COPY of the same rows", "goal": "a million in 60 s"}
    return path, [
        figures.Figure("audit", what, took, "s", **limit),
        figures.Figure("audit", f"{what}: more memory", more / 1e6, "MB", goal="constant"),
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
    said = child.stdout.read()
    assert said.startswith("ok: "), said
    what = f"verify.py of {said.split()[1]} rows in {path.suffix}"
    took = time.monotonic() - begun
    return [
        figures.Figure("audit", what, took, "s", goal="100,000 in 10 s"),
        figures.Figure("audit", f"{what}: memory", most / 1e6, "MB", goal="less than 300"),
    ]


def measure(count: int = 20_000, seconds: float = 5) -> Rows:
    """What main prints, for a log of so many rows."""
    old = setup_databases(0, interactive=False)
    try:
        cast = make_cast()
        review = rows.review(cast)
        reader = Client(HTTP_ACCEPT="text/html")
        reader.force_login(cast.editor.user)
        found = write_load(cast.practice.pk, review, seconds, reader)
        fill(cast.practice.pk, count)
        bare = copied(cast.practice.pk)
        with tempfile.TemporaryDirectory() as folder:
            for form in ("jsonl", "csv", "fhir"):
                path, took = export(cast, form, Path(folder), bare)
                found += [*took, *(check(path) if count <= 100_000 else [])]
                path.unlink()
        return found
    finally:
        teardown_databases(old, 0)


def main(count: int = 1_000_000, seconds: float = 10) -> None:
    for found in measure(count, seconds):
        print(f"{found.name}: {found.value:.1f} {found.unit} ({found.goal})", flush=True)
        figures.record(found)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
