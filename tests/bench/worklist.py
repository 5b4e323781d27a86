"""The worklist with 100,000 recordings: times of the server, queries, and that the search uses its
index. Read by a role that the policies bind.

    .venv/bin/python -m tests.bench.worklist [recordings] [times each is asked for]

Prints a table; ends with an error where p95 is over LIMIT_MS, an everyday page of an ORDINARY
practice over USUAL_MS, or a page needs more than QUERIES queries beside those AROUND it. Requests
come one by one, through all middlewares, in process. The limit in the table is the page with
nothing on its list.
"""

import gc
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from tests import services

services.start_django()

import psutil  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from review import worklists  # noqa: E402
from review.models import Review  # noqa: E402
from tests import rows  # noqa: E402
from tests.bench.figures import Figure, record, share  # noqa: E402
from tests.bench.filling import bare, copies  # noqa: E402
from tests.bench.ground import tables  # noqa: E402
from tests.cast import Cast, make_cast, member  # noqa: E402
from transcripts.enums import Role  # noqa: E402

LIMIT_MS, USUAL_MS, QUERIES = 150, 15, 8
ORDINARY = 5000  # recordings, and fewer
AROUND = 3  # queries of every page: session, person with membership; the audit row
AUTHORS = 40

# What copy n of the one real row gets of its own, 1 to the number of recordings.
AT = "(now() - n * interval '3 minutes')"
IN_WORK = "mod(n, 100) BETWEEN 1 AND 5"
OWN = {
    "transcripts_patient": {
        "mrn": "'M' || n",
        "name": "firsts[1 + mod(n, 5)] || mod(n, 50) / 5 || ' Family' || mod(n / 50, 200)",
    },
    "transcripts_recording": {
        "patient_id": "md5('patient' || mod(n - 1, patients) + 1)::uuid",
        "author_id": "authors[1 + mod(n, cardinality(authors))]",
        "duration": "30 + mod(n, 1800)",
        "media": "'bench/' || n",
        "peaks": "'bench/' || n",
        "created_at": AT,
        "type": "(ARRAY['DICTATION', 'CONVERSATION'])[1 + mod(n, 2)]",
    },
    "transcripts_medicaltranscriptionjob": {
        "recording_id": "md5('recording' || n)::uuid",
        "name": "'bench-' || n",
        "created_at": AT,
    },
    "transcripts_chunk": {"job_id": "md5('medicaltranscriptionjob' || n)::uuid"},
    "transcripts_transcript": {
        "recording_id": "md5('recording' || n)::uuid",
        "job_id": "md5('medicaltranscriptionjob' || n)::uuid",
    },
    "review_review": {
        "recording_id": "md5('recording' || n)::uuid",
        "transcript_id": "md5('transcript' || n)::uuid",
        "created_at": AT,
        "priority": "(mod(n, 23) = 0)::int",
        "due_at": "now() + (400 - n / 10) * interval '3 minutes'",
        "assignee_id": "CASE WHEN mod(n, 100) = 4 THEN editor END",
        "state": """CASE
            WHEN mod(n, 100) >= 8 THEN 'signed' WHEN mod(n, 100) >= 6 THEN 'ready_to_sign'
            WHEN mod(n, 100) >= 4 THEN 'in_review' WHEN mod(n, 100) >= 1 THEN 'ready'
            ELSE 'waiting' END""",
    },
    "review_flag": {
        "review_id": "md5('review' || n)::uuid",
        "state": f"CASE WHEN {IN_WORK} THEN 'open' ELSE 'confirmed' END",
        "resolved_at": f"CASE WHEN {IN_WORK} THEN NULL ELSE {AT} END",
        "resolved_by_id": f"CASE WHEN {IN_WORK} THEN NULL ELSE editor END",
    },
}
# Ten open marks in what is worked on, two settled ones in the rest.
MARKS = f"CASE WHEN {IN_WORK} THEN 10 ELSE 2 END"
# Names as the triggers enter them, a word that few documents have, and one of TEXTS texts: 120 of
# 5,000 words, some in many documents, some in few.
TEXTS = 2000
ENTRIES = f"""
WITH texts AS MATERIALIZED (
    SELECT k, to_tsvector('simple', 'patient takes lisinopril' || (
        SELECT string_agg(' w' || floor(5000 * random() ^ 3), '')
        FROM generate_series(1, 120) WHERE k >= 0)) AS words
    FROM generate_series(0, {TEXTS - 1}) AS k
)
INSERT INTO review_searchentry (review_id, practice_id, words, stale)
SELECT md5('review' || n)::uuid, %s, review_names(md5('recording' || n)::uuid) || words
    || to_tsvector('simple', 'rare' || mod(n, 997)), false
FROM generate_series(1, %s) AS n JOIN texts ON k = mod(n * 7919, {TEXTS})
"""


