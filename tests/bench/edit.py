"""What saving an edit and opening the review screen cost, by a real web process.

.venv/bin/python -m tests.bench.edit [words] [edits]

One browser at a time, with the safety checks on, as in production. "Server" is from the request's
first byte to the answer's last on the machine itself; CPU is the web process's, whatever else runs.
The limit of a save is an empty view and one bare INSERT, of the page an empty view.
"""

import http.client
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests import services

services.start_django()

import psutil  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from tests import collected, rows  # noqa: E402
from tests.bench import bare  # noqa: E402
from tests.bench.figures import Figure, record, share  # noqa: E402
from tests.bench.ground import tables  # noqa: E402
from tests.bench.transcripts import lines  # noqa: E402
from tests.cast import make_cast  # noqa: E402
from tests.factories import assembled  # noqa: E402
from tests.faults.web import Line, Web, cookies  # noqa: E402

PAGE, EMPTY, INSERT = "the review page", "an empty view", "a bare INSERT"
# What is promised of a review with 10,000 words.
GOALS = {"replace_text": "≤ 15 ms", PAGE: "≤ 60 ms"}
SIZES, SAME = {PAGE: "≤ 400 kB"}, "the same at any length"


class Browser:
    """One open connection, and how long and how many CPU seconds each of its requests took."""

    def __init__(self, web: Web, headers: dict[str, str]) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", web.port, timeout=60)
        self.headers = headers | {"Accept-Encoding": "br, gzip"}
        first = psutil.Process(web.process.pid)
        self.processes = [first, *first.children(recursive=True)]

    def cpu(self) -> float:
        return sum(sum(each.cpu_times()[:2]) for each in self.processes)

    def time(self, requests: list[tuple[str, str, Any]], accept: str) -> dict[str, float]:
        """ms and bytes for each of the requests (method, path, body): p50, p95, cpu, size."""
        took, size, spent = [], 0, self.cpu()
        for method, path, body in requests:
            sent = None if body is None else json.dumps(body)
            begun = time.perf_counter()
            self.line.request(method, path, sent, self.headers | {"Accept": accept})
            answer = self.line.getresponse()
            size = len(answer.read())
            took.append((time.perf_counter() - begun) * 1000)
            assert answer.status == 200, answer.status
        cpu = (self.cpu() - spent) * 1000 / len(took)
        late = share(took, 0.95)
        return {"p50": statistics.median(took), "p95": late, "cpu": cpu, "bytes": size}


def operation(kind: str, segment: dict[str, Any], **more: object) -> dict[str, Any]:
    upon = {"segment": segment["id"], "base_version": segment["version"]}
    return {"op_id": str(uuid4()), "kind": kind, **upon, **more}


def measure(words: int = 10_000, edits: int = 100) -> dict[str, dict[str, float]]:
    """By what was done: p50, p95 and cpu in ms, bytes of the last answer, queries."""
    tables()
    cast = make_cast()
    recording = rows.recording(cast, duration=words * 0.36)
    assembled(recording, lines(words, words * 0.36))
    url = f"/recordings/{recording.pk}/"
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder:
        web = Web(Path(folder) / "web.log", COUNTERSIGN_SAFETY="1")
        static = Path(web.environment["COUNTERSIGN_DATA"], "static")
        if not any(static.iterdir()):
            static.rmdir()
            collected.lay(static.parent)
        web.start()
        try:
            headers = cookies(cast.editor)
            browser, line = Browser(web, headers), Line(web.port, headers)

            def state() -> list[dict[str, Any]]:
                return line.ask("GET", f"{url}state")[1]["segments"]

            def save(kind: str, chosen: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
                sent = [
                    ("POST", f"{url}operations", operation(kind, one, **more))
                    for one, more in chosen
                ]
                browser.time(sent[:3], "application/json")  # warms up
                found[kind] = browser.time(sent[3:], "application/json")

            looks = [("GET", "/healthz", None)] * edits
            browser.time(looks, "application/json")
            found[EMPTY] = browser.time(looks, "application/json")
            pages = [("GET", url, None)] * 3
            browser.time(pages, "text/html")
            found[PAGE] = browser.time(pages * 5, "text/html")
            now = state()[10 : 10 + edits]
            save("replace_text", [(s, {"text": s["text"].replace(".", " now.")}) for s in now])
            # A critical mark is confirmed only by ear.
            now = [
                s for s in state() if s["flags"] and not any(f.get("critical") for f in s["flags"])
            ]
            opened = [(s, f) for s in now for f in s["flags"][:1] if f["state"] == "open"][:edits]
            save("confirm", [(s, {"items": f["items"]}) for s, f in opened])
            now = state()[-edits - 5 : -5]  # the last may be one word
            save("split", [(s, {"at": len(s["text"].split()[0]) + 1}) for s in now])
            last = state()[5]
        finally:
            web.kill()
    insert = bare.inserting("review_edit")
    took = [bare.timed(insert).seconds * 1000 for _ in range(edits)]
    found[INSERT] = {"p50": statistics.median(took), "p95": share(took, 0.95), "cpu": 0, "bytes": 0}
    here = Client(HTTP_ACCEPT="application/json")
    here.force_login(cast.editor.user)
    with CaptureQueriesContext(connection) as queries:
        body = operation("replace_text", last, text=f"{last['text']} Again.")
        saved = here.post(f"{url}operations", json.dumps(body), content_type="application/json")
    assert saved.status_code == 200, saved.content
    found["replace_text"]["queries"] = len(queries)
    with CaptureQueriesContext(connection) as queries:
        here.get(url, HTTP_ACCEPT="text/html")
    found[PAGE]["queries"] = len(queries)
    return found


def main(words: int = 10_000, edits: int = 100) -> None:
    print(f"{words} words. With 10,000: {GOALS}\n")
    print("| | server p50 | p95 | web CPU | kB | queries |\n| --- | --- | --- | --- | --- | --- |")
    found = measure(words, edits)
    for name, of in found.items():
        print(
            f"| {name} | {of['p50']:.1f} ms | {of['p95']:.1f} ms | {of['cpu']:.1f} ms "
            f"| {of['bytes'] / 1000:.0f} | {of.get('queries', '')} |"
        )
    for name in (PAGE, "replace_text", "confirm", "split"):
        keep(name, found)


def keep(name: str, found: dict[str, dict[str, float]]) -> None:
    """Its figures for the table, against the limits found."""
    of, least = found[name], [EMPTY] if name == PAGE else [EMPTY, INSERT]
    against, goal = " and ".join(least), GOALS.get(name, "")
    for what, kind, wanted in (("p50", "p50", goal), ("p95", "p95", ""), ("web CPU", "cpu", goal)):
        limit = sum(found[each][kind] for each in least)
        record(Figure("edit", f"{name}, {what}", of[kind], "ms", limit, against, wanted))
    if name in SIZES:
        record(Figure("edit", f"{name}, size", of["bytes"] / 1000, "kB", goal=SIZES[name]))
    if "queries" in of:
        record(Figure("edit", f"{name}, queries", of["queries"], "", goal=SAME))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
