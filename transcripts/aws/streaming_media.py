"""A live stream's audio as samples: as it came, or through a child process that decodes it.

No decoder is ever loaded here; the child is streaming_sandbox.py, under the limits of sandbox.py.
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

from transcripts.aws.errors import AwsError, bad_request
from transcripts.aws.streaming_rules import Wanted

Sink = Callable[[bytes], Awaitable[None]]

STUCK_SECONDS = 30.0  # a decoder that takes nothing for so long will not take anything more
ENDING_SECONDS = 120.0  # what it holds may be a minute of speech, taken no faster than understood
READ = 64 * 1024
ROOT = Path(__file__).resolve().parents[2]
ENDED, OTHER_RATE, OTHER_CHANNELS = 0, 66, 67  # exit codes; those of streaming_sandbox.py
SENTENCES = {
    OTHER_RATE: "The sample rate provided does not match the sample rate of the audio stream.",
    OTHER_CHANNELS: "The audio stream does not have the two channels that number-of-channels says.",
}
BROKEN = "The audio stream is not in the encoding that media-encoding says, or it is damaged."


class Decoder(Protocol):
    """Takes encoded audio, hands whole samples to the sink it was made with, in order."""

    async def feed(self, data: bytes) -> None:
        """Raises AwsError once the audio turned out to be unusable."""

    async def end(self) -> None:
        """No more comes: all samples are with the sink afterwards. Raises AwsError."""

    async def abandon(self) -> None:
        """Frees what it holds, at any time."""


async def decoder(wanted: Wanted, sink: Sink) -> Decoder:
    if wanted.encoding == "pcm":
        return Samples(wanted, sink)
    return await Child.start(wanted, sink)


class Samples:
    """PCM as it comes; a sample that was cut in two is put together again."""

    def __init__(self, wanted: Wanted, sink: Sink) -> None:
        self._size = 2 * wanted.channels
        self._sink = sink
        self._rest = b""

    async def feed(self, data: bytes) -> None:
        data = self._rest + data
        whole = len(data) - len(data) % self._size
        self._rest = data[whole:]
        if whole:
            await self._sink(data[:whole])

    async def end(self) -> None:
        self._rest = b""

    async def abandon(self) -> None:
        """Holds nothing."""


class Child:
    """Any other encoding, decoded by a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process, wanted: Wanted, sink: Sink) -> None:
        self._process = process
        self._reading = asyncio.create_task(self._read(Samples(wanted, sink)))

    @classmethod
    async def start(cls, wanted: Wanted, sink: Sink) -> "Child":
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-s", "-B", "-m", "transcripts.aws.streaming_sandbox"),
            *(wanted.encoding, str(wanted.sample_rate), str(wanted.channels)),
            cwd=ROOT,
            # Secrets of this process are not the child's business.
            env={
                "PATH": os.defpath,
                "PYTHONPATH": str(ROOT),
                "OPENBLAS_NUM_THREADS": "1",
                "LC_ALL": "C.UTF-8",
            },
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        return cls(process, wanted, sink)

    async def feed(self, data: bytes) -> None:
        into = self._process.stdin
        assert into
        if self._reading.done():
            await self._judge()
        try:
            into.write(data)
            async with asyncio.timeout(STUCK_SECONDS):
                await into.drain()
        except (ConnectionError, TimeoutError):
            await self._judge()

    async def end(self) -> None:
        into = self._process.stdin
        assert into
        with contextlib.suppress(ConnectionError):
            into.close()
        await self._judge()

    async def abandon(self) -> None:
        self._reading.cancel()
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        await self._process.wait()

    async def _read(self, samples: Samples) -> None:
        out = self._process.stdout
        assert out
        while data := await out.read(READ):
            await samples.feed(data)

    async def _judge(self) -> None:
        """Waits for the child's end; AwsError unless it was a good one."""
        try:
            async with asyncio.timeout(ENDING_SECONDS):
                await asyncio.shield(self._reading)
                code = await self._process.wait()
        except TimeoutError:
            code = None
        if code != ENDED:
            raise self._refusal(code)

    def _refusal(self, code: int | None) -> AwsError:
        return bad_request(SENTENCES.get(code or 0, BROKEN))
