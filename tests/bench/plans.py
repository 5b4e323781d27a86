"""The statements of the hot pages, in a database with ten million segments and audit rows.

    python -m tests.bench.plans [millions of each, 10]

One real practice is made by the application; its rows are then copied in SQL, with ids of their
own, until the tables are full: a hundred practices, a hundred segments a review. Pages are asked
for and workers look for work, held to the policies by practice as in production; each statement is
explained, a prepared one as it is planned for any values. A large table that is read from end to
end fails the bench, and so does a statement that reads more than MOST_BLOCKS pages of 8 kB. About
half a minute and 1.5 GB of disk a million.
"""

import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests import services

services.start_django()

from django.db import connection  # noqa: E402
from django.db.backends.postgresql.base import ServerBindingCursor  # noqa: E402
from django.test import Client  # noqa: E402

from review import worklists  # noqa: E402
from review.models import QualityRule  # noqa: E402
from tests import rows  # noqa: E402
from tests.bench.filling import bare, copies  # noqa: E402
from tests.bench.ground import tables  # noqa: E402
from tests.cast import Cast, make_cast  # noqa: E402
from tests.factories import transcribed  # noqa: E402
from transcripts import bell, duties, lease  # noqa: E402

PRACTICES = 100
SEGMENTS = 100  # a review
LARGE = 50_000  # rows; smaller tables may well be read from end to end
MOST_BLOCKS = 12_000  # of one statement: what stands beside a clinician's worklist
LONG = 400  # characters of a statement that are shown
# Duties that run every few minutes or oftener and read tables that grow.
OFTEN = (
    "adverse-events",
    "audit-checkpoints",
    "corrections",
    "labels",
    "notices",
    "search-words",
    "second-reviews",
    "sessions",
    "turnaround",
)
FILLED = (
    "transcripts_recording",
    "transcripts_transcript",
    "transcripts_medicaltranscriptionjob",
    "review_review",
    "review_searchentry",
    "review_signature",
    "review_wordlabels",
    "review_corrections",
    "review_qualitydraw",
    "review_adverseeventsearch",
    "review_segment",
    "review_auditevent",
)
STATES = "array['ready','in_review','signed','signed','signed']"
SIGNED = f"n / {PRACTICES} % 5 > 1"
LINE = [(f"word{n}", 0.95) for n in range(15)]


@dataclass(slots=True)
class Plans:
    """Explains what passes: large tables that are read from end to end, statements that touch much.

    Of what is asked for, `took` are the seconds of each statement, `blocks` the pages of 8 kB that
    each read, in memory or not: they do not depend on what else the machine does.
    """

    large: frozenset[str]
    asked: str = ""
    took: list[float] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        begun = time.perf_counter()
        answer = execute(sql, params, many, context)
        self.took.append(time.perf_counter() - begun)
        start = sql.split(None, 1)[0].upper()
        if start in ("SELECT", "UPDATE", "WITH", "DELETE") and not many:
            again = start == "SELECT"
            prepared = isinstance(context["cursor"].cursor, ServerBindingCursor)
            plan = kept(sql, params) if prepared and again else explained(sql, params, again=again)
            self.judge(sql, plan)
        return answer

    def judge(self, sql: str, plan: dict[str, Any]) -> None:
        blocks = plan.get("Shared Hit Blocks", 0) + plan.get("Shared Read Blocks", 0)
        self.blocks.append(blocks)
        if blocks > MOST_BLOCKS:
            self.faults.append(f"{self.asked}: {blocks:,} blocks: {sql[:LONG]}")
        for node in nodes(plan):
            if node["Node Type"] == "Seq Scan" and node["Relation Name"] in self.large:
                table = node["Relation Name"]
                self.faults.append(f"{self.asked}: all of {table}: {sql[:LONG]}")


