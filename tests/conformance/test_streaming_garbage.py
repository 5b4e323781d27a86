"""Garbage at both doors of live streams: it ends its own stream, and nothing else.

COUNTERSIGN_ROUNDS=13 sends a thousand malformed frames; the suite sends eighty.
"""

import asyncio
import base64
import os
import random
from contextlib import suppress
from pathlib import Path

from tests.conformance.server import Server
from tests.conformance.streams import (
    address,
    event,
    listen,
    opened,
    pcm,
    pieces,
    said,
    silence,
    spoken,
)
from tests.conformance.test_streaming_clients import streamed
from transcripts.aws.eventstream import Message, encode

ROUNDS = int(os.environ.get("COUNTERSIGN_ROUNDS", "1"))
FRAMES = 40  # at each door in a round
SIDE_BY_SIDE = 2
NO_ROOM = "LimitExceededException"
CHANCE = random.Random(20261124)


def garbled() -> bytes:
    """A frame that is none: noise, or a good one with something wrong about it."""
    frame = bytearray(event(CHANCE.randbytes(CHANCE.randint(1, 4000))))
    match CHANCE.randrange(6):
        case 0:
            return CHANCE.randbytes(CHANCE.randint(1, 5000))
        case 1:
            frame[CHANCE.randrange(len(frame))] ^= 1 << CHANCE.randrange(8)
        case 2:
            del frame[CHANCE.randrange(1, len(frame)) :]
        case 3:
            frame[:4] = CHANCE.randbytes(4)
        case 4:
            frame = bytearray(encode(Message({"x" * 200: CHANCE.randbytes(900)}, bytes(frame))))
        case 5:
            frame = bytearray(encode(Message({":chunk-signature": CHANCE.randbytes(32)}, b"\0")))
    return bytes(frame)


async def test_malformed_frames_harm_nobody_else(server: Server) -> None:
    web = _processes(server)
    for _ in range(ROUNDS):
        await _one_round(server)
        assert _processes(server) == web != set()
    assert (await spoken(address(server), said(pcm(seconds=1)))).error == ""


async def _one_round(server: Server) -> None:
    """Garbage at both doors while a stream is open that must come to its good end."""
    async with opened(address(server)) as other:
        for piece in pieces(pcm(seconds=2)):
            await other.send(event(piece))
        breathing = asyncio.create_task(silence(other))
        await asyncio.gather(_over_websockets(server), _over_http2(server))
        breathing.cancel()
        for piece in pieces(pcm()[64_000:]):
            await other.send(event(piece))
        await other.send(b"")
        heard = await listen(other)
    assert (heard.error, heard.code) == ("", 1000)
    assert "progress note" in heard.text.lower()


async def _over_websockets(server: Server) -> None:
    async def one(frames: list[bytes]) -> None:
        for frame in frames:
            messages = [event(b"\0" * 320), frame]
            # The place of a stream before may still be taken.
            while (heard := await spoken(address(server), messages)).error == NO_ROOM:
                await asyncio.sleep(0.1)
            assert heard.error == "BadRequestException" and heard.code == 1000, frame[:40]

    frames = [garbled() for _ in range(FRAMES)]
    await asyncio.gather(*(one(frames[number::SIDE_BY_SIDE]) for number in range(SIDE_BY_SIDE)))


async def _over_http2(server: Server) -> None:
    bodies = [base64.b64encode(garbled()).decode() for _ in range(FRAMES)]
    came = await streamed(server, os.devnull, garbage=bodies)
    assert came.errors == ["BadRequestException"] * FRAMES


def _processes(server: Server) -> set[str]:
    """The web server's, by number."""
    port = server.url.rpartition(":")[2].encode()
    found = set()
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            words = entry.read_bytes().split(b"\0")
            if b"config.asgi:application" in words and port in words:
                found.add(entry.parent.name)
    return found
