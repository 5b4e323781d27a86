"""Raw samples for tests that need sound but no words."""

import math
import random
import struct
import wave
from pathlib import Path

RATE = 16_000


def speechlike(seconds: float, level: float = 0.3) -> bytes:
    """A wavering tone: s16le, mono, 16 kHz."""
    count = int(seconds * RATE)
    swing = (math.sin(i * 0.12) * (0.6 + 0.4 * math.sin(i * 0.0021)) for i in range(count))
    return struct.pack(f"<{count}h", *(int(level * 32767 * each) for each in swing))


def interleaved(left: bytes, right: bytes) -> bytes:
    """Two lanes of the same length as one stereo stretch."""
    pairs = zip(memoryview(left).cast("h"), memoryview(right).cast("h"), strict=True)
    return struct.pack(f"<{len(left)}h", *(sample for pair in pairs for sample in pair))


def long_wave(path: Path, megabytes: int) -> Path:
    """Noise as a WAV file of so many MiB and its header: 48 kHz, stereo, 5.5 s for each."""
    block = random.Random(megabytes).randbytes(2**20)
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, 48_000, 0, "NONE", ""))
        for _ in range(megabytes):
            file.writeframesraw(block)
    return path
