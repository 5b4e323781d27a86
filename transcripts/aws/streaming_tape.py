"""What of a live stream is on its way into the database: samples and finals, in order."""

import asyncio
import logging
from typing import Any
from uuid import UUID

from transcripts.aws import streaming_rows
from transcripts.aws.errors import AwsError
from transcripts.aws.streaming_rows import in_thread

log = logging.getLogger(__name__)

MOST_FRAMES = 60  # that wait for a database which is away
FINISHES = (0, 1, 5, 20)  # seconds before each try; after the last the workers' sweep does it
UNAVAILABLE = "The service is too busy right now. Wait a moment and try your request again."


class Tape:
    """Collects; `store` writes what came since, a second a frame. Loses nothing when that fails."""

    def __init__(self, stream_id: UUID, *, second: int, stored: bool) -> None:
        self.stream_id = stream_id
        self._second = second
        self._stored = stored
        self._samples = bytearray()
        self._frames: list[bytes] = []  # cut for good: whether a failed try kept them is not known
        self._first = 0  # number of the first of them
        self._lines: list[tuple[int, dict[str, Any]]] = []
        self._said = 0
        self._storing = asyncio.Lock()

    def add(self, pcm: bytes) -> None:
        """Samples that were received. ServiceUnavailableException when too many wait."""
        if not self._stored:
            return
        if len(self._frames) > MOST_FRAMES:
            raise AwsError("ServiceUnavailableException", UNAVAILABLE, status=503)
        self._samples += pcm

    def said(self, line: dict[str, Any]) -> None:
        """A final."""
        if self._stored:
            self._lines.append((self._said, line))
            self._said += 1

    async def store(self) -> bool:
        """Writes what waits; False when the database did not take it, which then waits on."""
        async with self._storing:
            for at in range(0, len(self._samples), self._second):
                self._frames.append(bytes(self._samples[at : at + self._second]))
            self._samples.clear()
            frames, lines = list(self._frames), list(self._lines)
            if not frames and not lines:
                return True
            try:
                await in_thread(streaming_rows.keep, self.stream_id, self._first, frames, lines)
            except Exception as error:
                log.warning("a live stream waits to be kept (%s)", type(error).__name__)
                return False
            del self._frames[: len(frames)]
            del self._lines[: len(lines)]
            self._first += len(frames)
            return True

    async def finish(self, *, heard_all: bool) -> None:
        """Makes the recording of it, trying several times. Never raises."""
        for seconds in FINISHES:
            await asyncio.sleep(seconds)
            if not await self.store():
                continue
            try:
                return await in_thread(streaming_rows.finish, self.stream_id, heard_all)
            except Exception as error:
                log.error(
                    "live stream %s was not finished (%s)", self.stream_id, type(error).__name__
                )
