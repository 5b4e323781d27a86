"""Damaged copies of the real files of tests/audio, always the same ones.

Of each file its first seconds are taken, packet by packet as they are: a thousand are decoded.
"""

import io
import random
from collections.abc import Callable, Iterator
from functools import cache

import av

from tests.factories import AUDIO

ORIGINALS = {
    "variant_dictation.amr": "amr",
    "variant_dictation.flac": "flac",
    "variant_dictation.m4a": "ipod",
    "variant_dictation.mp3": "mp3",
    "variant_dictation.ogg": "ogg",
    "variant_dictation.webm": "webm",
    "human_speech_jfk.flac": "flac",
    "telephone_8k.wav": "wav",
}
NAMES = list(ORIGINALS)
SEED = 15
SECONDS = 1
HEAD = 4096  # where containers keep what decoders believe
EXTREMES = (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\0\0\0\1")


def mutants(count: int) -> Iterator[tuple[str, bytes]]:
    """So many (name, content), each damaged in one to three ways."""
    chance = random.Random(SEED)
    for number in range(count):
        name = NAMES[number % len(NAMES)]
        raw = bytearray(beginning(name))
        ways = chance.sample(WAYS, chance.randint(1, 3))
        for way in ways:
            way(raw, chance)
        label = "-".join(way.__name__.strip("_") for way in ways)
        yield f"{number:04d}-{label}-{name}", bytes(raw)


@cache
def beginning(name: str) -> bytes:
    """The first seconds of a file, in a container of the same kind."""
    written = io.BytesIO()
    with av.open(AUDIO / name) as source, av.open(written, "w", format=ORIGINALS[name]) as target:
        taken = source.streams.audio[0]
        stream = target.add_stream_from_template(taken)
        for packet in source.demux(taken):
            if packet.dts is None or float(packet.dts * packet.time_base) >= SECONDS:
                break
            packet.stream = stream
            target.mux(packet)
    return written.getvalue()


def _place(raw: bytearray, chance: random.Random) -> int:
    """Anywhere, and in the head as often."""
    return chance.randrange(max(1, min(HEAD, len(raw)) if chance.random() < 0.5 else len(raw)))


def _bytes(raw: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 8, 64, 512))):
        if raw:
            raw[_place(raw, chance)] = chance.randrange(256)


def _bits(raw: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 4, 16))):
        if raw:
            raw[_place(raw, chance)] ^= 1 << chance.randrange(8)


def _numbers(raw: bytearray, chance: random.Random) -> None:
    """Lengths, counts and offsets as large or small as they get."""
    for _ in range(chance.choice((1, 2, 8))):
        at = chance.randrange(max(1, min(HEAD, len(raw))))
        raw[at : at + 4] = chance.choice(EXTREMES)


def _cut(raw: bytearray, chance: random.Random) -> None:
    del raw[_place(raw, chance) :]


def _remove(raw: bytearray, chance: random.Random) -> None:
    at = _place(raw, chance)
    del raw[at : at + chance.choice((1, 3, 64, 5000))]


def _insert(raw: bytearray, chance: random.Random) -> None:
    at = _place(raw, chance)
    raw[at:at] = chance.randbytes(chance.choice((1, 3, 64, 5000)))


def _repeat(raw: bytearray, chance: random.Random) -> None:
    at = _place(raw, chance)
    raw[at:at] = raw[at : at + 4096] * chance.choice((1, 20))


def _blank(raw: bytearray, chance: random.Random) -> None:
    at = _place(raw, chance)
    length = min(chance.choice((4, 512, 20_000)), len(raw) - at)
    raw[at : at + length] = bytes(length)


def _swap(raw: bytearray, chance: random.Random) -> None:
    a, b, size = _place(raw, chance), _place(raw, chance), chance.choice((2, 16, 2048))
    raw[a : a + size], raw[b : b + size] = raw[b : b + size], raw[a : a + size]


def _graft(raw: bytearray, chance: random.Random) -> None:
    """The body of another format under this one's head."""
    other = beginning(chance.choice(NAMES))
    raw[_place(raw, chance) :] = other[chance.randrange(len(other)) :]


WAYS: list[Callable[[bytearray, random.Random], None]] = [
    _bytes,
    _bits,
    _numbers,
    _cut,
    _remove,
    _insert,
    _repeat,
    _blank,
    _swap,
    _graft,
]
