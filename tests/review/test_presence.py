"""Who else is here, and where: shown to everyone, never in anybody's way."""

import json
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from review import presence
from tests.sockets import Socket, session_of
from transcripts import live

real_commits = pytest.mark.django_db(transaction=True)


def here(segment, editing=True) -> str:
    return json.dumps({"type": "here", "segment": segment, "editing": editing})


@pytest.mark.parametrize(
    "frame",
    [
        None,
        "",
        "nonsense",
        "[]",
        "7",
        "{}",
        '{"type": "here"}',
        '{"type": "there", "segment": null, "editing": false}',
        here("no id"),
        here(7),
        here(["x"]),
        '{"type": "here", "segment": null, "editing": 1}',
        here(str(uuid4())) + " " * 600,
        "[" * 400,
    ],
)
def test_what_says_no_place_is_ignored(frame):
    assert presence.heard(frame) is None


def test_nobody_edits_nowhere():
    assert presence.heard(here(None)) == {"segment": None, "editing": False}


def test_of_two_windows_the_one_where_somebody_types_counts():
    def window(segment, editing):
        return {"id": "1", "name": "Eve", "segment": segment, "editing": editing}

    windows = [window(None, False), window("a", True), window("b", False)]
    assert presence.shown(windows) == [windows[1]]


async def until(line, holds) -> list[dict]:
    """The people of the first presence message of which something holds."""
    while True:
        people = (await line.message("presence"))["people"]
        if holds(people):
            return people


@real_commits
def test_others_see_where_somebody_types_and_when_they_stop(cast, review):
    sessions = [session_of(member) for member in (cast.editor, cast.clinician)]
    path = f"/ws/recordings/{review.recording_id}/"
    segment = str(review.text.first().pk)

    async def story() -> None:
        eve, carla = (Socket(path, session) for session in sessions)
        for line in (eve, carla):
            await line.open()
        await until(carla, lambda people: len(people) == 2)
        await eve.say(here(segment))
        people = await until(carla, lambda people: any(p["editing"] for p in people))
        (typing,) = [person for person in people if person["editing"]]
        assert (typing["name"], typing["segment"]) == ("Eve", segment)
        await eve.say(here(segment, editing=False))
        people = await until(carla, lambda people: not any(p["editing"] for p in people))
        assert segment in {person["segment"] for person in people}
        await eve.leave()
        await until(carla, lambda people: [p["name"] for p in people] == ["Carla"])
        await carla.leave()

    async_to_sync(story)()


@real_commits
def test_who_comes_later_sees_where_the_others_are(cast, review):
    sessions = [session_of(member) for member in (cast.editor, cast.clinician)]
    path = f"/ws/recordings/{review.recording_id}/"
    segment = str(review.text.first().pk)

    async def story() -> None:
        eve, carla = (Socket(path, session) for session in sessions)
        await eve.open()
        await eve.say(here(segment))
        await until(eve, lambda people: people[0]["editing"])
        await carla.open()
        people = await until(carla, lambda people: len(people) == 2)
        assert {p["name"]: p["segment"] for p in people} == {"Eve": segment, "Carla": None}
        for line in (eve, carla):
            await line.leave()

    async_to_sync(story)()


@real_commits
def test_a_flood_of_moves_is_told_a_few_times_only_and_ends_with_the_last(cast, review):
    session = session_of(cast.editor)
    places = [str(uuid4()) for _ in range(100)]

    async def story() -> None:
        eve = Socket(f"/ws/recordings/{review.recording_id}/", session)
        await eve.open()
        for place in places:
            await eve.say(here(place))
        told = 0
        while True:
            people = (await eve.message("presence"))["people"]
            told += 1
            if people[0]["segment"] == places[-1]:
                break
        assert told < 10
        await eve.leave()

    async_to_sync(story)()


@real_commits
def test_who_stops_saying_that_he_types_lets_go_by_himself(cast, review, monkeypatch):
    """His browser froze or its machine sleeps: the socket is open and says nothing."""
    monkeypatch.setattr("review.consumers.RecordingConsumer.LEASE_SECONDS", 1.0)
    path = f"/ws/recordings/{review.recording_id}/"
    segment = str(review.text.first().pk)
    hers, his = session_of(cast.clinician), session_of(cast.editor)

    async def story() -> None:
        she, he = Socket(path, hers), Socket(path, his)
        await she.open()
        await he.open()
        await he.say(here(segment))
        await until(she, lambda people: any(one["editing"] for one in people))
        people = await until(she, lambda people: not any(one["editing"] for one in people))
        assert segment in [one["segment"] for one in people], "he is still there"
        await she.leave()
        await he.leave()

    async_to_sync(story)()


@real_commits
def test_who_is_not_heard_of_for_long_is_here_no_more(cast, review, monkeypatch):
    """The web process that held his socket was killed and told nobody."""
    monkeypatch.setattr("review.rooms.REMIND_SECONDS", 0.5)
    path = f"/ws/recordings/{review.recording_id}/"
    hers = session_of(cast.clinician)
    ghost = {"id": "7", "name": "Gone", "segment": None, "editing": False}

    async def story() -> None:
        she = Socket(path, hers)
        await she.open()
        await she.message("presence")
        message = {"type": "presence.told", "room": "of-a-dead-process", "people": [ghost]}
        await get_channel_layer().group_send(live.recording_group(review.recording_id), message)
        await until(she, lambda people: ghost in people)
        await until(she, lambda people: ghost not in people)
        await she.leave()

    async_to_sync(story)()
