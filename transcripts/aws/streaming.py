"""One live stream of an AWS client, whichever way it came in: audio to the engine, results back.

The client's audio is kept about once a second, so that neither its end nor ours loses what was
received; whatever ends a stream, what was said until then becomes a recording.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Protocol

from django.conf import settings

from transcripts.aws import streaming_frames, streaming_rows
from transcripts.aws.errors import AwsError, bad_request, limit_exceeded
from transcripts.aws.eventstream import Malformed, Message
from transcripts.aws.streaming_media import Decoder, decoder
from transcripts.aws.streaming_rival import Rivals
from transcripts.aws.streaming_rows import Admitted, Request, in_thread
from transcripts.aws.streaming_tape import Tape
from transcripts.engines.base import EngineError
from transcripts.engines.streaming import Full, Result, Stream
from transcripts.streaming import line_of, streams

log = logging.getLogger(__name__)

SEND_SECONDS = 15  # a client that takes nothing for so long is gone
KEEP_SECONDS = 1  # of audio are lost at most when this process dies
CHECK_SECONDS = 3  # between two looks whether the stream may go on
DRAIN_SECONDS = 180  # for what the engine has not heard yet, once the client has gone

FULL = (
    "You have exceeded the maximum number of concurrent streams. "
    "Wait until a stream has ended and try your request again."
)
TOO_LONG = (
    "Your stream has reached the maximum audio length of 4 hours. "
    "Break your audio into smaller streams and try your request again."
)
FAULT = (
    "There was an internal error. Check the error message, correct the issue, "
    "and try your request again."
)
IDLE = "Your request timed out because no new audio was received for {seconds} seconds."


class Gone(Exception):
    """The client's connection has ended."""


class Peer(Protocol):
    """The client's end of the connection."""

    def messages(self) -> AsyncIterator[Message]:
        """What it sends, until it has no more. Raises Malformed, Gone."""

    async def begin(self, session_id: str, admitted: Admitted) -> None:
        """Says that the stream is open."""

    async def send(self, message: bytes) -> None:
        """Raises Gone, or anything that the connection's end may raise."""

    async def close(self, error: AwsError | None = None) -> None:
        """Tells the error, if there is one, and ends the connection. Never raises."""


_endings: set[asyncio.Task[None]] = set()


async def serve(request: Request, session_id: str, peer: Peer) -> None:
    """The whole life of a stream, whatever the client does. Raises nothing."""
    try:
        session = await _opened(request, session_id, peer)
    except AwsError as refusal:
        return await peer.close(refusal)
    except Exception as fault:
        return await peer.close(_fault(fault))
    await session.run()


async def _opened(request: Request, session_id: str, peer: Peer) -> "Session":
    admitted = await in_thread(streaming_rows.admit, request)
    try:
        stream = await streams().open(admitted.options)
    except Full:
        raise limit_exceeded(FULL) from None
    rivals = Rivals(admitted.practice_id, session_id)
    try:
        await rivals.join()
        row = await in_thread(streaming_rows.begin, admitted, session_id)
        await rivals.tell(row.pk)
        await peer.begin(session_id, admitted)
        tape = Tape(row.pk, second=admitted.wanted.second, stored=row.stored)
        return Session(peer, admitted, stream, tape, rivals, signed=not request.presigned)
    except BaseException:
        await stream.abandon()
        await rivals.leave()
        raise


