"""The browser's WebSockets: live messages about one recording, and about the worklist.

Messages from the channel layer carry ids; what they stand for is read again (told.py), so that a
person who may no longer look receives nothing more.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async

from review import presence, told
from review.audit import context
from review.enums import Action
from review.models import Review
from transcripts import events, live
from transcripts.access import visible_recordings
from transcripts.models import Membership, Recording
from transcripts.watch import NOT_FOUND, TRY_AGAIN, Gone, Watched

log = logging.getLogger(__name__)

# Messages that wait to be told, and how long to rest: so many times what telling took, in seconds.
MOST_UNTOLD, REST, LONGEST_REST = 200, 3, 2.0


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


class RecordingConsumer(Watched):
    """One person looking at one recording."""

    group = ""
    LEASE_SECONDS = 8.0  # a browser repeats every few seconds that somebody types
    REMIND_SECONDS = 30.0

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
        self.watch()
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
        self.heard_at: dict[str, float] = {}
        self.untold: list[dict[str, Any]] = []
        self.telling: asyncio.Task[None] | None = None
        self.lease: asyncio.TimerHandle | None = None
        self.reminding = asyncio.create_task(self._remind())
        await self.channel_layer.group_add(self.group, self.channel_name)
        # Read after joining: a message sent in between would be in neither.
        self.told = self.due = await self._seq(review.recording_id)
        await self.send_json({"type": "hello", "seq": self.told})
        await self._tell("presence.arrived")

    async def disconnect(self, code: int) -> None:
        if self.group:
            self.moving.stop()
            self.showing.stop()
            self.reminding.cancel()
            for task in (self.telling, self.lease):
                if task:
                    task.cancel()
            await self._tell("presence.left")
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None, **_: Any
    ) -> None:
        """Where this person is; changes come over HTTP, and all else is ignored."""
        here = presence.heard(text_data)
        if not here or not self.group:
            return
        if self.lease:
            self.lease.cancel()
        if here["editing"]:
            loop = asyncio.get_running_loop()
            self.lease = loop.call_later(self.LEASE_SECONDS, self._be, {"editing": False})
        self._be(here)

    def _be(self, here: dict[str, Any]) -> None:
        if {**self.me, **here} != self.me:
            self.me = self.people[self.channel_name] = {**self.me, **here}
            self.moving.ask()

    async def _remind(self) -> None:
        """Who is still here says so; who was not heard of for long is here no more.

        A web process that was killed has told nobody that its people left.
        """
        now = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(self.REMIND_SECONDS)
            self.moving.ask()
            await self._miss()
            silent = now() - 3 * self.REMIND_SECONDS
            for channel in [name for name, at in self.heard_at.items() if at < silent]:
                await self.presence_left({"channel": channel})

    async def _miss(self) -> None:
        """Messages may be lost on their way, also the last one, after which no gap is seen.

        What has not come by the second look was lost, and the browser fetches the state again.
        """
        try:
            seq = await self._seq(self.scope["url_route"]["kwargs"]["recording_id"])
            if self.told < self.due:
                self.told = seq
                await self.send_json({"type": "hello", "seq": seq})
            self.due = seq
        except Exception as error:  # the database may be away, or the socket gone
            log.info("live messages not compared (%s)", type(error).__name__)

    async def recording_message(self, message: dict[str, Any]) -> None:
        """Something happened. What comes while one is read is told together after it."""
        if len(self.untold) >= MOST_UNTOLD:
            self.untold.clear()  # the browser sees the gap and fetches everything
        self.untold.append(message)
        if self.telling is None or self.telling.done():
            self.telling = asyncio.create_task(self._tell_all())

    async def _tell_all(self) -> None:
        """Tells in order; rests longer than it reads, so that a crowd leaves time for saving."""
        now = asyncio.get_running_loop().time
        try:
            while self.untold:
                begun = now()
                news, self.untold = live.together(self.untold), []
                for message in news:
                    await self.send_json(await told.content(self.scope, message))
                    self.told = max(self.told, message["seq"])
                await asyncio.sleep(min((now() - begun) * REST, LONGEST_REST))
        except Gone as gone:
            await self.close(gone.code)
        except Exception as error:  # the socket or the database is gone
            log.info("live message not told (%s)", type(error).__name__)
            await self.close(TRY_AGAIN)

    async def presence_arrived(self, message: dict[str, Any]) -> None:
        """Someone came: remember them, and let the newcomer know of this one."""
        self._know(message)
        if message["channel"] != self.channel_name:
            reply = {"type": "presence.here", "channel": self.channel_name, "person": self.me}
            await self.channel_layer.send(message["channel"], reply)
        self.showing.ask()

    async def presence_here(self, message: dict[str, Any]) -> None:
        self._know(message)
        self.showing.ask()

    async def presence_moved(self, message: dict[str, Any]) -> None:
        """Someone went elsewhere, began to type or stopped."""
        await self.presence_here(message)

    def _know(self, message: dict[str, Any]) -> None:
        self.people[message["channel"]] = message["person"]
        if message["channel"] != self.channel_name:
            self.heard_at[message["channel"]] = asyncio.get_running_loop().time()

    async def presence_left(self, message: dict[str, Any]) -> None:
        self.heard_at.pop(message["channel"], None)
        self.people.pop(message["channel"], None)
        self.showing.ask()

    async def _tell(self, kind: str) -> None:
        message = {"type": kind, "channel": self.channel_name, "person": self.me}
        await self.channel_layer.group_send(self.group, message)

    async def _show_people(self) -> None:
        try:
            await told.looker(self.scope)
        except Gone as gone:
            await self.close(gone.code)
            return
        await self.send_json({"type": "presence", "people": presence.shown(self.people.values())})

    @database_sync_to_async
    def still_there(self) -> None:
        recording_id = self.scope["url_route"]["kwargs"]["recording_id"]
        if not visible_recordings(told.member_of(self.scope)).filter(pk=recording_id).exists():
            raise Gone(NOT_FOUND)

    @database_sync_to_async
    def _report(self, review: Review, member: Membership) -> None:
        """What comes over the socket from now on is text: that somebody looks is on record."""
        scope = self.scope
        headers = dict(scope.get("headers", []))
        context.remember(
            (scope.get("client") or [None])[0], headers.get(b"user-agent", b"").decode("latin-1")
        )
        events.about(review.recording, Action.REVIEW_VIEWED, member.user, via="socket")

    @database_sync_to_async
    def _seq(self, recording_id: UUID) -> int:
        return Recording.objects.values_list("live_seq", flat=True).get(pk=recording_id)


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
