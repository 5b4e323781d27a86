"""The dictation page's WebSocket: audio comes in numbered frames, acknowledgements and text go out.

From the browser: binary frames (big-endian u32 number, then s16le samples) and JSON of the types
live, pause, correct and end. To the browser: hello, kept, partial, final, corrected, live, refused,
finished. What "kept" acknowledges is in the database.
"""

import asyncio
import contextlib
import json
import struct
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from channels.db import database_sync_to_async
from django.urls import reverse

from transcripts import queries, streaming, wire
from transcripts.access import member_of_session
from transcripts.actions import dictations, streams, tapes
from transcripts.engines.base import EngineError
from transcripts.engines.streaming import Result
from transcripts.enums import StreamState
from transcripts.events import NotRecorded
from transcripts.livetext import LiveText, State
from transcripts.models import LiveStream, Membership
from transcripts.watch import LOG_IN_AGAIN, NOT_FOUND, TRY_AGAIN, Gone, Watched

TAKEN_ELSEWHERE = 4409
FRAMES_A_LOOK = 150
NUMBER = struct.Struct(">I")


def group_of(stream_id: UUID) -> str:
    return f"dictation-{stream_id}"


async def _warm() -> None:
    """Has the recogniser load its model before somebody speaks."""
    with contextlib.suppress(EngineError, TimeoutError):
        await streaming.streams().start()


class DictationConsumer(Watched):
    """One person speaking. The newest socket of a dictation is the one that counts."""

    live: LiveText | None = None
    group = ""

    async def connect(self) -> None:
        await self.accept()
        try:
            member, row = await self._look()
        except Gone as gone:
            await self.close(gone.code)
            return
        self.watch()
        self.row, self.unlooked = row, 0
        self.threshold = float(row.practice.confidence_threshold)
        if row.state != StreamState.OPEN:
            await self._finished(row.recording_id)
            return
        self.group = group_of(row.pk)
        arrived = {"type": "dictation.arrived", "channel": self.channel_name}
        await self.channel_layer.group_send(self.group, arrived)
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.send_json(await self._hello())
        self.live = LiveText(row, self._heard, self._live_is)
        self.warming = asyncio.create_task(_warm())

    async def disconnect(self, code: int) -> None:
        if self.live:
            await self.live.stop()
        if self.group:
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def dictation_arrived(self, message: dict[str, Any]) -> None:
        if message["channel"] != self.channel_name:
            await self.close(TAKEN_ELSEWHERE)

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None, **_: Any
    ) -> None:
        if self.live is None:
            return
        try:
            if bytes_data is not None:
                await self._frame(bytes_data)
            elif text_data is not None:
                await self._message(text_data)
        except streams.Refused as reason:
            await self.send_json({"type": "refused", "message": str(reason)})
        except Gone as gone:
            await self.close(gone.code)
        except NotRecorded:
            await self.close(TRY_AGAIN)

    async def still_there(self) -> None:
        await self._look()

    async def _frame(self, data: bytes) -> None:
        self.unlooked += 1
        if self.unlooked > FRAMES_A_LOOK:
            await self._look()
            self.unlooked = 0
        if len(data) <= NUMBER.size:
            raise streams.Refused("A frame has a number and samples.")
        (seq,) = NUMBER.unpack_from(data)
        kept = await database_sync_to_async(streams.keep, thread_sensitive=False)(
            stream_id=self.row.pk, seq=seq, pcm=data[NUMBER.size :]
        )
        await self.send_json({"type": "kept", "frames": kept})
        await self.live.kept(kept)

    async def _message(self, text: str) -> None:
        try:
            message = json.loads(text)
            kind = message["type"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise streams.Refused("The message could not be understood.") from None
        member, _ = await self._look()
        if kind == "live":
            self.live.start()
        elif kind == "pause":
            await self.live.rest()
        elif kind == "correct":
            await self._correct(message, member)
        elif kind == "end":
            await self._end()

    async def _correct(self, message: dict[str, Any], member: Membership) -> None:
        index, text = message.get("line"), message.get("text")
        if not isinstance(index, int) or not isinstance(text, str | None):
            raise streams.Refused("The correction could not be understood.")
        changes = await database_sync_to_async(dictations.correct)(
            stream_id=self.row.pk, index=index, text=text, by=member.user
        )
        await self.send_json({"type": "corrected", "changes": changes})

    async def _end(self) -> None:
        # The sound is written while the last words are heard.
        loop = asyncio.get_running_loop()
        resting = asyncio.run_coroutine_threadsafe(self.live.rest(), loop)
        made = await database_sync_to_async(tapes.finish, thread_sensitive=False)(
            stream_id=self.row.pk, heard_all=resting.result
        )
        await self._finished(made.pk if made else None)

    async def _finished(self, recording_id: UUID | None) -> None:
        url = reverse("recording", args=[recording_id]) if recording_id else None
        await self.send_json({"type": "finished", "url": url})
        await self.close()

    async def _heard(self, result: Result) -> None:
        """A result of the recogniser, on its way to the page."""
        if result.partial or not result.items:
            items = [{"type": i.type, "content": i.content} for i in result.items]
            await self.send_json({"type": "partial", "id": result.id, "items": items})
            return
        line = streaming.line_of(result)
        index, changes = await database_sync_to_async(dictations.hear)(
            stream_id=self.row.pk, line=line
        )
        await self.send_json(
            {"type": "final", "id": result.id}
            | {"line": wire.spoken_line(index, line, self.threshold), "changes": changes}
        )

    async def _live_is(self, state: State) -> None:
        await self.send_json({"type": "live", "state": state})

    @database_sync_to_async
    def _look(self) -> tuple[Membership, LiveStream]:
        member = member_of_session(self.scope["session"].session_key)
        if member is None:
            raise Gone(LOG_IN_AGAIN)
        stream_id = self.scope["url_route"]["kwargs"]["stream_id"]
        row = queries.dictations(member).filter(pk=stream_id).first()
        if row is None or row.state == StreamState.DISCARDED:
            raise Gone(NOT_FOUND)
        return member, row

    @database_sync_to_async
    def _hello(self) -> dict[str, Any]:
        browser = parse_qs(self.scope["query_string"].decode("latin-1")).get("browser", [""])[0]
        before = streams.take(stream_id=self.row.pk, browser=browser[:36])
        lines = [
            wire.spoken_line(result.index, result.line, self.threshold)
            for result in self.row.results.all()
        ]
        return {
            "type": "hello",
            "frames": before.frames,
            "seconds": before.seconds,
            "same_browser": before.browser in ("", browser),
            "lines": lines,
            "changes": before.corrections,
        }
