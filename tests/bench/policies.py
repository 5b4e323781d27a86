"""What the policies by practice cost pages and an edit: as the tables' owner, and held to them.

.venv/bin/python -m tests.bench.policies [words] [rounds]
Prints, asserts nothing. What counts is CPU time of this process and of its database backend, by the
kernel's clock in nanoseconds. Both ways take turns, and the least of each counts: a busy machine
only adds.
"""

import json
import sys
import time
from pathlib import Path
from uuid import uuid4

from tests import services

services.start_django()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from tests import rows  # noqa: E402
from tests.bench.ground import tables  # noqa: E402
from tests.cast import make_cast  # noqa: E402
from tests.factories import transcribed  # noqa: E402

WAYS = ("NO FORCE", "FORCE")
LINE, OTHERS = 15, 60
TIMES = {"an edit": 40, "worklist": 20}  # in a round; other acts MORE
MORE = 8


def hold(way: str) -> None:
    """FORCE: the owner is held to the policies too, as the application's role always is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_policies WHERE policyname = 'of_practice'")
        for (table,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} {way} ROW LEVEL SECURITY")


def spent() -> float:
    """CPU seconds so far of this process and of the backend that serves it."""
    backend = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    return time.process_time() + int(backend.read_text().split()[0]) / 1e9


def main(words: int = 10_000, rounds: int = 6) -> None:
    tables()
    cast = make_cast()
    lines = [
        [(f"word{n}x{i}", 0.3 if i % 20 == 7 else 0.95) for i in range(LINE)]
        for n in range(words // LINE)
    ]
    review = transcribed(rows.recording(cast), lines)
    for number in range(OTHERS):
        transcribed(rows.recording(cast, mrn=f"m{number}"), lines[:5])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    browser = Client(HTTP_ACCEPT="text/html")
    browser.force_login(cast.editor.user)
    url = f"/recordings/{review.recording_id}/"
    number = 0

    def save() -> object:
        nonlocal number
        number += 1
        segment = review.text.order_by("position")[number % (words // LINE)]
        body = {"op_id": str(uuid4()), "kind": "replace_text", "segment": str(segment.pk)}
        body |= {"base_version": segment.version, "text": f"changed {segment.text}"}
        return browser.post(f"{url}operations", json.dumps(body), content_type="application/json")

    acts = {
        "worklist": lambda: browser.get("/"),
        f"review of {words} words": lambda: browser.get(url),
        "an edit": save,
    }
    took: dict[tuple[str, str], list[float]] = {}
    for turn in range(rounds):
        for way in WAYS:
            hold(way)
            for name, act in acts.items():
                act()  # the first one after `hold` plans anew
                begun, times = spent(), TIMES.get(name, MORE)
                for _ in range(times):
                    answer = act()
                    assert answer.status_code == 200, answer.content
                if turn:
                    took.setdefault((name, way), []).append((spent() - begun) / times)
    for name in acts:
        free, held = (min(took[name, way]) * 1000 for way in WAYS)
        print(
            f"{name}: {free:.1f} ms of CPU as the owner, {held:.1f} ms held to the policies "
            f"({100 * (held / free - 1):+.1f} %)"
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
