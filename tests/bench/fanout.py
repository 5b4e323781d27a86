"""How soon 200 sockets know of an edit, beside what the raw channel layer takes for 200 receivers.

.venv/bin/python -m tests.bench.fanout [sockets] [messages]

Both times count from the moment when the message is given to Redis: until a browser's socket has
the text of the edit, and until a receiver of the layer has its ids. The browsers are one process.
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests import services

services.start_django()

from channels.layers import get_channel_layer  # noqa: E402
from django.core.management import call_command  # noqa: E402
from websockets.asyncio.client import connect  # noqa: E402

from tests import rows  # noqa: E402
from tests.bench.figures import Figure, record  # noqa: E402
from tests.bench.transcripts import lines  # noqa: E402
from tests.cast import make_cast  # noqa: E402
from tests.factories import assembled  # noqa: E402
from tests.faults.web import Web, cookies  # noqa: E402
from transcripts import live  # noqa: E402
from transcripts.models import Recording  # noqa: E402

LIMIT = 2.0  # times what the layer takes alone
QUIET = 3.0  # seconds


def share(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


async def tell(url: str, headers: dict[str, str], count: int, said: list[Any]) -> list[float]:
    """Seconds until each of `count` sockets has each of the messages; they are sent one by one."""
    origin = url.replace("ws://", "http://").partition("/ws/")[0]
    options = {"origin": origin, "additional_headers": {"Cookie": headers["Cookie"]}}
    options |= {"compression": None, "ping_interval": None, "open_timeout": 60}
    sockets = []
    for _ in range(0, count, 20):  # who comes tells everybody: not all at once
        more = (connect(url, **options) for _ in range(min(20, count - len(sockets))))
        sockets += await asyncio.gather(*more)
        await asyncio.sleep(0.2)
    took: list[float] = []
    arrived = asyncio.Queue()
    last = time.perf_counter()

    async def hear(socket: Any) -> None:
        nonlocal last
        async for frame in socket:
            last = at = time.perf_counter()
            if '"seq"' in frame and '"hello"' not in frame:
                arrived.put_nowait((json.loads(frame)["seq"], at))

    hearing = [asyncio.create_task(hear(socket)) for socket in sockets]
    while time.perf_counter() - last < QUIET:  # until everybody knows of everybody
        await asyncio.sleep(0.1)
    layer = get_channel_layer()
    for group, message in said:
        begun = time.perf_counter()
        await layer.group_send(group, message)
        for _ in range(count):
            seq, at = await asyncio.wait_for(arrived.get(), 30)
            assert seq == message["seq"]
            took.append(at - begun)
        await asyncio.sleep(0.3)
    for task in hearing:
        task.cancel()
    await asyncio.gather(*(socket.close() for socket in sockets))
    return took


async def alone(count: int, said: list[Any]) -> list[float]:
    """The same messages, to so many receivers of a channel layer in one process."""
    layer, took = get_channel_layer(), []
    names = [await layer.new_channel() for _ in range(count)]
    for name in names:
        await layer.group_add("alone", name)

    async def receive(name: str, begun: float) -> None:
        await layer.receive(name)
        took.append(time.perf_counter() - begun)

    for _, message in said:
        begun = time.perf_counter()
        waiting = [asyncio.create_task(receive(name, begun)) for name in names]
        await layer.group_send("alone", message)
        await asyncio.gather(*waiting)
        await asyncio.sleep(0.3)
    return took


def measure(sockets: int = 200, messages: int = 12) -> dict[str, float]:
    """p50 and p95 in seconds: of live messages, and of the channel layer alone."""
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    cast = make_cast()
    recording = rows.recording(cast, duration=3600)
    assembled(recording, lines(10_000, 3600))
    ids = [str(pk) for pk in recording.review.text.values_list("pk", flat=True)[:messages]]
    begun = recording.live_seq + 1000
    group = live.recording_group(recording.pk)
    headers = cookies(cast.editor)
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder:
        web = Web(Path(folder) / "web.log")
        web.start()
        try:
            address = f"ws://127.0.0.1:{web.port}/ws/"
            base = {"type": "recording.message", "kind": "segment", "recording": str(recording.pk)}
            said = [
                (group, base | {"seq": begun + n, "segments": [pk], "by": str(cast.editor.user_id)})
                for n, pk in enumerate(ids)
            ]
            Recording.objects.filter(pk=recording.pk).update(live_seq=begun + messages)
            told = asyncio.run(tell(f"{address}recordings/{recording.pk}/", headers, sockets, said))
            raw = asyncio.run(alone(sockets, said))
        finally:
            web.kill()
    return {
        "p50": statistics.median(told),
        "p95": share(told, 0.95),
        "alone p50": statistics.median(raw),
        "alone p95": share(raw, 0.95),
    }


def main(sockets: int = 200, messages: int = 12) -> None:
    found = measure(sockets, messages)
    print("| | p50 | p95 |\n| --- | --- | --- |")
    for name, of in ((f"an edit to {sockets} sockets", ""), ("the channel layer alone", "alone ")):
        print(f"| {name} | {found[f'{of}p50'] * 1e3:.0f} ms | {found[f'{of}p95'] * 1e3:.0f} ms |")
    name = f"an edit known to {sockets} sockets, p95"
    against = {"limit": found["alone p95"] * 1e3, "against": "the channel layer alone"}
    record(Figure("fanout", name, found["p95"] * 1e3, "ms", goal="≤ 2 ×", **against))
    print(f"p95 {found['p95'] / found['alone p95']:.1f} times the layer's (limit {LIMIT:.0f})")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
