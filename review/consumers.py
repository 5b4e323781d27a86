"""The browser's WebSockets: live messages about one recording, and about the worklist.

Messages from the channel layer carry ids; what they stand for is read again here, for this person,
so that a person who may no longer look receives nothing more.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.http import Http404

from review import lines, presence, queries, wire
from review.models import Review
from review.permissions import Permission, refusal
from transcripts import live
from transcripts import queries as transcription
from transcripts import wire as transcript_wire
from transcripts.access import membership_of, visible_recordings
from transcripts.models import Chunk, Membership, Recording, User

log = logging.getLogger(__name__)

LOG_IN_AGAIN = 4401
NOT_FOUND = 4404


class Gone(Exception):
    """The person may no longer look: the socket closes with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def _member(scope: dict[str, Any]) -> Membership:
    """Who looks, by the session as it is now: it may have ended since the socket opened."""
    session = SessionStore(scope["session"].session_key)
    user = get_user(SimpleNamespace(session=session))
    if not user.is_authenticated:
        raise Gone(LOG_IN_AGAIN)
    member = membership_of(user)
    if refusal(member, Permission.VIEW):
        raise Gone(NOT_FOUND)
    return member


class Pace:
    """Does a thing at once, but no more often than every so many seconds; the last ask counts."""

    SECONDS = 0.4

    def __init__(self, act: Callable[[], Awaitable[None]]) -> None:
        self._act = act
        self._next = 0.0
        self._task: asyncio.Task[None] | None = None

    def ask(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    def stop(self) -> None:
        if self._task:
            self._task.cancel()

    async def _run(self) -> None:
        now = asyncio.get_running_loop().time
        await asyncio.sleep(max(0.0, self._next - now()))
        self._next = now() + self.SECONDS
        # Asked again while it is done: once more, since something may have changed meanwhile.
        self._task = None
        try:
            await self._act()
        except Exception as error:  # Redis may be away, or the socket gone
            log.info("presence not told (%s)", type(error).__name__)


class RecordingConsumer(AsyncJsonWebsocketConsumer):
    """One person looking at one recording."""

    group = ""

    async def connect(self) -> None:
        await self.accept()
        try:
            review, member = await self._look()
        except Gone as gone:
            await self.close(gone.code)
            return
        self.group = live.recording_group(review.recording_id)
        self.me = {
            "id": str(member.user_id),
            "name": member.user.name,
            "segment": None,
            "editing": False,
        }
        self.moving = Pace(lambda: self._tell("presence.moved"))
        self.showing = Pace(self._show_people)
        self.people = {self.channel_name: self.me}
        await self.channel_layer.group_add(self.group, self.channel_name)
        # Read after joining: a message sent in between would be in neither.
        await self.send_json({"type": "hello", "seq": await self._seq(review.recording_id)})
        await self._tell("presence.arrived")

    async def disconnect(self, code: int) -> None:
        if self.group:
            self.moving.stop()
            self.showing.stop()
            await self._tell("presence.left")
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None, **_: Any
    ) -> None:
        """Where this person is; changes come over HTTP, and all else is ignored."""
        here = presence.heard(text_data)
        if here and self.group and {**self.me, **here} != self.me:
            self.me = self.people[self.channel_name] = {**self.me, **here}
            self.moving.ask()

    async def recording_message(self, message: dict[str, Any]) -> None:
        try:
            await self.send_json(await self._content(message))
        except Gone as gone:
            await self.close(gone.code)

    async def presence_arrived(self, message: dict[str, Any]) -> None:
        """Someone came: remember them, and let the newcomer know of this one."""
        self.people[message["channel"]] = message["person"]
        if message["channel"] != self.channel_name:
            reply = {"type": "presence.here", "channel": self.channel_name, "person": self.me}
            await self.channel_layer.send(message["channel"], reply)
        self.showing.ask()

    async def presence_here(self, message: dict[str, Any]) -> None:
        self.people[message["channel"]] = message["person"]
        self.showing.ask()

    async def presence_moved(self, message: dict[str, Any]) -> None:
        """Someone went elsewhere, began to type or stopped."""
        await self.presence_here(message)

    async def presence_left(self, message: dict[str, Any]) -> None:
        self.people.pop(message["channel"], None)
        self.showing.ask()

    async def _tell(self, kind: str) -> None:
        message = {"type": kind, "channel": self.channel_name, "person": self.me}
        await self.channel_layer.group_send(self.group, message)

    async def _show_people(self) -> None:
        try:
            await self._look()
        except Gone as gone:
            await self.close(gone.code)
            return
        await self.send_json({"type": "presence", "people": presence.shown(self.people.values())})

    @database_sync_to_async
    def _seq(self, recording_id: UUID) -> int:
        return Recording.objects.values_list("live_seq", flat=True).get(pk=recording_id)

    @database_sync_to_async
    def _look(self) -> tuple[Review, Membership]:
        return self._look_now()

    def _look_now(self) -> tuple[Review, Membership]:
        member = _member(self.scope)
        try:
            recording_id = self.scope["url_route"]["kwargs"]["recording_id"]
            return queries.review_or_404(member, recording_id), member
        except Http404:
            raise Gone(NOT_FOUND) from None

    @database_sync_to_async
    def _content(self, message: dict[str, Any]) -> dict[str, Any]:
        review, member = self._look_now()
        content = {"type": message["kind"], "seq": message["seq"]}
        if message["kind"] in ("progress", "lines"):
            content["job"] = transcription.job_state(transcription.latest_job(review.recording))
        if message["kind"] == "lines":
            chunk = Chunk.objects.filter(pk=message["chunk"]).first()
            said = transcript_wire.provisional(chunk) if chunk else []
            content["segments"] = queries.early_lines(review, said)
        if message["kind"] == "segment":
            rows = review.segments.select_related("edited_by").in_bulk(message["segments"])
            found = [rows[pk] for pk in map(UUID, message["segments"]) if pk in rows]
            author = User.objects.get(pk=message["by"])
            content["segments"] = lines.touched(found)
            content["segment"] = content["segments"][0] if found else None
            content["review"] = wire.review(review, member)
            content["speakers"] = review.speakers
            content["by"] = {"id": str(author.pk), "name": author.name}
        return content


class WorklistConsumer(AsyncJsonWebsocketConsumer):
    """Says which recording of the practice changed; the page asks for its rows itself."""

    group = ""

    async def connect(self) -> None:
        await self.accept()
        try:
            member = await database_sync_to_async(_member)(self.scope)
        except Gone as gone:
            await self.close(gone.code)
            return
        self.group = live.practice_group(member.practice_id)
        await self.channel_layer.group_add(self.group, self.channel_name)

    async def disconnect(self, code: int) -> None:
        if self.group:
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None, **_: Any
    ) -> None:
        """Nothing is asked for here."""

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
        return visible_recordings(_member(self.scope)).filter(pk=recording_id).exists()
