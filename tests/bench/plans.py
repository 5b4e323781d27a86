"""The statements of the hot pages, in a database with ten million segments and audit rows.

    python -m tests.bench.plans [millions of each, 10]

One real practice is made by the application; its rows are then copied in SQL, with ids of their
own, until the tables are full: a hundred practices, a hundred segments a review. Each page is asked
for, and each statement that it makes is explained. A large table that is read from end to end fails
the bench, and so does a statement that takes longer than a quarter of a second. About a minute a
million and 1.5 GB of disk a million.
"""

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests import services

services.start_django()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_databases, teardown_databases  # noqa: E402

from tests import rows  # noqa: E402
from tests.cast import Cast, make_cast  # noqa: E402
from tests.factories import transcribed  # noqa: E402

PRACTICES = 100
SEGMENTS = 100  # a review
LARGE = 100_000  # rows; smaller tables may well be read from end to end
SLOW_SECONDS = 0.25
FILLED = (
    "transcripts_recording",
    "transcripts_transcript",
    "transcripts_medicaltranscriptionjob",
    "review_review",
    "review_segment",
    "review_auditevent",
)
LINE = [(f"word{n}", 0.95) for n in range(15)]


@dataclass(slots=True)
class Plans:
    """Explains what passes; tables that were read from end to end, and slow statements, by page."""

    page: str = ""
    large: frozenset[str] = frozenset()
    statements: int = 0
    faults: list[str] = field(default_factory=list)

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        begun = time.perf_counter()
        answer = execute(sql, params, many, context)
        took = time.perf_counter() - begun
        if sql.lstrip().upper().startswith(("SELECT", "UPDATE", "WITH", "DELETE")) and not many:
            self.statements += 1
            if took > SLOW_SECONDS:
                self.faults.append(f"{self.page}: {took * 1000:.0f} ms: {sql[:160]}")
            for table in self.scanned(sql, params):
                self.faults.append(f"{self.page}: all of {table}: {sql[:160]}")
        return answer

    def scanned(self, sql: str, params: Any) -> set[str]:
        """Large tables that the planner would read whole."""
        with connection.connection.cursor() as cursor:  # a cursor of its own, so not seen here
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
            (plan,) = cursor.fetchone()
        whole = plan if isinstance(plan, list) else json.loads(plan)
        return {
            node["Relation Name"]
            for node in nodes(whole[0]["Plan"])
            if node["Node Type"] == "Seq Scan" and node["Relation Name"] in self.large
        }


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for each in plan.get("Plans", ()):
        yield from nodes(each)


