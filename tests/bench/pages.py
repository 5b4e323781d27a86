"""The worklist and the review page over HTTP, at 1, 8 and 32 clients, against an empty view.

    python -m tests.bench.pages [seconds of each, 3]

One web process as `make run` has it. Each client is a kept-alive connection that asks again as soon
as it was answered, so p50 and p95 at 32 are times in a queue of 32. `/healthz` is the empty view:
a response without a query, through the same server and middleware. The review has 10,000 words.
Queries and bytes are held against those of an empty worklist and of a review with three lines.
"""

import asyncio
import statistics
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from tests import services

services.start_django()

from tests.bench.aws_api import web_seconds  # noqa: E402
from tests.bench.figures import Figure, record, share  # noqa: E402
from tests.conformance import server as servers  # noqa: E402

CLIENTS = (1, 8, 32)
# What is promised: server time, queries, size.
GOALS = {
    "worklist": ("≤ 15 ms", "≤ 8", ""),
    "review page": ("≤ 60 ms", "", "≤ 400 kB"),  # its text is in it
    "its text": ("", "", ""),
}
# Made inside the installation, by its own code: a practice with a long review and forty short ones.
MAKE = """
from django.test import Client
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import rows
from tests.cast import make_cast
from tests.factories import transcribed
cast = make_cast()
browser = Client(HTTP_ACCEPT="text/html", SERVER_NAME="127.0.0.1")
browser.force_login(cast.editor.user)
def asked(path):
    browser.get(path)
    with CaptureQueriesContext(connection) as seen:
        answer = browser.get(path, HTTP_ACCEPT_ENCODING="br, gzip")
    assert answer.status_code == 200, (path, answer.status_code)
    return len(seen), len(answer.content)
def pages(review):
    page = f"/recordings/{review.recording_id}/"
    return {"review page": page, "its text": f"{page}state"}
line = [(f"word{i}", 0.3 if i == 7 else 0.95) for i in range(15)]
least = {"worklist": asked("/")}
review = transcribed(rows.recording(cast), [line] * (10_000 // 15))
for _ in range(40):
    short = transcribed(rows.recording(cast), [line] * 3)
least |= {name: asked(path) for name, path in pages(short).items()}
paths = {"worklist": "/"} | pages(review)
queries = {name: asked(path)[0] for name, path in paths.items()}
cookies = {name: morsel.value for name, morsel in browser.cookies.items()}
answer = {"cookies": cookies, "paths": paths, "queries": queries, "least": least}
"""


@dataclass(frozen=True, slots=True)
class Load:
    rate: float
    p50: float
    p95: float
    size: int
    cpu: float


async def load(port: int, request: bytes, clients: int, seconds: float) -> tuple[list[float], int]:
    """Times in seconds, and the bytes of one answer's body as sent."""
    took: list[float] = []
    size = 0
    until = time.perf_counter() + seconds

    async def client() -> None:
        nonlocal size
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
        while (begun := time.perf_counter()) < until:
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            assert b" 200 " in head[:16], head[:200]
            if b"content-length: " in head:
                size = int(head.partition(b"content-length: ")[2].split(b"\r\n")[0])
                await reader.readexactly(size)
            else:
                size = await _chunks(reader)
            took.append(time.perf_counter() - begun)
        writer.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return took, size


async def _chunks(reader: asyncio.StreamReader) -> int:
    size = 0
    while length := int(await reader.readline(), 16):
        size += length
        await reader.readexactly(length + 2)
    await reader.readline()
    return size


def measure(server: servers.Server, request: bytes, clients: int, seconds: float) -> Load:
    port, spent = int(server.url.rpartition(":")[2]), web_seconds(server)
    took, size = asyncio.run(load(port, request, clients, seconds))
    cpu = (web_seconds(server) - spent) / len(took)
    late = share(took, 0.95)
    return Load(len(took) / seconds, statistics.median(took), late, size, cpu)


def asking(server: servers.Server, path: str, cookies: dict[str, str]) -> bytes:
    kept = "; ".join(f"{name}={value}" for name, value in cookies.items())
    accept = "application/json" if path.endswith("state") else "text/html"
    head = [
        f"GET {path} HTTP/1.1",
        f"Host: {server.url.removeprefix('http://')}",
        f"Cookie: {kept}",
        f"Accept: {accept}",
        "Accept-Encoding: br, gzip",
    ]
    return "\r\n".join([*head, "", ""]).encode()


def main(seconds: float = 3.0) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder,
        servers.running(Path(folder), workers=0, COUNTERSIGN_STREAMS="0") as server,
    ):
        made = server.run(MAKE)
        urllib.request.urlopen(f"{server.url}/healthz", timeout=10).close()
        paths = {"empty view": "/healthz"} | made["paths"]
        empty: dict[int, Load] = {}
        for name, path in paths.items():
            request = asking(server, path, made["cookies"])
            measure(server, request, 1, 0.5)
            for clients in CLIENTS:
                seen = measure(server, request, clients, seconds)
                empty.setdefault(clients, seen)
                _say(name, clients, seen, made["queries"].get(name, 0), empty[clients])
            if name in GOALS:
                _sizes(name, made["queries"][name], seen.size, made["least"][name])


def _say(name: str, clients: int, seen: Load, queries: int, empty: Load) -> None:
    print(
        f"{name}, {clients} clients: {seen.rate:.0f}/s, p50 {seen.p50 * 1000:.1f} ms, "
        f"p95 {seen.p95 * 1000:.1f} ms, {seen.cpu * 1000:.1f} ms of web CPU, {queries} queries, "
        f"{seen.size / 1000:.1f} kB"
    )
    if seen is empty:
        return

    def figure(what: str, of: float, limit: float | None, unit: str, goal: str = "") -> Figure:
        return Figure("pages", f"{name}, {what}", of, unit, limit, "an empty view", goal)

    at = f"{clients} client{'s' * (clients > 1)}"
    record(
        figure(at, seen.rate, empty.rate, "requests/s"),
        figure(f"{at}, p50", seen.p50 * 1000, empty.p50 * 1000, "ms"),
        figure(f"{at}, p95", seen.p95 * 1000, empty.p95 * 1000, "ms"),
    )
    if clients == 1:
        record(figure("web CPU", seen.cpu * 1000, empty.cpu * 1000, "ms", GOALS[name][0]))


def _sizes(name: str, queries: int, size: int, least: tuple[int, int]) -> None:
    _, query_goal, size_goal = GOALS[name]
    against = "an empty worklist" if name == "worklist" else "three lines"
    counted, sent = f"{name}, queries", f"{name}, compressed"
    record(
        Figure("pages", counted, queries, "", least[0], against, query_goal),
        Figure("pages", sent, size / 1000, "kB", least[1] / 1000, against, size_goal),
    )


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
