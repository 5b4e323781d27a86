"""Live speech: PCM goes in, partial and final results come out. The side of the web process.

Decoding runs in a few inference processes (stream_worker.py); here is only asyncio. A process that
dies is started again, and its streams go on with the audio that no final had covered yet.
"""

import asyncio
import math
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from typing import Any

from transcripts.engines.base import EngineError, Item
from transcripts.engines.stream_process import Inference
from transcripts.engines.vocabulary import Term

WAITING = 120.0  # seconds of audio that may wait to be heard; then `send` waits
PATIENCE = 30.0  # seconds that it waits for a sign of progress
# Of a core that streams may take: past it their decodes wait for one another, and words come late.
_SHARE = 0.6
_TOGETHER = 4  # decodes at once in one process
_DEATHS = 2  # of its process that a stream outlives without having come further
_STARTING = 60.0  # seconds a process may take to load its model

LOST = "Live transcription stopped: the speech engine failed repeatedly."


@dataclass(frozen=True, slots=True)
class StreamOptions:
    """What a stream is: Hz; channels 2 means one lane each; AWS specialty and type.

    `offset` is added to all times: seconds before the first sample, for a stream that goes on.
    """

    sample_rate: int
    channels: int = 1
    specialty: str = "PRIMARYCARE"
    type: str = "DICTATION"
    terms: tuple[Term, ...] = ()
    speakers: bool = False
    phi: bool = False
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class Result:
    """One stretch of speech, partial until it is final; times in seconds of the stream.

    `speakers` (one per item, "spk_0" or None) and `entities` (dicts of phi.detect) come with
    finals only. `spoken` holds, one per item, what was said where it is written otherwise. `breaks`
    is "paragraph" or "new_line" where one was dictated before this. A final without items
    withdraws the partials of its id.
    """

    id: str
    start: float
    end: float
    partial: bool
    channel: int | None
    items: tuple[Item, ...]
    speakers: tuple[str | None, ...] = ()
    entities: tuple[dict[str, Any], ...] = ()
    spoken: tuple[str | None, ...] = ()
    breaks: str = ""


class Full(Exception):
    """There are as many streams as this machine can serve."""


