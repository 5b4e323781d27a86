"""How fast stored audio is encrypted, and how fast a range of four hours is read back.

`python -m tests.bench.at_rest [--in FOLDER]`; the folder should lie on the disk that matters.
"""

import argparse
import io
import os
import resource
import statistics
import tempfile
import time
from pathlib import Path
from random import Random
from typing import BinaryIO
from uuid import uuid4

from tests.bench.figures import share
from transcripts import sealed

HOURS_BYTES = 4 * 3600 * 16_000 * 2  # four hours of 16 kHz mono WAV
RANGE = 256 * 1024
NAME = "countersign/practice/folder/media"


class Sound(io.RawIOBase):
    """So many bytes that don't compress, without holding them."""

    def __init__(self, length: int) -> None:
        self.left, self.block = length, os.urandom(sealed.CHUNK)

    def read(self, size: int = -1) -> bytes:
        size = min(size, self.left)
        self.left -= size
        return self.block[:size]


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--in", dest="folder", type=Path, default=Path(tempfile.gettempdir()))
    folder, key = options.parse_args().folder, os.urandom(32)
    with tempfile.TemporaryFile(dir=folder) as file:
        began = time.perf_counter()
        sealed.seal(
            Sound(HOURS_BYTES), file, key=key, key_id=uuid4(), name=NAME, length=HOURS_BYTES
        )
        file.flush()
        _tell("written and encrypted", HOURS_BYTES, time.perf_counter() - began)
        began = time.perf_counter()
        reader = _open(file, key)
        while reader.read(RANGE):
            pass
        _tell("read and decrypted", HOURS_BYTES, time.perf_counter() - began)
        _ranges(file, key)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this process: {peak:.0f} MB")


def _open(file: BinaryIO, key: bytes) -> io.BufferedReader:
    """A reader of its own file number, which closing leaves the file open."""
    copy = os.fdopen(os.dup(file.fileno()), "rb")
    copy.seek(0)
    return io.BufferedReader(sealed.Reader(copy, key=key, name=NAME), sealed.CHUNK)


def _ranges(file: BinaryIO, key: bytes) -> None:
    random, times = Random(1), []
    for _ in range(500):
        start = random.randrange(HOURS_BYTES - RANGE)
        began = time.perf_counter()
        with _open(file, key) as reader:
            reader.seek(start)
            assert len(reader.read(RANGE)) == RANGE
        times.append(1000 * (time.perf_counter() - began))
    print(
        f"a range of 256 KiB anywhere in it, opened anew: "
        f"median {statistics.median(times):.2f} ms, "
        f"95th percentile {share(times, 0.95):.2f} ms"
    )


def _tell(what: str, size: int, seconds: float) -> None:
    print(f"{size / 1e6:.0f} MB {what} in {seconds:.2f} s: {size / 1e6 / seconds:.0f} MB/s")


if __name__ == "__main__":
    main()