def kept(sql: str, params: Any) -> dict[str, Any]:
    """The first node of the plan for any values, with what it read for these."""
    values: list[Any] = []

    def number(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        values.append(params[found[1]] if found[1] else params[len(values)])
        return f"${len(values)}"

    text = re.sub(r"%%|%s|%\((\w+)\)s", number, sql)
    with connection.connection.cursor() as cursor:
        cursor.execute(f"PREPARE kept AS {text}")
        places = ", ".join(["%s"] * len(values))
        plan = explained(f"EXECUTE kept({places})", values, again=True)
        cursor.execute("DEALLOCATE kept")
    return plan


def explained(sql: str, params: Any, *, again: bool) -> dict[str, Any]:
    """The plan's first node; with what was read where the statement may be run `again`."""
    how = "ANALYZE, BUFFERS, TIMING OFF, " if again else ""
    with connection.connection.cursor() as cursor:  # a cursor of its own, so not seen by Plans
        cursor.execute(f"EXPLAIN ({how}FORMAT JSON) {sql}", params)
        (plan,) = cursor.fetchone()
    whole = plan if isinstance(plan, list) else json.loads(plan)
    return whole[0]["Plan"]


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for each in plan.get("Plans", ()):
        yield from nodes(each)


def uuid(kind: str, number: str) -> str:
    """SQL for an id that is found again from its kind (a hexadecimal digit) and number.

    They rise with the number, as the application's do with the time.
    """
    return f"(lpad(to_hex({number}), 12, '0') || '7000800000000000000{kind}')::uuid"


def practice() -> tuple[Cast, Any]:
    """People, a signed document with what duties make of one, and a review that is open."""
    cast = make_cast()
    rule = {"practice": cast.practice, "type": "DICTATION", "percent": 10}
    QualityRule.objects.create(**rule, changed_by=cast.manager.user)
    rows.signed(rows.review(cast), cast)
    for name in ("labels", "corrections", "second-reviews", "adverse-events"):
        assert duties.run(name).outcome == "ok", name
    return cast, transcribed(rows.recording(cast), [LINE] * SEGMENTS)


def fill(cast: Cast, millions: float) -> None:
    count = int(millions * 1_000_000)
    reviews = count // SEGMENTS
    other = uuid("1", f"n % {PRACTICES}")
    practice = f"CASE WHEN n % {PRACTICES} = 0 THEN '{cast.practice.pk}'::uuid ELSE {other} END"
    day, state = "now() - n * interval '5 minutes'", f"({STATES})[1 + n / {PRACTICES} % 5]"
    recording, review, transcript, job = (uuid(kind, "n") for kind in "2345")
    copies("transcripts_recording", reviews, id=recording, practice_id=practice,
           media="'m' || n", created_at=day)  # fmt: skip
    copies("review_review", reviews, id=review, recording_id=recording, practice_id=practice,
           transcript_id=transcript, created_at=day, state=state)  # fmt: skip
    copies("review_searchentry", reviews, review_id=review, practice_id=practice, stale="false",
           words="to_tsvector('simple', 'patient rare' || n % 997)")  # fmt: skip
    copies("transcripts_transcript", reviews, id=transcript, job_id=job, recording_id=recording)
    copies("transcripts_medicaltranscriptionjob", reviews, id=job, recording_id=recording,
           practice_id=practice, name="'job-' || n", created_at=day,
           status="CASE WHEN n % 200 = 0 THEN 'QUEUED' ELSE 'COMPLETED' END",
           stage="CASE WHEN n % 200 = 0 THEN 'PREPARE' ELSE base.stage END")  # fmt: skip
    # What signing leaves, for the states that are signed.
    given = {"where": SIGNED, "review_id": review, "practice_id": practice}
    copies("review_signature", reviews, **given, id=uuid("9", "n"), signed_at=day)
    for table in ("review_wordlabels", "review_corrections"):
        copies(table, reviews, **given, signed_at=day)
    copies("review_qualitydraw", reviews, **given)
    copies("review_adverseeventsearch", reviews, where=SIGNED, signature_id=uuid("9", "n"))
    of = f"((n - 1) / {SEGMENTS} + 1)"
    copies("review_segment", count, id=uuid("6", "n"), review_id=uuid("3", of),
           transcript_id=uuid("4", of), machine_id="null", position=f"n % {SEGMENTS}",
           items="'[]'::jsonb", text="'Line ' || n")  # fmt: skip
    copies("review_auditevent", count, id=uuid("7", "n"), practice=practice, seq="1000 + n",
           time=f"now() - ({count} - n) * interval '3 seconds'", canonical="'{}'",
           prev_hash="lpad(n::text, 64, 'p')", hash="lpad(n::text, 64, 'h')",
           patient="md5('x' || n % 20000)::uuid::text",
           actor_id="md5('a' || n % 500)::uuid::text")  # fmt: skip


def hold() -> None:
    """From now on the policies by practice bind the tables' owner, too; disks have no heads."""
    rows.hold_to_policies()
    with connection.cursor() as cursor:  # the search runs as their owner (review_search)
        cursor.execute("ALTER TABLE review_searchentry NO FORCE ROW LEVEL SECURITY")
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET random_page_cost = 1.1")  # as deploy/compose.yaml has it


def large() -> frozenset[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > %s", [LARGE]
        )
        return frozenset(name for (name,) in cursor.fetchall())


def asked(cast: Cast, review: Any) -> dict[str, Callable[[], Any]]:
    """What people ask for, and what workers ask all the time; by name."""
    page, segment = f"/recordings/{review.recording_id}/", review.segments.first()
    patient, person = review.recording.patient_id, cast.editor.user_id

    def get(path: str, who: Any = cast.editor) -> Callable[[], Any]:
        browser = Client(HTTP_ACCEPT="application/json" if path.endswith("state") else "text/html")
        browser.force_login(who.user)
        return lambda: browser.get(path)

    searching = Client(HTTP_ACCEPT="text/html")
    searching.force_login(cast.editor.user)
    orders = {f"worklist by {order}": get(f"/?order={order}") for order in worklists.SORTS}
    tabs = {f"worklist, {tab}": get(f"/?state={tab}") for tab in (*worklists.TABS, "signed")}
    return {
        "worklist": get("/"),
        **tabs,
        **orders,
        "worklist of a clinician": get("/", cast.clinician),
        "search": lambda: searching.post("/", {"q": "patient rare77"}),
        "review page": get(page),
        "its text": get(f"{page}state"),
        "its history": get(f"{page}history?segment={segment.pk}"),
        "a copy": get(f"{page}document.txt"),
        "dashboard": get("/dashboard/", cast.manager),
        "audit": get("/audit/", cast.auditor),
        "audit of a patient": get(f"/audit/?patient={patient}", cast.auditor),
        "audit of a person": get(f"/audit/?actor={person}", cast.auditor),
        "audit of an act": get("/audit/?action=document.signed", cast.auditor),
        "audit of a day": get(f"/audit/?since={date.today()}&until={date.today()}", cast.auditor),
        "worker: next work": lambda: lease.claim("bench"),
        "worker: what fell free": bell.sweep,
        **{f"duty: {plan.name}": plan.run for plan in duties.plans() if plan.name in OFTEN},
    }


def main(millions: float = 10) -> int:
    tables()
    cast, review = practice()
    with bare(FILLED, dangling=True):
        fill(cast, millions)
    hold()
    return tried(cast, review)


def tried(cast: Cast, review: Any) -> bool:
    """Prints the table and the faults; whether there are any."""
    seen = Plans(large=large())
    print(f"large: {', '.join(sorted(seen.large))}\n")
    print("| asked for | statements | most blocks | slowest, ms |\n| --- | ---: | ---: | ---: |")
    for name, ask in asked(cast, review).items():
        seen.asked, seen.took, seen.blocks = name, [], []
        ask()  # what is read once for a process is read
        with connection.execute_wrapper(seen):
            answer = ask()
        most, slowest = max(seen.blocks, default=0), max(seen.took, default=0) * 1000
        print(f"| {name} | {len(seen.took)} | {most:,} | {slowest:.1f} |", flush=True)
        if getattr(answer, "status_code", 200) != 200:
            seen.faults.append(f"{name}: answered {answer.status_code}")
    print()
    for fault in dict.fromkeys(seen.faults):
        print(f"FAULT {fault}")
    return bool(seen.faults)


if __name__ == "__main__":
    sys.exit(main(*map(float, sys.argv[1:])))