class Streams:
    """The inference processes of this web process and the streams that they serve.

    `wanted` is how many streams at most; None measures it when the processes start. `cores` is how
    many decodes run at once. A process has several of them: whichever is free takes the next decode
    of any of its streams, so that a first word seldom waits for somebody else's last one.
    Everything is used from one event loop.
    """

    def __init__(
        self, *, model: str | None = None, wanted: int | None = None, cores: int = 1
    ) -> None:
        self._wanted = wanted
        self._processes = [
            Inference(
                model,
                threads=min(_TOGETHER, cores - first),
                measure=wanted is None,
                on_message=self._told,
                on_death=self._died,
            )
            for first in range(0, cores, _TOGETHER)
        ]
        self._open: dict[int, Stream] = {}
        self._number = 0
        self._starting: asyncio.Task[None] | None = None

    @property
    def capacity(self) -> int:
        """Streams at once: as set, or as measured (0 until the first measurement)."""
        if self._wanted is not None:
            return self._wanted
        shares = (_SHARE * one.threads / one.cost for one in self._processes if one.cost)
        return math.floor(sum(shares))

    @property
    def model_id(self) -> str:
        """Name and hash prefix of the weights, as LocalEngine's; empty before the start."""
        return self._processes[0].model_id

    @property
    def pids(self) -> list[int]:
        """The inference processes that run now."""
        return [one.pid for one in self._processes if one.pid]

    @property
    def open_count(self) -> int:
        """Streams that are open now."""
        return len(self._open)

    async def start(self) -> None:
        """Load the model in all processes, if that has not been done. Raises EngineError."""
        if self._wanted == 0:
            return
        if self._starting is None or (self._starting.done() and self._starting.exception()):
            self._starting = asyncio.create_task(self._start())
        await asyncio.shield(self._starting)

    async def _start(self) -> None:
        async with asyncio.timeout(_STARTING):
            await asyncio.gather(*(one.start() for one in self._processes))

    async def open(self, options: StreamOptions) -> "Stream":
        """A new stream. Raises Full at once, EngineError."""
        if self._wanted is not None and len(self._open) >= self._wanted:
            raise Full
        try:
            await self.start()
        except TimeoutError:
            raise EngineError("The speech engine did not start in time.") from None
        if len(self._open) >= self.capacity:
            raise Full
        process = min(self._processes, key=lambda one: self._load(one) / one.threads)
        self._number += 1
        stream = Stream(self, self._number, options, process)
        self._open[self._number] = stream
        process.send(stream.opening())
        return stream

    async def close(self) -> None:
        """End all streams and processes."""
        for stream in list(self._open.values()):
            stream.over(EngineError("Live transcription was stopped."))
        if self._starting:
            self._starting.cancel()
        await asyncio.gather(*(one.close() for one in self._processes))
        self._starting = None

    def _load(self, process: Inference) -> int:
        return sum(stream.process is process for stream in self._open.values())

    def _told(self, header: dict[str, Any]) -> None:
        stream = self._open.get(header.get("stream", 0))
        if stream:
            stream.told(header)

    def _died(self, process: Inference) -> None:
        """A process ended by itself: its streams go on in a new one, or end."""
        streams = [stream for stream in self._open.values() if stream.process is process]
        for stream in streams:
            stream.orphaned()
        if streams:
            asyncio.create_task(self._again(process))

    async def _again(self, process: Inference) -> None:
        try:
            async with asyncio.timeout(_STARTING):
                await process.start()
        except (EngineError, TimeoutError):
            for stream in [one for one in self._open.values() if one.process is process]:
                stream.over(EngineError(LOST))
            return
        for stream in [one for one in self._open.values() if one.process is process]:
            for header, payload in stream.resumed():
                process.send(header, payload)

    def forget(self, number: int) -> None:
        """A stream has ended: its place is free."""
        self._open.pop(number, None)


