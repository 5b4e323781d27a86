"""What an edit and a snapshot cost the server, in a review of 36,000 words. Only prints.

nice -n 5 .venv/bin/python -m tests.bench.edit [words] [edits]
"""

import json
import statistics
import sys
import time
from uuid import uuid4

from tests import services

services.start_django()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from tests import rows  # noqa: E402
from tests.cast import make_cast  # noqa: E402
from tests.factories import transcribed  # noqa: E402

LINE = 15
MARKED = 20  # one word in so many is marked


def show(what: str, took: list[float], cpu: float) -> None:
    """`cpu` are seconds of this process for all of them; a busy machine does not change those."""
    took = sorted(took)
    middle, late = statistics.median(took), took[int(len(took) * 0.95) - 1]
    own = cpu / len(took)
    print(
        f"{what}: median {middle * 1000:.1f} ms, p95 {late * 1000:.1f} ms, "
        f"of which {own * 1000:.1f} ms of web CPU ({len(took)} times)"
    )


def main(words: int = 36_000, edits: int = 200) -> None:
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    cast = make_cast()
    lines = [
        [(f"word{n}x{i}", 0.3 if i % MARKED == 7 else 0.95) for i in range(LINE)]
        for n in range(words // LINE)
    ]
    review = transcribed(rows.recording(cast), lines)
    browser = Client(HTTP_ACCEPT="application/json")
    browser.force_login(cast.editor.user)
    url = f"/recordings/{review.recording_id}/"

    took, cpu = [], time.process_time()
    for _ in range(5):
        begun = time.perf_counter()
        answer = browser.get(f"{url}state")
        took.append(time.perf_counter() - begun)
    cpu = time.process_time() - cpu
    show(f"snapshot of {words} words, {len(answer.content) / 1e6:.2f} MB", took, cpu)

    def save(kind: str, segment: dict, **more: object) -> float:
        body = {"op_id": str(uuid4()), "kind": kind, "segment": segment["id"]}
        body |= {"base_version": segment["version"], **more}
        begun = time.perf_counter()
        saved = browser.post(f"{url}operations", json.dumps(body), content_type="application/json")
        spent = time.perf_counter() - begun
        assert saved.status_code == 200, saved.content
        return spent

    segments = answer.json()["segments"][10 : 10 + edits]
    changed = [one["text"].replace("x3 ", "x3 more ") for one in segments]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        save("replace_text", segments.pop(), text=changed.pop())
    slowest = sorted((float(q["time"]), q["sql"][:90]) for q in queries.captured_queries)[-3:]
    print(f"queries of one edit: {len(queries)}; slowest: {slowest}")
    cpu = time.process_time()
    took = [save("replace_text", s, text=t) for s, t in zip(segments, changed, strict=True)]
    show("replace_text", took, time.process_time() - cpu)
    segments = browser.get(f"{url}state").json()["segments"][10 : 10 + edits]
    cpu = time.process_time()
    took = [save("confirm", s, items=s["flags"][0]["items"]) for s in segments]
    show("confirm", took, time.process_time() - cpu)
    cpu = time.process_time()
    took = [save("split", s, at=len(s["text"].split()[0]) + 1) for s in segments]
    show("split", took, time.process_time() - cpu)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
