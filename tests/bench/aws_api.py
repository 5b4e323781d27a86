"""How the AWS face bears load: 200 gets a second, then 50 starts at once. Prints, asserts nothing.

nice -n 5 .venv/bin/python -m tests.bench.aws_api [gets a second] [seconds]
"""

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import services

services.start_django()

import psutil  # noqa: E402

from tests.bench.figures import Figure, record, share  # noqa: E402
from tests.conformance import server as servers  # noqa: E402
from tests.conformance.calls import AUDIO, finished, name, start  # noqa: E402
from tests.transcripts.aws import signing  # noqa: E402

CONNECTIONS = 64
BURST, BURSTS = 50, 4
START = {
    "LanguageCode": "en-US",
    "OutputBucketName": "northgate",
    "Specialty": "PRIMARYCARE",
    "Type": "DICTATION",
}


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


def signed(server: servers.Server, action: str, **body: Any) -> bytes:
    """One request of an AWS client, as it goes over the wire."""
    sent, key = json.dumps(body).encode(), server.key
    headers = signing.headers(
        sent,
        url=f"{server.url}/aws/",
        key=key.access_key_id,
        secret=key.secret,
        X_Amz_Target=f"Transcribe.{action}MedicalTranscriptionJob",
    )
    lines = ["POST /aws/ HTTP/1.1", *(f"{each}: {value}" for each, value in headers.items())]
    return "\r\n".join([*lines, f"content-length: {len(sent)}", "", ""]).encode() + sent


def look(server: servers.Server) -> bytes:
    """The empty view: a response without a query through the same server."""
    host = server.url.removeprefix("http://")
    return f"GET /healthz HTTP/1.1\r\nhost: {host}\r\n\r\n".encode()


Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def opened(server: servers.Server, count: int) -> list[Line]:
    """So many connections, each of which was answered once."""
    port = int(server.url.rpartition(":")[2])
    lines = [await asyncio.open_connection("127.0.0.1", port) for _ in range(count)]
    for line in lines:
        await answered(line, look(server))
    return lines


async def answered(line: Line, request: bytes) -> bool:
    """Whether with success."""
    reader, writer = line
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    await reader.readexactly(length)
    return b" 200 " in head[:16]


async def bursts(server: servers.Server, what: str, requests: list[bytes]) -> Seen:
    """So many at once as BURST says, and again when all of them are answered."""
    lines = await opened(server, BURST)
    took: list[float] = []
    failed = 0

    async def one(line: Line, request: bytes) -> None:
        nonlocal failed
        begun = time.perf_counter()
        failed += not await answered(line, request)
        took.append(time.perf_counter() - begun)

    spent, begun = web_seconds(server), time.perf_counter()
    for first in range(0, len(requests), BURST):
        some = zip(lines, requests[first : first + BURST], strict=True)
        await asyncio.gather(*(one(*each) for each in some))
    seconds, cpu = time.perf_counter() - begun, web_seconds(server) - spent
    for _, writer in lines:
        writer.close()
    return show(f"{what}, {BURST} at once", took, seconds, failed, cpu)


def starts(server: servers.Server) -> None:
    """Jobs of a file that is no sound: a worker is soon done with each, beside the measurement."""
    given = START | {"Media": {"MediaFileUri": server.put("x", AUDIO / "edge_text_renamed.wav")}}
    names = [name("bench") for _ in range(BURST * BURSTS)]
    every = [signed(server, "Start", MedicalTranscriptionJobName=each, **given) for each in names]
    empty = asyncio.run(bursts(server, "empty views", [look(server)] * len(every)))
    seen = asyncio.run(bursts(server, "starts", every))
    compare(f"starts, {BURST} at once", seen, empty, "as many empty views")


async def beat(server: servers.Server, what: str, request: bytes, rate: int, seconds: int) -> Seen:
    """The request leaves on a fixed beat whether or not the ones before have come back.

    It is always the same on one of 64 open connections: the client's work must not be what is
    measured.
    """
    free: asyncio.Queue[Line] = asyncio.Queue()
    for line in await opened(server, CONNECTIONS):
        free.put_nowait(line)
    took: list[float] = []
    failed = 0

    async def one() -> None:
        nonlocal failed
        begun = time.perf_counter()
        line = await free.get()
        failed += not await answered(line, request)
        free.put_nowait(line)
        took.append(time.perf_counter() - begun)

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


def gets(server: servers.Server, rate: int, seconds: int) -> None:
    """Of a job that is done."""
    server.put("jfk.flac", AUDIO / "human_speech_jfk.flac")
    client, job = server.client(), name("bench")
    uri = f"s3://{server.key.bucket}/jfk.flac"
    start(client, MedicalTranscriptionJobName=job, Media={"MediaFileUri": uri})
    assert finished(client, job)["TranscriptionJobStatus"] == "COMPLETED"
    empty = asyncio.run(beat(server, "an empty view", look(server), rate, seconds))
    request = signed(server, "Get", MedicalTranscriptionJobName=job)
    seen = asyncio.run(beat(server, "gets", request, rate, seconds))
    compare(f"gets at {rate}/s", seen, empty, "an empty view at the same rate", "≤ 100 ms")


def compare(what: str, seen: Seen, empty: Seen, against: str, goal: str = "") -> None:
    record(
        Figure("aws_api", what, seen.rate, "requests/s", empty.rate, against),
        Figure("aws_api", f"{what}, p50", seen.middle, "ms", empty.middle, against),
        Figure("aws_api", f"{what}, p95", seen.late, "ms", empty.late, against, goal),
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
        gets(server, rate, seconds)
        starts(server)


if __name__ == "__main__":
    main()