class Stream:
    """One open stream. Ends by `end` and the last result, by `abandon`, or by an EngineError."""

    def __init__(
        self, streams: Streams, number: int, options: StreamOptions, process: Inference
    ) -> None:
        self.process = process
        self._streams, self._number, self._options = streams, number, options
        self._frame = 2 * options.channels
        self._rest = b""
        self._held: deque[bytes] = deque()  # audio that no final has covered yet
        self._first = 0  # bytes of audio before self._held
        self._length = 0  # bytes in self._held
        self._listened = 0.0  # seconds of the audio that were heard
        self._voices: list[str] = []  # who was named, for a process that goes on with it
        self._ending = False
        self._deaths = 0
        self._results: asyncio.Queue[Result | EngineError | None] = asyncio.Queue()
        self._shown: dict[str, Result] = {}  # partials without a final
        self._progress = asyncio.Event()
        self._closed = False

    async def send(self, pcm: bytes) -> None:
        """Take raw samples (s16le, interleaved), at most a second.

        Returns at once unless more than WAITING seconds wait to be heard. Raises EngineError once
        the stream has ended.
        """
        if self._closed or self._ending:
            raise EngineError("This stream has ended.")
        data = self._rest + pcm
        whole = len(data) // self._frame * self._frame
        data, self._rest = data[:whole], data[whole:]
        if not data:
            return
        self._held.append(data)
        self._length += len(data)
        if self.process.ready:
            self.process.send({"do": "audio", "stream": self._number}, data)
        while self.waiting > WAITING and not self._closed:
            self._progress.clear()
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._progress.wait()
            except TimeoutError:
                self.over(EngineError("Audio came faster than it could be transcribed."))

    async def end(self) -> None:
        """No more audio: the last finals follow, then `results` ends."""
        if self._ending or self._closed:
            return
        self._ending = True
        if self.process.ready:
            self.process.send({"do": "end", "stream": self._number})

    async def results(self) -> AsyncIterator[Result]:
        """Results in the order they are known. For one reader. Raises EngineError."""
        while (found := await self._results.get()) is not None:
            if isinstance(found, EngineError):
                raise found
            yield found

    async def abandon(self) -> None:
        """Free the place; what was not said yet is lost."""
        self.over(None)

    @property
    def waiting(self) -> float:
        """Seconds of audio that came and were not listened to yet."""
        return max(0.0, (self._first + self._length) / self._rate - self._listened)

    @property
    def _rate(self) -> int:
        return self._options.sample_rate * self._frame

    def over(self, error: EngineError | None) -> None:
        """End it from this side."""
        if self._closed:
            return
        if self.process.ready:
            self.process.send({"do": "drop", "stream": self._number})
        self._finish(error)

    def _finish(self, error: EngineError | None) -> None:
        self._closed = True
        self._held.clear()
        self._results.put_nowait(error)
        self._progress.set()
        self._streams.forget(self._number)

    def opening(self) -> dict[str, Any]:
        """The message that opens it in an inference process."""
        seconds = self._first / self._rate
        options = asdict(self._options) | {
            "offset": self._options.offset + seconds,
            "voices": self._voices,
        }
        return {"do": "open", "stream": self._number, "options": options}

    def resumed(self) -> list[tuple[dict[str, Any], bytes]]:
        """The messages that continue it in a new process: the audio of late once more."""
        messages = [(self.opening(), b"")]
        messages += [({"do": "audio", "stream": self._number}, data) for data in self._held]
        if self._ending:
            messages.append(({"do": "end", "stream": self._number}, b""))
        return messages

    def orphaned(self) -> None:
        """Its process died: what was shown and is not final will be heard again, under new ids."""
        self._deaths += 1
        for result in list(self._shown.values()):
            self._results.put_nowait(
                Result(result.id, result.start, result.end, False, result.channel, ())
            )
        self._shown.clear()
        self._listened = self._first / self._rate
        if self._deaths > _DEATHS:
            self._finish(EngineError(LOST))

    def told(self, header: dict[str, Any]) -> None:
        """A message of the inference process about this stream."""
        if header["is"] == "ended":
            self._finish(None)
        elif header["is"] == "failed":
            self._finish(EngineError(header["reason"]))
        elif header["is"] == "results":
            for row in header["results"]:
                result = _result(row)
                if result.partial:
                    self._shown[result.id] = result
                else:
                    self._shown.pop(result.id, None)
                self._results.put_nowait(result)
            self._voices = header.get("voices", self._voices)
            self._listened = header["at"] - self._options.offset
            self._heard(header["done"] - self._options.offset)

    def _heard(self, seconds: float) -> None:
        """Forget the audio before `seconds`."""
        done = int(seconds * self._options.sample_rate) * self._frame
        while self._held and self._first + len(self._held[0]) <= done:
            gone = len(self._held.popleft())
            self._first += gone
            self._length -= gone
            self._deaths = 0
        self._progress.set()


def _result(row: dict[str, Any]) -> Result:
    return Result(
        id=row["id"],
        start=row["start"],
        end=row["end"],
        partial=row["partial"],
        channel=row["channel"],
        items=tuple(_item(item) for item in row["items"]),
        speakers=tuple(row.get("speakers", ())),
        entities=tuple(row.get("entities", ())),
        spoken=tuple(item.get("spoken") for item in row["items"]),
        breaks="paragraph" if row.get("paragraph") else "new_line" if row.get("new_line") else "",
    )


def _item(row: dict[str, Any]) -> Item:
    return Item(
        type=row["type"],
        content=row["content"],
        start=row["start"],
        end=row["end"],
        confidence=row["confidence"],
        raw_confidence=row["raw_confidence"],
        marks=tuple(row.get("marks", ())),
    )
