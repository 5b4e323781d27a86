"""The live text of one dictation: audio that is kept goes to the recogniser, lines come back.

It reads what it feeds from the kept frames, so that a stream of the recogniser that is lost, or was
never to be had, is opened again where the last line ended, and nobody notices but by the delay.
Recording never waits for it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Literal

from channels.db import database_sync_to_async

from transcripts import streaming
from transcripts.engines.base import EngineError
from transcripts.engines.streaming import Full, Result, Stream
from transcripts.models import LiveStream, StreamAudio, StreamResult

log = logging.getLogger(__name__)

State = Literal["resting", "opening", "on", "full", "failed"]
BATCH = 25
TRIES = 3
LAST_WORDS_SECONDS = 30
IDLE_SECONDS = 30
Heard = Callable[[Result], Awaitable[None]]
Told = Callable[[State], Awaitable[None]]


class LiveText:
    """`heard` gets each result, `told` each change of `state`."""

    def __init__(self, row: LiveStream, heard: Heard, told: Told) -> None:
        self.state: State = "resting"
        self._row, self._heard, self._told = row, heard, told
        self._stream: Stream | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._opening: asyncio.Task[None] | None = None
        self._next = 0  # the frame to be fed next
        self._rested_at: int | None = None  # sample up to which everything was heard
        self._kept = row.frames
        self._more = asyncio.Event()
        self._tries = 0

    async def kept(self, frames: int) -> None:
        """So many frames are kept now; the first after a rest opens the recogniser again."""
        self._kept = frames
        self._more.set()
        if self.state == "resting":
            self.start()

    def start(self) -> None:
        """Begins to open the recogniser where it was left; returns at once."""
        if self.state not in ("opening", "on"):
            self.state = "opening"
            self._opening = asyncio.create_task(self._open())

    async def _open(self) -> None:
        await self._drop()
        try:
            offset, self._next, first = await self._where()
            self._stream = await streaming.streams().open(
                streaming.options_for(
                    self._row.practice,
                    sample_rate=self._row.sample_rate,
                    channels=self._row.channels,
                    specialty=self._row.specialty,
                    type=self._row.type,
                    vocabulary=self._row.vocabulary,
                    offset=offset,
                )
            )
        except Full:
            await self._become("full")
        except EngineError as error:
            log.warning("no live text: %s", error.reason)
            await self._become("failed")
        else:
            stream = self._stream
            self._tasks = [
                asyncio.create_task(self._feed(stream, first)),
                asyncio.create_task(self._listen(stream)),
            ]
            await self._become("on")

    async def rest(self) -> bool:
        """Hears what was said to its end, and frees the place; whether everything was heard."""
        if self.state == "resting":
            return self._rested_at is not None or self._kept == 0
        if self._opening:
            await asyncio.wait([self._opening], timeout=LAST_WORDS_SECONDS)
        if self.state != "on":
            return False
        feeding, listening = self._tasks
        stream, kept = self._stream, self._kept
        try:
            async with asyncio.timeout(LAST_WORDS_SECONDS):
                while self._next < kept and not feeding.done():
                    await asyncio.sleep(0.02)
                await stream.end()
                await asyncio.shield(listening)
        except (TimeoutError, EngineError):
            pass
        whole = self.state == "on" and self._next >= kept and listening.done()
        await self._drop()
        if whole:
            self._rested_at = await database_sync_to_async(self._samples)()
        await self._become("resting")
        return whole

    async def stop(self) -> None:
        """Frees the place at once."""
        if self._opening:
            self._opening.cancel()
        await self._drop()
        self.state = "resting"

    async def _drop(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._tasks = []
        if self._stream:
            await self._stream.abandon()
            self._stream = None

    async def _become(self, state: State) -> None:
        if state != self.state:
            self.state = state
            await self._told(state)

    def _samples(self) -> int:
        return LiveStream.objects.values_list("samples", flat=True).get(pk=self._row.pk)

    @database_sync_to_async
    def _where(self) -> tuple[float, int, int]:
        """Where to go on: seconds, the frame, and how many bytes of it were heard before."""
        rate, width = self._row.sample_rate, 2 * self._row.channels
        at = self._rested_at
        self._rested_at = None
        if at is None:
            last = StreamResult.objects.filter(stream=self._row).order_by("-end").first()
            at = round(float(last.end) * rate) if last else 0
        frame = (
            StreamAudio.objects.filter(stream=self._row, first_sample__lte=at)
            .order_by("-first_sample")
            .first()
        )
        if frame is None:
            return 0.0, 0, 0
        skipped = min(len(frame.pcm), (at - frame.first_sample) * width)
        return at / rate, frame.seq, skipped

    @database_sync_to_async
    def _frames(self) -> list[bytes]:
        rows = StreamAudio.objects.filter(stream=self._row, seq__gte=self._next).order_by("seq")
        return [bytes(pcm) for pcm in rows.values_list("pcm", flat=True)[:BATCH]]

    async def _feed(self, stream: Stream, skipped: int) -> None:
        try:
            while True:
                self._more.clear()
                frames = await self._frames()
                for pcm in frames:
                    await stream.send(pcm[skipped:])
                    skipped = 0
                    self._next += 1
                if not frames:
                    async with asyncio.timeout(IDLE_SECONDS):
                        await self._more.wait()
        except TimeoutError:
            self._opening = asyncio.create_task(self._idle())
        except EngineError:
            pass  # results() says it as well

    async def _idle(self) -> None:
        """Nobody speaks, or the browser has gone without a word: others may have the place."""
        await self.rest()

    async def _listen(self, stream: Stream) -> None:
        try:
            async for result in stream.results():
                if not result.partial and result.items:
                    self._tries = 0
                await self._heard(result)
        except EngineError as error:
            log.warning("live text was lost: %s", error.reason)
            self._tries += 1
            self._opening = asyncio.create_task(self._lost())

    async def _lost(self) -> None:
        if self._tries < TRIES:
            await self._open()
        else:
            await self._drop()
            await self._become("failed")
