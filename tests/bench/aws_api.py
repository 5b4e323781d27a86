"""How the AWS face bears load: 50 starts at once, then 200 gets a second. Prints, asserts nothing.

nice -n 5 .venv/bin/python -m tests.bench.aws_api [gets a second] [seconds]
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests import services

services.start_django()

import psutil  # noqa: E402

from tests.bench.figures import Figure, record, share  # noqa: E402
from tests.conformance import server as servers  # noqa: E402
from tests.conformance.calls import AUDIO, name, start  # noqa: E402
from tests.transcripts.aws import signing  # noqa: E402

CONNECTIONS = 64
TARGET = "Transcribe.GetMedicalTranscriptionJob"


@dataclass(frozen=True, slots=True)
class Seen:
    """What came back: requests a second, times in ms, CPU ms of the web process for each."""

    rate: float
    middle: float
    late: float
    cpu: float = 0


def show(what: str, took: list[float], seconds: float, failed: int = 0, cpu: float = 0) -> Seen:
    seen = Seen(
        len(took) / seconds,
        statistics.median(took) * 1000,
        share(took, 0.95) * 1000,
        cpu / len(took) * 1000,
    )
    print(
        f"{what}: {len(took)} in {seconds:.1f} s = {seen.rate:.0f}/s, median {seen.middle:.0f} ms, "
        f"p95 {seen.late:.0f} ms, slowest {max(took) * 1000:.0f} ms, failed {failed}, "
        f"{seen.cpu:.1f} ms of web CPU each; load {os.getloadavg()[0]:.0f}"
    )
    return seen


def starts(server: servers.Server, count: int) -> str:
    """Plain boto3 from `count` threads; the name of one job."""
    client = server.client()
    uri = server.put("bench.wav", AUDIO / "edge_text_renamed.wav")
    names = [name("bench") for _ in range(count)]

    def one(each: str) -> float:
        begun = time.perf_counter()
        start(client, MedicalTranscriptionJobName=each, Media={"MediaFileUri": uri})
        return time.perf_counter() - begun

    begun = time.perf_counter()
    with ThreadPoolExecutor(count) as threads:
        took = list(threads.map(one, names))
    what = f"{count} starts at once"
    seen = show(what, took, time.perf_counter() - begun)
    record(
        Figure("aws_api", what, seen.rate, "requests/s"),
        Figure("aws_api", f"{what}, p95", seen.late, "ms"),
    )
    return names[0]


def get(server: servers.Server, job: str) -> bytes:
    """One signed request, as it goes over the wire."""
    body = f'{{"MedicalTranscriptionJobName": "{job}"}}'.encode()
    key = {"key": server.key.access_key_id, "secret": server.key.secret}
    headers = signing.headers(body, url=f"{server.url}/aws/", X_Amz_Target=TARGET, **key)
    lines = ["POST /aws/ HTTP/1.1", *(f"{each}: {value}" for each, value in headers.items())]
    return "\r\n".join([*lines, f"content-length: {len(body)}", "", ""]).encode() + body


def look(server: servers.Server) -> bytes:
    """The empty view: a response without a query through the same server."""
    host = server.url.removeprefix("http://")
    return f"GET /healthz HTTP/1.1\r\nhost: {host}\r\n\r\n".encode()


async def beat(server: servers.Server, what: str, request: bytes, rate: int, seconds: int) -> Seen:
    """The request leaves on a fixed beat whether or not the ones before have come back.

    It is always the same on one of 64 open connections: the client's work must not be what is
    measured.
    """
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        free.put_nowait(
            await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
        )
    took: list[float] = []
    failed = 0

    async def one() -> None:
        nonlocal failed
        begun = time.perf_counter()
        reader, writer = await free.get()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        await reader.readexactly(length)
        free.put_nowait((reader, writer))
        took.append(time.perf_counter() - begun)
        failed += b" 200 " not in head[:16]

    await asyncio.gather(*(one() for _ in range(20)))
    took.clear()
    failed = 0
    spent, begun, tasks = web_seconds(server), time.perf_counter(), []
    for number in range(rate * seconds):
        await asyncio.sleep(max(0, begun + number / rate - time.perf_counter()))
        tasks.append(asyncio.create_task(one()))
    await asyncio.gather(*tasks)
    for _ in range(CONNECTIONS):
        (await free.get())[1].close()
    cpu = web_seconds(server) - spent
    return show(f"{what} at {rate}/s", took, time.perf_counter() - begun, failed, cpu)


def gets(server: servers.Server, job: str, rate: int, seconds: int) -> None:
    empty = asyncio.run(beat(server, "an empty view", look(server), rate, seconds))
    seen = asyncio.run(beat(server, "gets", get(server, job), rate, seconds))
    what, against = f"gets at {rate}/s", "an empty view at the same rate"
    record(
        Figure("aws_api", what, seen.rate, "requests/s", empty.rate, against),
        Figure("aws_api", f"{what}, p50", seen.middle, "ms", empty.middle, against),
        Figure("aws_api", f"{what}, p95", seen.late, "ms", empty.late, against, "< 100 ms"),
        Figure("aws_api", f"{what}, web CPU", seen.cpu, "ms", empty.cpu, against),
    )


def web_seconds(server: servers.Server) -> float:
    """CPU seconds that the web processes of this server have used so far."""
    port = server.url.rpartition(":")[2]
    total = 0.0
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if "granian" in command and port in command:
            every = [process, *process.children(recursive=True)]
            total += sum(sum(each.cpu_times()[:2]) for each in every)
            break
    return total


def main() -> None:
    rate, seconds = (int(each) for each in (*sys.argv[1:], "200", "10")[:2])
    if len(sys.argv) == 2:
        seconds = 10
    with (
        tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder,
        servers.running(Path(folder), workers=1) as server,
    ):
        job = starts(server, 50)
        gets(server, job, rate, seconds)


if __name__ == "__main__":
    main()
