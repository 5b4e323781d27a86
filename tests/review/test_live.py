"""Live messages: numbered, free of clinical text on their way, and only for who may look now."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
import redis.asyncio
from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings as configured
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from review import lines as texts
from review import queries, rooms, told
from review.actions import edit
from review.consumers import RecordingConsumer
from tests import rows
from tests.rows import signed
from tests.sockets import HOST, Socket, session_of
from transcripts import live
from transcripts.actions import jobs
from transcripts.models import BrowserSession, Membership, Recording

pytestmark = pytest.mark.django_db(transaction=True)


def of(recording: Any) -> str:
    return f"/ws/recordings/{recording.pk}/"


async def opened(line: Socket) -> dict[str, Any]:
    """Connects and reads hello; presence follows."""
    assert (await line.open())["type"] == "websocket.accept"
    return await line.next()


def run(call: Callable[[], Any]) -> Any:
    return async_to_sync(call)()


def change(review: Any, by: Membership, text: str = "Patient takes aspirin.") -> None:
    segment = review.segments.get(position=0)
    edit.replace_text(
        review=review,
        segment_id=segment.pk,
        base_version=segment.version,
        text=text,
        op_id=uuid4(),
        by=by,
    )


# Who may connect


@pytest.mark.parametrize(
    "origin", [None, "null", "http://evil.example", f"http://{HOST}.evil.example", "file://"]
)
def test_a_page_of_another_site_gets_no_Socket(cast, review, origin):
    session = session_of(cast.editor)

    async def story() -> None:
        answer = await Socket(of(review.recording), session, origin).open()
        assert answer == {"type": "websocket.close", "code": 4403}

    run(story)


@pytest.mark.parametrize("path", ["recording", "worklist"])
def test_a_stranger_is_told_to_log_in(review, path):
    async def story() -> None:
        line = Socket(of(review.recording) if path == "recording" else "/ws/worklist/")
        await line.open()
        assert await line.next() == {"closed": 4401}

    run(story)


@pytest.mark.parametrize("who", ["outsider", "colleague", "auditor"])
def test_what_is_not_theirs_looks_as_if_it_did_not_exist(cast, review, who):
    session = session_of(getattr(cast, who))

    async def story() -> None:
        seen = []
        for recording in (review.recording, Recording(pk=uuid4())):
            line = Socket(of(recording), session)
            await line.open()
            seen.append(await line.next())
        assert seen == [{"closed": 4404}] * 2

    run(story)


# What is told


def test_hello_says_the_number_of_the_last_message(cast, review):
    change(review, cast.clinician)
    last = Recording.objects.get().live_seq
    session = session_of(cast.editor)

    async def story() -> None:
        line = Socket(of(review.recording), session)
        assert await opened(line) == {"type": "hello", "seq": last}
        await line.leave()

    run(story)


def test_an_edit_arrives_at_the_others_with_the_next_number(cast, review):
    session = session_of(cast.editor)

    async def story() -> None:
        line = Socket(of(review.recording), session)
        hello = await opened(line)
        await sync_to_async(change)(review, cast.clinician)
        told = await line.message("segment")
        assert told["seq"] == hello["seq"] + 1
        assert told["segment"]["text"] == "Patient takes aspirin."
        assert told["segment"]["version"] == 2
        assert told["by"] == {"id": str(cast.clinician.user_id), "name": "Carla"}
        assert told["review"]["flags_open"] == 1 and told["review"]["can_edit"]
        await line.leave()

    run(story)


def test_what_one_may_do_is_told_to_each_and_the_text_is_read_once_for_all(
    cast, review, monkeypatch
):
    sessions = [session_of(member) for member in (cast.editor, cast.manager)]
    touched, read = texts.touched, []
    monkeypatch.setattr(texts, "touched", lambda *of: read.append(of) or touched(*of))

    async def story() -> None:
        lines = [Socket(of(review.recording), session) for session in sessions]
        for line in lines:
            await opened(line)
        await sync_to_async(change)(review, cast.clinician)
        told = [(await line.message("segment"))["review"]["can_edit"] for line in lines]
        assert told == [True, False]
        assert len(read) == 1
        for line in lines:
            await line.leave()

    run(story)


def test_whoever_looks_is_checked_in_a_constant_number_of_queries(cast, review):
    def queries(sessions: list[str]) -> int:
        message = {"kind": "reload", "seq": 1, "first": 1}
        with CaptureQueriesContext(connection) as seen:
            texts = async_to_sync(told.texts)(
                review.recording_id, review.practice_id, sessions, message
            )
        assert all(isinstance(text, str) for text in texts.values())
        assert texts.keys() == set(sessions)
        return len(seen)

    everybody = [session_of(cast.editor) for _ in range(9)] + [session_of(cast.manager)]
    assert queries(everybody) <= queries(everybody[:1]) + 1 <= 6


def test_a_browser_that_reads_nothing_holds_up_nobody(cast, review, monkeypatch):
    """A frame to a full connection waits for its reader; the others' frames do not."""
    session = session_of(cast.editor)
    send = RecordingConsumer.send

    async def stuck_after_hello(self, text_data: str, **more: Any) -> None:
        await send(self, text_data, **more)
        if self is slow[0]:
            await asyncio.sleep(3600)

    slow: list[Any] = []
    enter = rooms.enter

    async def note(socket: Any, *of: Any) -> int:
        slow.append(socket)
        return await enter(socket, *of)

    async def story() -> None:
        first, second = (Socket(of(review.recording), session) for _ in range(2))
        monkeypatch.setattr(rooms, "enter", note)
        monkeypatch.setattr(RecordingConsumer, "send", stuck_after_hello)
        await opened(first)
        await opened(second)
        await sync_to_async(change)(review, cast.clinician)
        assert (await second.message("segment"))["segment"]["text"] == "Patient takes aspirin."
        for line in (first, second):
            await line.leave()

    run(story)


