"""How the AWS face bears load: 50 starts at once, then gets at 200 a second. Prints, asserts nothing.

nice -n 5 .venv/bin/python -m tests.bench.aws_api [gets a second] [seconds]
"""

import asyncio
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests import services

services.start_django()

import httpx2 as httpx  # noqa: E402

from tests.conformance import server as servers  # noqa: E402
from tests.conformance.calls import AUDIO, name, start  # noqa: E402
from tests.transcripts.aws import signing  # noqa: E402

TARGET = "Transcribe.GetMedicalTranscriptionJob"


def show(what: str, took: list[float], seconds: float, failed: int = 0) -> None:
    took = sorted(took)
    middle, late = statistics.median(took), took[int(len(took) * 0.95) - 1]
    print(
        f"{what}: {len(took)} in {seconds:.1f} s = {len(took) / seconds:.0f}/s, "
        f"median {middle * 1000:.0f} ms, p95 {late * 1000:.0f} ms, "
        f"slowest {took[-1] * 1000:.0f} ms, failed {failed}"
    )


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
    show(f"{count} starts at once", took, time.perf_counter() - begun)
    return names[0]


async def gets(server: servers.Server, job: str, rate: int, seconds: int) -> None:
    """Requests leave on a fixed beat whether or not the ones before have come back."""
    body = f'{{"MedicalTranscriptionJobName": "{job}"}}'.encode()
    key = {"key": server.key.access_key_id, "secret": server.key.secret}
    url = f"{server.url}/aws/"
    took: list[float] = []
    failed = 0

    async def one(client: httpx.AsyncClient) -> None:
        nonlocal failed
        headers = signing.headers(body, url=url, X_Amz_Target=TARGET, **key)
        begun = time.perf_counter()
        answer = await client.post(url, content=body, headers=headers)
        took.append(time.perf_counter() - begun)
        failed += answer.status_code != 200

    limits = httpx.Limits(max_connections=100, max_keepalive_connections=100)
    async with httpx.AsyncClient(limits=limits, timeout=30) as client:
        await asyncio.gather(*(one(client) for _ in range(20)))
        took.clear()
        begun, tasks = time.perf_counter(), []
        for number in range(rate * seconds):
            await asyncio.sleep(max(0, begun + number / rate - time.perf_counter()))
            tasks.append(asyncio.create_task(one(client)))
        await asyncio.gather(*tasks)
    show(f"gets at {rate}/s", took, time.perf_counter() - begun, failed)


def main() -> None:
    rate, seconds = (int(each) for each in (*sys.argv[1:], "200", "10")[:2])
    if len(sys.argv) == 2:
        seconds = 10
    with (
        tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder,
        servers.running(Path(folder), workers=0) as server,
    ):
        job = starts(server, 50)
        asyncio.run(gets(server, job, rate, seconds))


if __name__ == "__main__":
    main()