def free() -> None:
    """Neither triggers nor foreign keys: copies refer to rows that are made later, or never."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint"
            " WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)",
            [list(FILLED)],
        )
        for table, name in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}" CASCADE')
        for table in FILLED:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")


def copies(table: str, count: int, changes: str, source: str = "true") -> None:
    """Copies of one row of the table; `changes` is what differs, as SQL for json_build_object.

    In it `n` is the copy's number from 1.
    """
    begun = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table}"
            f" SELECT (jsonb_populate_record(base, jsonb_build_object({changes}))).*"
            f" FROM (SELECT row AS base FROM {table} row WHERE {source} LIMIT 1) one,"
            f" generate_series(1, {count}) n"
        )
    print(f"{table}: {count:,} rows in {time.perf_counter() - begun:.0f} s", flush=True)


def uuid(kind: str, number: str) -> str:
    """SQL for an id that is found again from its kind (a hexadecimal digit) and number.

    They rise with the number, as the application's do with the time.
    """
    return f"(lpad(to_hex({number}), 12, '0') || '7000800000000000000{kind}')::uuid"


def fill(cast: Cast, millions: float) -> None:
    count = int(millions * 1_000_000)
    reviews = count // SEGMENTS
    practice = f"CASE WHEN n % {PRACTICES} = 0 THEN '{cast.practice.pk}'::uuid ELSE {{}} END"
    practice = practice.format(uuid("1", f"n % {PRACTICES}"))
    day = "now() - n * interval '1 minute'"
    free()
    recording, review = uuid("2", "n"), uuid("3", "n")
    copies(
        "transcripts_recording",
        reviews,
        f"'id', {recording}, 'practice_id', {practice}, 'media', 'm' || n, 'created_at', {day}",
    )
    copies(
        "review_review",
        reviews,
        f"'id', {review}, 'recording_id', {recording}, 'practice_id', {practice},"
        f" 'transcript_id', {uuid('4', 'n')}, 'created_at', {day},"
        " 'state', (array['ready','in_review','signed','signed','signed'])[1 + n % 5]",
    )
    copies(
        "transcripts_transcript",
        reviews,
        f"'id', {uuid('4', 'n')}, 'job_id', {uuid('5', 'n')}, 'recording_id', {recording}",
    )
    copies(
        "transcripts_medicaltranscriptionjob",
        reviews,
        f"'id', {uuid('5', 'n')}, 'recording_id', {recording}, 'practice_id', {practice},"
        f" 'name', 'job-' || n, 'created_at', {day}",
    )
    of = f"((n - 1) / {SEGMENTS} + 1)"
    copies(
        "review_segment",
        count,
        f"'id', {uuid('6', 'n')}, 'review_id', {uuid('3', of)},"
        f" 'transcript_id', {uuid('4', of)}, 'machine_id', null,"
        f" 'position', n % {SEGMENTS}, 'items', '[]'::jsonb, 'text', 'Line ' || n",
    )
    copies(
        "review_auditevent",
        count,
        f"'id', {uuid('7', 'n')}, 'practice', {practice}, 'seq', 1000 + n, 'time', {day},"
        " 'prev_hash', lpad(n::text, 64, 'p'), 'hash', lpad(n::text, 64, 'h'), 'canonical', '{}',"
        " 'patient', md5('x' || n % 20000)::uuid::text,"
        " 'actor_id', md5('a' || n % 500)::uuid::text",
    )
    with connection.cursor() as cursor:
        begun = time.perf_counter()
        cursor.execute("ANALYZE")
        print(f"analyzed in {time.perf_counter() - begun:.0f} s", flush=True)


def large() -> frozenset[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE reltuples > %s", [LARGE])
        return frozenset(name for (name,) in cursor.fetchall())


def pages(cast: Cast, review: Any) -> dict[str, tuple[Any, str]]:
    """Who asks for what."""
    patient, person = review.recording.patient_id, cast.editor.user_id
    page, segment = f"/recordings/{review.recording_id}/", review.segments.first().pk
    manager, auditor, editor = cast.manager, cast.auditor, cast.editor
    return {
        "worklist": (editor, "/"),
        "worklist, mine": (editor, "/?show=mine"),
        "worklist, next": (editor, "/?show=next"),
        "worklist, late": (editor, "/?show=late"),
        "worklist, signed": (editor, "/?show=signed"),
        "review page": (editor, page),
        "its text": (editor, f"{page}state"),
        "its history": (editor, f"{page}history?segment={segment}"),
        "a copy": (editor, f"{page}document.txt"),
        "dashboard": (manager, "/dashboard/"),
        "audit": (auditor, "/audit/"),
        "audit of a patient": (auditor, f"/audit/?patient={patient}"),
        "audit of a person": (auditor, f"/audit/?actor={person}"),
        "audit of an act": (auditor, "/audit/?action=document.signed"),
        "audit of a day": (auditor, "/audit/?from=2026-11-01&until=2026-11-02"),
    }


def main(millions: float = 10) -> int:
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        cast = make_cast()
        review = transcribed(rows.recording(cast), [LINE] * SEGMENTS)
        fill(cast, millions)
        seen = Plans(large=large())
        print(f"large: {', '.join(sorted(seen.large))}")
        for name, (member, path) in pages(cast, review).items():
            browser, seen.page = Client(), name
            browser.force_login(member.user)
            browser.get(path)  # what is read once for a process is read
            with connection.execute_wrapper(seen):
                begun = time.perf_counter()
                answer = browser.get(path)
                took = time.perf_counter() - begun
            print(f"{name}: {answer.status_code}, {took * 1000:.0f} ms with explaining", flush=True)
            if answer.status_code != 200:
                seen.faults.append(f"{name}: answered {answer.status_code}")
        print(f"\n{seen.statements} statements explained")
        for fault in dict.fromkeys(seen.faults):
            print(f"FAULT {fault}")
        return bool(seen.faults)
    finally:
        teardown_databases(databases, verbosity=0)


if __name__ == "__main__":
    sys.exit(main(*map(float, sys.argv[1:])))