def test_a_lost_message_shows_as_a_gap(cast, review, monkeypatch):
    session = session_of(cast.editor)

    async def story() -> None:
        line = Socket(of(review.recording), session)
        hello = await opened(line)
        with monkeypatch.context() as broken:
            broken.setattr(live, "_send", lambda *_: None)
            await sync_to_async(change)(review, cast.clinician, "Lost.")
        await sync_to_async(change)(review, cast.clinician, "Heard.")
        told = await line.message("segment")
        assert told["seq"] == hello["seq"] + 2
        await line.leave()

    run(story)


def test_a_message_between_looking_and_joining_shows_in_hello(cast, review, monkeypatch):
    """A browser compares hello's number with its own: it must not be older than the joining."""
    session = session_of(cast.editor)
    look = queries.bare_review_or_404

    def look_while_it_changes(*of):
        found = look(*of)
        monkeypatch.setattr(queries, "bare_review_or_404", look)
        change(review, cast.clinician)
        return found

    monkeypatch.setattr(queries, "bare_review_or_404", look_while_it_changes)

    async def story() -> None:
        line = Socket(of(review.recording), session)
        hello = await opened(line)
        last = await Recording.objects.values_list("live_seq", flat=True).aget()
        assert hello["seq"] == last
        await line.leave()

    run(story)


def test_progress_and_a_signature_are_told(cast):
    recording = rows.recording(cast)
    session = session_of(cast.editor)

    async def story() -> None:
        line = Socket(of(recording), session)
        await opened(line)
        job = await recording.jobs.aget()
        await sync_to_async(jobs.cancel)(job=job, by=cast.editor.user)
        assert (await line.message("reload"))["seq"] >= 1
        await line.leave()

    run(story)


def test_people_see_who_else_looks(cast, review):
    sessions = [session_of(member) for member in (cast.editor, cast.clinician)]

    async def story() -> None:
        first, second = (Socket(of(review.recording), session) for session in sessions)
        await opened(first)
        await first.message("presence")
        await opened(second)
        people = (await first.message("presence"))["people"]
        assert {person["name"] for person in people} == {"Eve", "Carla"}
        await second.leave()
        people = (await first.message("presence"))["people"]
        assert {person["name"] for person in people} == {"Eve"}
        await first.leave()

    run(story)


def test_the_worklist_is_told_of_changes_in_recordings_one_may_see(cast, review):
    theirs = rows.recording(cast, author=cast.colleague, mrn="2")
    session = session_of(cast.colleague)

    async def story() -> None:
        line = Socket("/ws/worklist/", session)
        await line.open()
        await sync_to_async(signed)(review, cast)
        job = await theirs.jobs.aget()
        await sync_to_async(jobs.cancel)(job=job, by=cast.editor.user)
        assert await line.next() == {"type": "changed", "recording": str(theirs.pk)}
        await line.leave()

    run(story)


