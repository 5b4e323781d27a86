"""A recording's room in this process: one ear for live messages, one voice to all its sockets.

The channel layer brings a message to a room once, whoever is in it; what it stands for is read once
(told.py), and each person's access is checked anew in the same look. Rooms of other processes tell
who is in them. A socket is a consumer of consumers.py.
"""

import asyncio
import json
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Any, Protocol
from uuid import UUID

from channels.layers import get_channel_layer
from django.db import Error

from review import presence, told
from transcripts import live, watch
from transcripts.watch import TRY_AGAIN, Gone

log = logging.getLogger(__name__)

# Messages that wait to be told, and how long to rest: so many times what telling took, in seconds.
MOST_UNTOLD, REST, LONGEST_REST = 200, 3, 2.0
REMIND_SECONDS = 30.0

_rooms: dict[tuple[asyncio.AbstractEventLoop, UUID], "Room"] = {}


class Socket(Protocol):
    """One browser. `tell` and `leave` only note what is to be sent, and never wait for it."""

    session_key: str

    def tell(self, text: str) -> None: ...

    def leave(self, code: int) -> None: ...


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
        except Exception as error:  # Redis or the database may be away
            log.info("presence not told (%s)", type(error).__name__)


async def enter(socket: Socket, recording_id: UUID, practice_id: UUID, me: presence.Person) -> int:
    """The room is joined; the number of the last message that was sent before that."""
    loop = asyncio.get_running_loop()
    room = _rooms.setdefault((loop, recording_id), Room(recording_id, practice_id))
    room.people[socket] = me
    try:
        await room.open()
        # Read after joining: a message sent in between would be in neither.
        seq = await told.number(recording_id, practice_id)
    except BaseException:
        await leave(socket, recording_id)
        raise
    room.begin(seq)
    return seq


async def leave(socket: Socket, recording_id: UUID) -> None:
    at = asyncio.get_running_loop(), recording_id
    room = _rooms.get(at)
    if room is None or room.people.pop(socket, None) is None:
        return
    room.shown.pop(socket, None)
    if room.people:
        room.changed()
    else:
        del _rooms[at]
        await room.close()


def be(socket: Socket, recording_id: UUID, here: dict[str, Any]) -> None:
    """Where this person is, and whether they type."""
    room = _rooms.get((asyncio.get_running_loop(), recording_id))
    if room and socket in room.people and room.people[socket] | here != room.people[socket]:
        room.people[socket] = room.people[socket] | here
        room.changed()