def main(count: int = 100_000, times: int = 60) -> int:
    tables()
    gc.freeze()  # as a web process does (config/asgi.py)
    gc.set_threshold(50_000, 20, 100)
    cast = make_cast()
    empty = Client(HTTP_ACCEPT="text/html")
    empty.force_login(cast.editor.user)
    least = [_timed(lambda browser: browser.get("/"), empty) for _ in range(3 + times)][3:]
    began = time.monotonic()
    fill(cast, count)
    print(f"{count:,} recordings made in {time.monotonic() - began:.0f} s\n")
    police()
    wrong = [*table(cast, times, share(least, 0.95), count <= ORDINARY), *plan(cast)]
    print("\n" + ("\n".join(wrong) or "All within the limits."))
    return bool(wrong)


def table(cast: Cast, times: int, least: float, ordinary: bool) -> Iterator[str]:
    """Prints a row for each kind of page; yields what is over a limit. `least` is the p95 in ms of
    a page without recordings."""
    print("| page | rows | queries | p50, ms | p95, ms | CPU, ms | kB |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, usual, who, ask in pages(cast):
        browser = Client(HTTP_ACCEPT="text/html")
        browser.force_login(who.user)
        page = ask(browser)
        # The fewer of two: each thousandth audit row brings a checkpoint.
        asked = min(_asked(ask, browser) for _ in range(2)) - AROUND
        before = _cpu()
        took = [_timed(ask, browser) for _ in range(times)]
        cpu = 1000 * (_cpu() - before) / times
        p50, p95 = statistics.median(took), share(took, 0.95)
        shown = page.content.count(b'<tr role="row" data-id=')
        kb = len(page.content) / 1000
        print(
            f"| {name} | {shown} | {asked} | {p50:.0f} | {p95:.0f} | {cpu:.0f} | {kb:.0f} |",
            flush=True,
        )
        goal = f"≤ {LIMIT_MS} ms"
        record(Figure("worklist", f"{name}, p95", p95, "ms", least, "an empty worklist", goal))
        if p95 > LIMIT_MS or (ordinary and usual and p50 > USUAL_MS):
            yield f"Too slow: {name}"
        if asked > QUERIES:
            yield f"Too many queries: {name}"


Ask = Callable[[Client], Any]


def pages(cast: Cast) -> Iterator[tuple[str, bool, Any, Ask]]:
    """Name, whether it is an everyday page, who asks, and how."""

    def get(**query: Any) -> Ask:
        return lambda browser: browser.get("/", query)

    def search(words: str, state: str = "") -> Ask:
        return lambda browser: browser.post(f"/?state={state}", {"q": words})

    editor, manager, clinician = cast.editor, cast.manager, cast.clinician
    yield "first page, editor", True, editor, get()
    yield "first page, manager", True, manager, get()
    yield "first page, clinician", True, clinician, get()
    yield "rows only", True, editor, get(rows=1)
    for state in ("mine", "next", "late", *worklists.STATES):
        yield f"{state}, editor", state in worklists.TABS, editor, get(state=state)
    yield "mine, clinician", True, clinician, get(state="mine")
    yield "page 100", False, editor, get(page=100)
    yield "one author", False, editor, get(author=clinician.pk)
    yield "conversations, by length", False, editor, get(type="CONVERSATION", order="length")
    for order in ("oldest", "due", "patient", "marks"):
        yield f"sorted: {order}", False, editor, get(order=order)
    yield "search: a name", False, editor, search("Anna w17")
    yield "search: a number", False, editor, search("M4711")
    yield "search: a rare word", False, editor, search("rare77")
    yield "search: a word of all", False, editor, search("patient")
    yield "search: a beginning", False, editor, search("w1 me", state="ready")
    yield "search, clinician", False, clinician, search("patient takes")


def _asked(ask: Ask, browser: Client) -> int:
    with CaptureQueriesContext(connection) as queries:
        ask(browser)
    return len([q for q in queries if not _frame(q["sql"])])


def _timed(ask: Ask, browser: Client) -> float:
    began = time.perf_counter()
    ask(browser)
    return 1000 * (time.perf_counter() - began)


def _cpu() -> float:
    """Seconds of this process and of its database backend; they hold on a busy machine too."""
    both = (psutil.Process(), psutil.Process(connection.connection.info.backend_pid))
    return sum(sum(each.cpu_times()[:2]) for each in both)


def _frame(sql: str) -> bool:
    """Not a read or write: transactions, savepoints, settings."""
    return sql.split(None, 1)[0].upper() in ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "SET")


