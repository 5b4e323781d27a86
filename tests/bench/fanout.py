"""How soon 200 sockets know of an edit, beside what the raw channel layer takes for 200 sockets.

.venv/bin/python -m tests.bench.fanout [sockets] [messages]

Both times count from the moment when the message is given to Redis until a browser's socket has it:
the text of the edit, read and checked for each; and as many bytes that consumers of the channel
layer only pass on (asgi_app.py). The browsers are one process, each with a log-in of its own, of
three people.
"""

import asyncio
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from socket import create_connection
from typing import Any

from tests import services

services.start_django()

from channels.layers import get_channel_layer  # noqa: E402
from channels_redis.pubsub import RedisPubSubChannelLayer  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from websockets.asyncio.client import connect  # noqa: E402

from config.demo.services import free_port  # noqa: E402
from config.demo.supervisor import web_command  # noqa: E402
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
GROUP, SIZE = "everyone", 6000  # of asgi_app.py; bytes of a real message


def share(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


async def tell(url: str, sessions: list[str], said: list[Any], layer: Any) -> list[float]:
    """Seconds until a socket of each session has each of the messages; they are sent one by one."""
    origin, count = url.replace("ws://", "http://").partition("/ws/")[0], len(sessions)
    options = {"origin": origin, "compression": None, "ping_interval": None, "open_timeout": 60}
    sockets = []
    for first in range(0, count, 20):
        some = sessions[first : first + 20]
        more = (connect(url, additional_headers={"Cookie": kept}, **options) for kept in some)
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
    for group, message in said:
        begun = time.perf_counter()
        await layer.group_send(group, message)
        for _ in range(count):
            seq, at = await asyncio.wait_for(arrived.get(), 30)
            assert seq == message["seq"]
            took.append(at - begun)
        await asyncio.sleep(0.3)
    del took[:count]  # the first warms up
    for task in hearing:
        task.cancel()
    await asyncio.gather(*(socket.close() for socket in sockets))
    return took


class Bare:
    """asgi_app.py on a port of its own: consumers that pass on what the layer brings them."""

    def __init__(self) -> None:
        self.port = free_port()
        command = list(web_command("127.0.0.1", self.port))
        command[command.index("config.asgi:application")] = "tests.bench.asgi_app:application"
        self.process = subprocess.Popen(command)
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with suppress(OSError):
                create_connection(("127.0.0.1", self.port), 1).close()
                return
            time.sleep(0.1)

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(10)


def measure(sockets: int = 200, messages: int = 40) -> dict[str, float]:
    """p50 and p95 in seconds: of live messages, and of the bare channel layer."""
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    cast = make_cast()
    recording = rows.recording(cast, duration=3600)
    assembled(recording, lines(10_000, 3600))
    ids = [str(pk) for pk in recording.review.text.values_list("pk", flat=True)[:messages]]
    begun = recording.live_seq + 1000
    group = live.recording_group(recording.pk)
    people = itertools.cycle([cast.editor, cast.clinician, cast.manager])
    sessions = [cookies(next(people))["Cookie"] for _ in range(sockets)]
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
            told = asyncio.run(
                tell(f"{address}recordings/{recording.pk}/", sessions, said, get_channel_layer())
            )
        finally:
            web.kill()
    bare = Bare()
    try:
        plain = [
            (GROUP, {"type": "told", "seq": n, "text": json.dumps({"seq": n, "text": "x" * SIZE})})
            for n in range(messages)
        ]
        layer = RedisPubSubChannelLayer(hosts=[settings.REDIS_URL])
        raw = asyncio.run(tell(f"ws://127.0.0.1:{bare.port}/", sessions, plain, layer))
    finally:
        bare.end()
    return {
        "p50": statistics.median(told),
        "p95": share(told, 0.95),
        "alone p50": statistics.median(raw),
        "alone p95": share(raw, 0.95),
    }


def main(sockets: int = 200, messages: int = 40) -> None:
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