@pytest.mark.parametrize("frame", ["nonsense", "{" * 5000, "x" * 100_000, b"\x00\xff"])
def test_what_a_browser_sends_is_ignored(cast, review, frame):
    session = session_of(cast.editor)

    async def story() -> None:
        line = Socket(of(review.recording), session)
        await opened(line)
        await line.say(frame)
        await sync_to_async(change)(review, cast.clinician)
        assert (await line.message("segment"))["segment"]["version"] == 2
        await line.leave()

    run(story)


def test_a_lost_message_is_missed_by_its_number_though_none_follows(cast, review, monkeypatch):
    monkeypatch.setattr(rooms, "REMIND_SECONDS", 0.05)
    session = session_of(cast.editor)

    def lose() -> None:
        Recording.objects.filter(pk=review.recording_id).update(live_seq=F("live_seq") + 1)

    async def story() -> None:
        line = Socket(of(review.recording), session)
        before = await opened(line)
        await sync_to_async(lose)()
        assert await line.message("hello") == {"type": "hello", "seq": before["seq"] + 1}
        await line.leave()

    run(story)


# Who may no longer look


def log_out(member: Membership) -> None:
    BrowserSession.objects.all().delete()


def leave(member: Membership) -> None:
    member.delete()


def become_auditor(member: Membership) -> None:
    Membership.objects.filter(pk=member.pk).update(role="auditor")


def be_locked(member: Membership) -> None:
    type(member.user).objects.filter(pk=member.user_id).update(is_active=False)


def change_password(member: Membership) -> None:
    member.user.set_password("another battery staple")
    member.user.save()


@pytest.mark.parametrize("path", ["recording", "worklist"])
@pytest.mark.parametrize(
    ("act", "code"),
    [
        (log_out, 4401),
        (change_password, 4401),
        (be_locked, 4401),
        (leave, 4401),
        (become_auditor, 4404),
    ],
)
def test_who_may_no_longer_look_gets_nothing_but_a_close(cast, review, path, act, code):
    session = session_of(cast.editor)

    async def story() -> None:
        line = Socket(of(review.recording) if path == "recording" else "/ws/worklist/", session)
        await line.open()
        if path == "recording":
            await line.message("presence")
        await sync_to_async(act)(cast.editor)
        await sync_to_async(live.announce)(
            practice_id=review.practice_id, recording_id=review.recording_id, kind="reload"
        )
        assert await line.next() == {"closed": code}

    run(story)


# On its way


def test_nothing_clinical_passes_through_redis(cast, review):
    session = session_of(cast.editor)

    async def story() -> list[bytes]:
        heard: list[bytes] = []
        async with redis.asyncio.Redis.from_url(configured.REDIS_URL) as client:
            channel = client.pubsub()
            await channel.psubscribe("*")
            line = Socket(of(review.recording), session)
            await opened(line)
            await sync_to_async(change)(review, cast.clinician, "Takes canaryzide daily.")
            await line.message("segment")
            await line.leave()
            for _ in range(20):
                found = await channel.get_message(ignore_subscribe_messages=True, timeout=0.1)
                heard += [found["data"]] if found else []
            await channel.aclose()
        return heard

    heard = b"".join(run(story))
    assert str(review.recording_id).encode() in heard
    for secret in (b"canaryzide", b"Paula", b"10001", b"Patient takes"):
        assert secret not in heard


def _news(seq, kind="segment", **ids):
    return {"kind": kind, "seq": seq, **ids}


def test_what_waited_is_told_together():
    waited = [
        _news(4, segments=["a"], by="1"),
        _news(5, segments=["b", "a"], by="1"),
        _news(6, segments=["c"], by="2"),
        _news(7, "progress"),
        _news(8, "progress"),
        _news(10, "progress"),
    ]
    assert live.together(waited) == [
        _news(6, segments=["c", "b", "a"], by=None, first=4),
        _news(8, "progress", first=7),
        _news(10, "progress", first=10),
    ], "a number that is missing stays a gap"