SEARCH = """EXPLAIN (COSTS OFF) SELECT review_id FROM review_searchentry
WHERE words @@ to_tsquery('simple', 'lisino:* & rare77') AND practice_id = %s LIMIT 1000"""


def plan(cast: Cast) -> Iterator[str]:
    """The plans of the search and of what a clinician sees, with the planner free to choose."""
    with connection.cursor() as cursor:
        cursor.execute(SEARCH, [Review.objects.first().practice_id])
        found = "\n".join(line for (line,) in cursor.fetchall())
    print(f"\n{found}")
    if "search_words" not in found:
        yield "The search does not use its index."
    seen = worklists.visible_reviews(cast.clinician).filter(worklists.STATES["signed"])
    found = seen.order_by()[: worklists.MOST_COUNTED].explain(costs=False)
    print(f"\n{found}")
    if "BitmapOr" not in found or "Seq Scan on transcripts_recording" in found:
        yield "What a clinician sees is not found by indexes."


FORCE = """SELECT format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tablename)
FROM pg_policies WHERE policyname = 'of_practice' AND tablename != 'review_searchentry'"""


def police() -> None:
    """From now on the policies bind the tables' owner too; the search runs as who is not bound."""
    with connection.cursor() as cursor:
        cursor.execute(FORCE)
        for (command,) in cursor.fetchall():
            cursor.execute(command)


def fill(cast: Cast, count: int) -> None:
    """One real document, copied; states, people, names, dates and words of each are its own."""
    made = rows.review(cast, mrn="0")
    authors = [cast.clinician.pk, cast.colleague.pk]
    authors += [member(cast.practice, f"c{n}", Role.CLINICIAN).pk for n in range(AUTHORS - 2)]
    named = ", ".join(f"'{one}'" for one in authors)
    given = (
        f"ARRAY[{named}]::uuid[] AS authors, '{cast.editor.user_id}'::uuid AS editor,"
        f" {count // 5} AS patients, ARRAY['Anna', 'Ben', 'Cleo', 'Dan', 'Eva'] AS firsts"
    )
    with bare([*OWN, "review_searchentry"]), connection.cursor() as cursor:
        for table, own in OWN.items():
            kind = table.partition("_")[2]
            pk = f"md5('{kind}' || n || CASE WHEN m > 1 THEN '-' || m ELSE '' END)::uuid"
            copies(table, count, given=given, each=MARKS if kind == "flag" else "1", id=pk, **own)
        cursor.execute(ENTRIES, [made.practice_id, count])


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