class Session:
    """An open stream. `run` returns once the client is answered; the rest is done behind it."""

    def __init__(
        self,
        peer: Peer,
        admitted: Admitted,
        stream: Stream,
        tape: Tape,
        rivals: Rivals,
        *,
        signed: bool,
    ) -> None:
        self._peer, self._admitted, self._stream = peer, admitted, stream
        self._tape, self._rivals = tape, rivals
        self._audio = streaming_frames.Audio(
            admitted.chain, most=admitted.wanted.second, signed=signed
        )
        self._received = 0  # bytes of samples
        self._shown: set[str] = set()
        self._listening = True
        self._heard_all = False
        self._decoder: Decoder | None = None

    async def run(self) -> None:
        telling = asyncio.create_task(self._tell())
        others = [
            asyncio.create_task(work)
            for work in (self._read(), self._keep(), self._watch(), self._rivals.newer())
        ]
        try:
            error = await self._outcome(telling, others)
            self._listening = False
            await self._peer.close(error)
        finally:
            self._listening = False
            # A task of its own: the server may give up this one with its connection.
            ending = asyncio.create_task(self._wind_up(telling, others))
            _endings.add(ending)
            ending.add_done_callback(_endings.discard)

    async def _outcome(
        self, telling: asyncio.Task[None], others: list[asyncio.Task[None]]
    ) -> AwsError | None:
        """Waits until the last result is told, or something ends the stream; the error, if any."""
        try:
            async with asyncio.timeout(settings.STREAM_LONGEST):
                waiting = {telling, *others}
                while not telling.done():
                    done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                    for task in done:
                        task.result()
        except TimeoutError:
            return limit_exceeded(TOO_LONG)
        except AwsError as error:
            return error
        except Gone:
            return None
        except Exception as fault:
            return _fault(fault)
        return None

    async def _read(self) -> None:
        """The client's audio, to its end."""
        self._decoder = await decoder(self._admitted.wanted, self._take)
        messages = self._peer.messages()
        while True:
            try:
                async with asyncio.timeout(settings.STREAM_IDLE):
                    message = await anext(messages, None)
            except TimeoutError:
                raise bad_request(IDLE.format(seconds=settings.STREAM_IDLE)) from None
            except Malformed:
                raise bad_request(streaming_frames.UNREADABLE) from None
            audio = self._audio.of(message) if message else b""
            if not audio:
                break
            await self._decoder.feed(audio)
        await self._decoder.end()
        await self._stream.end()

    async def _take(self, pcm: bytes) -> None:
        """Samples, in order: to the tape and to the engine, a second at most at a time."""
        second = self._admitted.wanted.second
        for at in range(0, len(pcm), second):
            part = pcm[at : at + second]
            self._received += len(part)
            if self._received > settings.STREAM_LONGEST * second:
                raise limit_exceeded(TOO_LONG)
            self._tape.add(part)
            await self._stream.send(part)

    async def _tell(self) -> None:
        """The engine's results, to their end: finals are kept, and all told while one listens."""
        async for result in self._stream.results():
            if not result.partial and result.items:
                self._tape.said(line_of(result))
            if self._listening:
                await self._send(result)
        self._heard_all = True

    async def _send(self, result: Result) -> None:
        if result.partial:
            self._shown.add(result.id)
        elif not result.items and result.id not in self._shown:
            return
        told = streaming_frames.result(
            id=result.id,
            start=result.start,
            end=result.end,
            partial=result.partial,
            channel=result.channel,
            items=result.items,
            speakers=result.speakers,
            entities=result.entities if self._admitted.wanted.phi else None,
        )
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._peer.send(streaming_frames.transcript(told))
        except Exception:
            # The results are wanted still, for the recording.
            self._listening = False

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(KEEP_SECONDS)
            await self._tape.store()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            with suppress(*streaming_rows.PASSING):
                await in_thread(streaming_rows.check, self._tape.stream_id, self._admitted.key_id)

    async def _wind_up(self, telling: asyncio.Task[None], others: list[asyncio.Task[None]]) -> None:
        """What was received becomes a recording, with all that the engine still has to say."""
        for task in others:
            task.cancel()
        await asyncio.wait(others)
        try:
            await self._rivals.leave()
            if self._decoder:
                await self._decoder.abandon()
            await self._tape.store()
            await self._stream.end()
            await asyncio.wait({telling}, timeout=DRAIN_SECONDS)
        except Exception as fault:
            _fault(fault)
        finally:
            telling.cancel()
            await asyncio.wait({telling})
            await self._stream.abandon()
        await self._tape.finish(heard_all=self._heard_all)


def _fault(fault: Exception) -> AwsError:
    """InternalFailureException, and a line in the log without the fault's own words."""
    if isinstance(fault, EngineError):
        log.error("a live stream failed: %s", fault.reason)
    else:
        log.error("a live stream failed: %s", type(fault).__name__, exc_info=fault)
    return AwsError("InternalFailureException", FAULT)
