"""The browser's WebSockets: live messages about one recording, and about the worklist.

Messages from the channel layer carry ids; what they stand for is read again (rooms.py, told.py), so
that a person who may no longer look receives nothing more.
"""

import asyncio
import json
import logging
from collections import deque
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from review import presence, rooms, told
from review.audit import context
from review.enums import Action
from review.models import Review
from transcripts import events, live
from transcripts.access import visible_recordings
from transcripts.models import Membership
from transcripts.watch import TRY_AGAIN, Gone, Watched

log = logging.getLogger(__name__)

MOST_UNSENT = 200  # frames


class RecordingConsumer(AsyncWebsocketConsumer):
    """One person looking at one recording; see rooms.Socket."""

    LEASE_SECONDS = 8.0  # a browser repeats every few seconds that somebody types

    inside = False

    async def connect(self) -> None:
        await self.accept()
        try:
            review, member = await told.looker(self.scope)
            await self._report(review, member)
        except Gone as gone:
            await self.close(gone.code)
            return
        except events.NotRecorded:
            await self.close(TRY_AGAIN)
            return
        self.session_key: str = self.scope["session"].session_key
        self.recording_id = review.recording_id
        self.unsent: deque[str] = deque()
        self.sending: asyncio.Task[None] | None = None
        self.leaving: int | None = None
        self.lease: asyncio.TimerHandle | None = None
        me = {"id": str(member.user_id), "name": member.user.name}
        me |= {"segment": None, "editing": False}
        seq = await rooms.enter(self, review.recording_id, review.practice_id, me)
        # Before anything that the room has told meanwhile.
        self.unsent.appendleft(json.dumps({"type": "hello", "seq": seq}))
        self.inside = True
        self._send_on()

    async def disconnect(self, code: int) -> None:
        if self.inside:
            for task in (self.sending, self.lease):
                if task:
                    task.cancel()
            await rooms.leave(self, self.recording_id)

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None, **_: Any
    ) -> None:
        """Where this person is; changes come over HTTP, and all else is ignored."""
        here = presence.heard(text_data)
        if not here or not self.inside:
            return
        if self.lease:
            self.lease.cancel()
        if here["editing"]:
            stopped = {"editing": False}
            self.lease = asyncio.get_running_loop().call_later(
                self.LEASE_SECONDS, rooms.be, self, self.recording_id, stopped
            )
        rooms.be(self, self.recording_id, here)

    def tell(self, text: str) -> None:
        if self.leaving is not None:
            return
        if len(self.unsent) >= MOST_UNSENT:
            self.unsent.clear()  # the browser sees the gap and fetches everything
        self.unsent.append(text)
        self._send_on()

    def leave(self, code: int) -> None:
        self.unsent.clear()
        self.leaving = code
        self._send_on()

    def _send_on(self) -> None:
        if self.inside and (self.sending is None or self.sending.done()):
            self.sending = asyncio.create_task(self._send())

    async def _send(self) -> None:
        """At the browser's own pace: a slow one holds up nobody else."""
        try:
            while self.unsent:
                await self.send(text_data=self.unsent.popleft())
            if self.leaving is not None:
                await self.close(self.leaving)
        except Exception as error:  # the socket is gone
            log.info("live message not sent (%s)", type(error).__name__)

    @database_sync_to_async
    def _report(self, review: Review, member: Membership) -> None:
        """What comes over the socket from now on is text: that somebody looks is on record."""
        scope = self.scope
        headers = dict(scope.get("headers", []))
        context.remember(
            (scope.get("client") or [None])[0], headers.get(b"user-agent", b"").decode("latin-1")
        )
        events.about(review.recording, Action.REVIEW_VIEWED, member.user, via="socket")


class WorklistConsumer(Watched):
    """Says which recording of the practice changed; the page asks for its rows itself."""

    group = ""

    async def connect(self) -> None:
        await self.accept()
        try:
            member = await database_sync_to_async(told.member_of)(self.scope)
        except Gone as gone:
            await self.close(gone.code)
            return
        self.watch()
        self.group = live.practice_group(member.practice_id)
        await self.channel_layer.group_add(self.group, self.channel_name)

    async def disconnect(self, code: int) -> None:
        if self.group:
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None, **_: Any
    ) -> None:
        """Nothing is asked for here."""

    @database_sync_to_async
    def still_there(self) -> None:
        told.member_of(self.scope)

    async def worklist_changed(self, message: dict[str, Any]) -> None:
        try:
            concerned = await self._is_theirs(message["recording"])
        except Gone as gone:
            await self.close(gone.code)
            return
        if concerned:
            await self.send_json({"type": "changed", "recording": message["recording"]})

    @database_sync_to_async
    def _is_theirs(self, recording_id: str) -> bool:
        return visible_recordings(told.member_of(self.scope)).filter(pk=recording_id).exists()