class Room:
    def __init__(self, recording_id: UUID, practice_id: UUID) -> None:
        self.recording_id, self.practice_id = recording_id, practice_id
        self.group = live.recording_group(recording_id)
        self.people: dict[Socket, presence.Person] = {}
        # Of other processes, by their channel: who is there, and when that was said.
        self.others: dict[str, tuple[list[presence.Person], float]] = {}
        self.shown: dict[Socket, str] = {}
        self.untold: list[dict[str, Any]] = []
        self.news = asyncio.Event()
        self.told = self.due = -1
        self.moving, self.showing = Pace(self._tell_others), Pace(self._show)
        self.tasks: list[asyncio.Task[None]] = []
        self.opening: asyncio.Task[None] | None = None
        self.channel = ""

    async def open(self) -> None:
        """Joins the group, once for all who enter."""
        if self.opening is None:
            self.opening = asyncio.create_task(self._open())
        await asyncio.shield(self.opening)

    async def _open(self) -> None:
        layer = get_channel_layer()
        self.channel = await layer.new_channel()
        await layer.group_add(self.group, self.channel)
        for each in (self._hear(), self._tell(), self._remind(), self._watch()):
            self.tasks.append(asyncio.create_task(each))
            self.tasks[-1].add_done_callback(self._ended)
        await layer.group_send(self.group, {"type": "presence.asked", "room": self.channel})

    def begin(self, seq: int) -> None:
        """Somebody came. Whoever is first knows everything up to this number."""
        if self.told < 0:
            self.told = self.due = seq
        self.changed()

    def changed(self) -> None:
        self.moving.ask()
        self.showing.ask()

    async def close(self) -> None:
        """The last has left."""
        self.moving.stop()
        self.showing.stop()
        try:
            await self.open()  # whoever opened it may have left before it was
            await self._tell_others()
            await get_channel_layer().group_discard(self.group, self.channel)
        except Exception as error:  # Redis may be away; others forget this room by themselves
            log.info("room not closed (%s)", type(error).__name__)
        for task in self.tasks:
            task.cancel()

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Browsers come back by themselves, into a new room."""
        if not task.cancelled() and (error := task.exception()):
            log.error("a room broke (%s)", type(error).__name__)
            at = task.get_loop(), self.recording_id
            if _rooms.get(at) is self:
                del _rooms[at]
            self._all_leave()
            self.people.clear()
            self.closing = asyncio.create_task(self.close())

    def _all_leave(self) -> None:
        for socket in list(self.people):
            socket.leave(TRY_AGAIN)

    async def _hear(self) -> None:
        layer = get_channel_layer()
        now = asyncio.get_running_loop().time
        while True:
            message = await layer.receive(self.channel)
            if message["type"] == "recording.message":
                if len(self.untold) >= MOST_UNTOLD:
                    self.untold.clear()  # browsers see the gap and fetch everything
                self.untold.append(message)
                self.news.set()
            elif message.get("room") == self.channel:
                continue
            elif message["type"] == "presence.asked":
                self.moving.ask()
            elif message["type"] == "presence.told":
                before = self.others.get(message["room"], ([], 0.0))[0]
                self.others[message["room"]] = (message["people"], now())
                if message["people"] != before:  # most are reminders
                    self.showing.ask()

    async def _tell(self) -> None:
        """Tells in order; rests longer than it reads, so that a crowd leaves time for saving."""
        now = asyncio.get_running_loop().time
        while True:
            await self.news.wait()
            self.news.clear()
            begun = now()
            news, self.untold = live.together(self.untold), []
            try:
                for message in news:
                    await self._tell_one(message)
            except Exception as error:  # the database is away: browsers come back and fetch
                log.info("live message not told (%s)", type(error).__name__)
                self._all_leave()
            await asyncio.sleep(min((now() - begun) * REST, LONGEST_REST))

    async def _tell_one(self, message: dict[str, Any]) -> None:
        texts = await told.texts(self.recording_id, self.practice_id, self._keys(), message)
        for socket in list(self.people):
            text = texts.get(socket.session_key)
            if isinstance(text, Gone):
                socket.leave(text.code)
            elif text is not None:
                socket.tell(text)
        self.told = max(self.told, message["seq"])

    def _keys(self) -> set[str]:
        return {socket.session_key for socket in self.people}

    async def _tell_others(self) -> None:
        people = list(self.people.values())
        message = {"type": "presence.told", "room": self.channel, "people": people}
        await get_channel_layer().group_send(self.group, message)

    async def _show(self) -> None:
        everybody = [*self.people.values(), *(one for of, _ in self.others.values() for one in of)]
        text = json.dumps({"type": "presence", "people": presence.shown(everybody)})
        due = [socket for socket in self.people if self.shown.get(socket) != text]
        await self._leave_refused({socket.session_key for socket in due})
        for socket in due:
            if socket in self.people:
                self.shown[socket] = text
                socket.tell(text)

    async def _remind(self) -> None:
        """Others are told who is here; of whom nothing was heard for long is here no more.

        A web process that was killed has told nobody that its people left.
        """
        now = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(REMIND_SECONDS)
            self.moving.ask()
            await self._miss()
            silent = now() - 3 * REMIND_SECONDS
            for room in [name for name, (_, at) in self.others.items() if at < silent]:
                del self.others[room]
                self.showing.ask()

    async def _watch(self) -> None:
        """Sockets end with the session, the role or the right behind them; all in one look."""
        while True:
            await asyncio.sleep(random.uniform(*watch.LOOKS))
            try:
                await self._leave_refused(self._keys())
            except Error as error:  # the database is away: nothing is shown meanwhile either
                log.info("sockets could not be looked at (%s)", type(error).__name__)

    async def _leave_refused(self, keys: set[str]) -> None:
        gone = await told.refused(self.recording_id, self.practice_id, keys)
        for socket in list(self.people):
            if refusal := gone.get(socket.session_key):
                socket.leave(refusal.code)

    async def _miss(self) -> None:
        """Messages may be lost on their way, also the last one, after which no gap is seen.

        What has not come by the second look was lost, and browsers fetch the state again.
        """
        if self.told < 0:
            return
        try:
            seq = await told.number(self.recording_id, self.practice_id)
        except Exception as error:  # the database may be away
            log.info("live messages not compared (%s)", type(error).__name__)
            return
        if self.told < self.due:
            self.told = seq
            for socket in list(self.people):
                socket.tell(json.dumps({"type": "hello", "seq": seq}))
        self.due = seq
