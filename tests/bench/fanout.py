"""How soon 200 sockets know of an edit, beside what the raw channel layer takes for 200 sockets.

.venv/bin/python -m tests.bench.fanout [sockets] [messages]

All times count from the moment when the message is given to Redis until a browser's socket has it:
the text of the edit, read and checked for each; as many bytes that consumers of the channel layer
only pass on (asgi_app.py); and as many on connections to Redis itself. The browsers are one
process, each with a log-in of its own, of three people.
"""

import asyncio
import itertools
import json
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from tests import services

services.start_django()

import redis.asyncio as redis  # noqa: E402
from channels.layers import get_channel_layer  # noqa: E402
from channels_redis.pubsub import RedisPubSubChannelLayer  # noqa: E402
from django.conf import settings  # noqa: E402
from redis.asyncio.client import PubSub  # noqa: E402
from websockets.asyncio.client import connect  # noqa: E402

from tests import rows  # noqa: E402
from tests.bench import bare  # noqa: E402
from tests.bench.figures import Figure, record, share  # noqa: E402
from tests.bench.ground import tables  # noqa: E402
from tests.bench.transcripts import lines  # noqa: E402
from tests.cast import make_cast  # noqa: E402
from tests.factories import assembled  # noqa: E402
from tests.faults.web import Web, cookies  # noqa: E402
from transcripts import live  # noqa: E402
from transcripts.models import Recording  # noqa: E402

QUIET = 3.0  # seconds
GROUP, SIZE = "everyone", 6000  # of asgi_app.py; bytes of a real message


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
        await asyncio.sleep(0.15)
    del took[:count]  # the first warms up
    for task in hearing:
        task.cancel()
    await asyncio.gather(*(socket.close() for socket in sockets))
    return took


async def published(count: int, messages: int) -> list[float]:
    """Seconds until each of so many connections to Redis has each message of a raw publish."""
    async with redis.Redis.from_url(settings.REDIS_URL) as sender, AsyncExitStack() as kept:
        ears = []
        for _ in range(count):
            each = await kept.enter_async_context(redis.Redis.from_url(settings.REDIS_URL))
            ears.append(await kept.enter_async_context(each.pubsub()))
            await ears[-1].subscribe(GROUP)
            await ears[-1].get_message(timeout=5)  # that it is subscribed
        took: list[float] = []
        begun = 0.0

        async def hear(ear: PubSub) -> None:
            assert await ear.get_message(timeout=30)
            took.append(time.perf_counter() - begun)

        for _ in range(messages):
            hearing = [asyncio.create_task(hear(ear)) for ear in ears]
            await asyncio.sleep(0.1)
            begun = time.perf_counter()
            await sender.publish(GROUP, "x" * SIZE)
            await asyncio.gather(*hearing)
    return took[count:]  # the first warms up


def measure(sockets: int = 200, messages: int = 40) -> dict[str, float]:
    """p50 and p95 in seconds: of live messages, and of the bare channel layer."""
    tables()
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
    plain = [
        (GROUP, {"type": "told", "seq": n, "text": json.dumps({"seq": n, "text": "x" * SIZE})})
        for n in range(messages)
    ]
    layer = RedisPubSubChannelLayer(hosts=[settings.REDIS_URL])
    with bare.django() as (port, _):
        raw = asyncio.run(tell(f"ws://127.0.0.1:{port}/", sessions, plain, layer))
    least = asyncio.run(published(sockets, messages))
    kinds = {"": told, "alone ": raw, "publish ": least}
    return {
        f"{kind}p{part}": share(took, part / 100)
        for kind, took in kinds.items()
        for part in (50, 95)
    }


def main(sockets: int = 200, messages: int = 40) -> None:
    found = measure(sockets, messages)
    print("| | p50 | p95 |\n| --- | --- | --- |")
    name = f"an edit known to {sockets} sockets"
    for kind, what in ({"": name} | LIMITS).items():
        print(
            f"| {what} | {found[f'{kind}p50'] * 1e3:.0f} ms | {found[f'{kind}p95'] * 1e3:.0f} ms |"
        )
    for part in ("p50", "p95"):
        for kind, against in LIMITS.items():
            goal = "≤ 2 ×" if (kind, part) == ("alone ", "p95") else ""
            limit = found[f"{kind}{part}"] * 1e3
            figure = f"{name}, {part}"
            record(Figure("fanout", figure, found[part] * 1e3, "ms", limit, against, goal))


LIMITS = {"alone ": "the channel layer alone", "publish ": "a raw Redis publish"}


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
