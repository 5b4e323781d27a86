"""What saving an edit and opening the review screen cost, by a real web process. Only prints.

.venv/bin/python -m tests.bench.edit [words] [edits]

One browser at a time, with the safety checks on, as in production. "Server" is from the request's
first byte to the answer's last on the machine itself; CPU is the web process's, whatever else runs.
"""

import http.client
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests import services

services.start_django()

import psutil  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from tests import rows  # noqa: E402
from tests.bench.figures import Figure, record  # noqa: E402
from tests.bench.transcripts import lines  # noqa: E402
from tests.cast import make_cast  # noqa: E402
from tests.factories import assembled  # noqa: E402
from tests.faults.web import Line, Web, cookies  # noqa: E402

PAGE = "the review page"
# What is promised of a review with 10,000 words.
GOALS = {"replace_text": "≤ 15 ms", PAGE: "≤ 60 ms, ≤ 400 kB"}


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
        late = sorted(took)[int(len(took) * 0.95) - 1]
        return {"p50": statistics.median(took), "p95": late, "cpu": cpu, "bytes": size}


def operation(kind: str, segment: dict[str, Any], **more: object) -> dict[str, Any]:
    upon = {"segment": segment["id"], "base_version": segment["version"]}
    return {"op_id": str(uuid4()), "kind": kind, **upon, **more}


def measure(words: int = 10_000, edits: int = 100) -> dict[str, dict[str, float]]:
    """By what was done: p50, p95 and cpu in ms, bytes of the last answer, queries."""
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    cast = make_cast()
    recording = rows.recording(cast, duration=words * 0.36)
    assembled(recording, lines(words, words * 0.36))
    url = f"/recordings/{recording.pk}/"
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder:
        web = Web(Path(folder) / "web.log", COUNTERSIGN_SAFETY="1")
        collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
        subprocess.run(collect, env=web.environment, check=True, timeout=240)
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
    for name, of in measure(words, edits).items():
        print(
            f"| {name} | {of['p50']:.1f} ms | {of['p95']:.1f} ms | {of['cpu']:.1f} ms "
            f"| {of['bytes'] / 1000:.0f} | {of.get('queries', '')} |"
        )
        record(Figure("edit", f"{name}, p50", of["p50"], "ms", goal=GOALS.get(name, "")))
        record(Figure("edit", f"{name}, size", of["bytes"] / 1000, "kB"))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
