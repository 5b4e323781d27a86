"""The dictation page's socket: who may speak, what is acknowledged, and what comes back as text."""

import json
import struct
import wave
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync, sync_to_async

from review.models import Review
from tests import factories, tones
from tests.sockets import Socket, session_of
from transcripts import streaming
from transcripts.actions import streams
from transcripts.engines.local import samples
from transcripts.enums import JobStatus, StreamState
from transcripts.models import BrowserSession, MachineSegment, Recording

pytestmark = pytest.mark.django_db(transaction=True)

FRAME = tones.speechlike(0.2)


@pytest.fixture
def stream(cast):
    return streams.begin(
        practice=cast.clinician.practice,
        by=cast.clinician.user,
        about=factories.about(cast.clinician),
        sample_rate=16_000,
        channels=1,
        settings={},
    )


@pytest.fixture
def pool(settings, monkeypatch):
    """The pool of this process with so many places, for one event loop."""

    def make(places):
        settings.STREAMS = str(places)
        monkeypatch.setattr(streaming, "_pool", None)

    yield make
    if streaming._pool:
        streaming._pool = None


def of(stream):
    return f"/ws/dictate/{stream.pk}/"


def frame(seq, pcm=FRAME):
    return struct.pack(">I", seq) + pcm


async def opened(stream, session):
    line = Socket(of(stream), session)
    assert (await line.open())["type"] == "websocket.accept"
    return line, await line.next()


def run(story):
    return async_to_sync(story)()


# Who may connect


@pytest.mark.parametrize("who", ["editor", "colleague", "outsider", "auditor", "manager"])
def test_nobody_else_speaks_into_a_dictation(cast, stream, who):
    session = session_of(getattr(cast, who))

    async def story():
        _, first = await opened(stream, session)
        assert first == {"closed": 4404}

    run(story)


def test_without_a_session_there_is_no_dictation(stream):
    async def story():
        _, first = await opened(stream, "")
        assert first == {"closed": 4401}

    run(story)


def test_a_dictation_that_is_not_there(cast, stream):
    stream.pk = uuid4()
    session = session_of(cast.clinician)

    async def story():
        _, first = await opened(stream, session)
        assert first == {"closed": 4404}

    run(story)


def test_who_logged_out_says_nothing_more(cast, stream, pool):
    pool(0)
    session = session_of(cast.clinician)

    async def story():
        line, _ = await opened(stream, session)
        await sync_to_async(BrowserSession.objects.all().delete)()
        await line.say(json.dumps({"type": "end"}))
        while "closed" not in (found := await line.next()):
            pass
        assert found == {"closed": 4401}

    run(story)
    stream.refresh_from_db()
    assert stream.state == StreamState.OPEN


def test_the_newest_window_has_the_dictation(cast, stream, pool):
    pool(0)
    session = session_of(cast.clinician)

    async def story():
        older, _ = await opened(stream, session)
        newer, hello = await opened(stream, session)
        assert await older.next() == {"closed": 4409}
        await newer.say(frame(0))
        assert (await newer.message("kept"))["frames"] == 1

    run(story)


# Acknowledgements


@pytest.mark.parametrize(
    "nonsense",
    [b"", b"\0\0", frame(0, b"\0"), frame(0, bytes(40_000)), "{", "[]", '"x"', '{"type": 3}',
     '{"type": "correct", "line": "x", "text": 1}', '{"type": "correct", "line": 9, "text": "x"}'],
)  # fmt: skip
def test_nonsense_is_refused_and_costs_nothing(cast, stream, pool, nonsense):
    pool(0)
    session = session_of(cast.clinician)

    async def story():
        line, _ = await opened(stream, session)
        if nonsense:
            await line.say(nonsense)
        await line.say(frame(0))
        assert (await line.message("kept"))["frames"] == 1

    run(story)


def test_who_comes_back_hears_where_to_go_on(cast, stream, pool):
    pool(0)
    session = session_of(cast.clinician)
    said = factories.line(factories.WORDS[0], 0.0)
    streams.said(stream_id=stream.pk, index=0, line=said)
    streams.keep_all(stream_id=stream.pk, first_seq=0, frames=[FRAME] * 5)

    async def story():
        line, hello = await opened(stream, session)
        assert (hello["frames"], hello["seconds"]) == (5, 1.0)
        assert hello["lines"][0]["text"] == "Patient takes lisinopril daily."
        assert [item["low"] for item in hello["lines"][0]["items"]] == [
            False,
            False,
            True,
            False,
            False,
        ]
        for seq in (4, 5, 7, 6):
            await line.say(frame(seq))
        kept = [(await line.message("kept"))["frames"] for _ in range(4)]
        assert kept == [5, 6, 6, 7]

    run(story)


def test_without_a_place_everything_is_kept_and_transcribed_later(cast, stream, pool):
    pool(0)
    session = session_of(cast.clinician)

    async def story():
        line, _ = await opened(stream, session)
        for seq in range(10):
            await line.say(frame(seq))
        assert (await line.message("live"))["state"] == "full"
        await line.say(json.dumps({"type": "end"}))
        return (await line.message("finished"))["url"]

    url = run(story)
    recording = Recording.objects.get()
    assert url == f"/recordings/{recording.pk}/" and float(recording.duration) == 2.0
    assert recording.jobs.get().status == JobStatus.QUEUED


# With the engine


def spoken(stream, session, frames, *, leave_after=0):
    """Says the frames to the end, if asked with a break in between; the pool ends with it."""

    async def story():
        line, _ = await opened(stream, session)
        for seq, pcm in enumerate(frames):
            if leave_after and seq == leave_after:
                await line.leave()
                line, hello = await opened(stream, session)
                assert hello["frames"] == leave_after
            await line.say(frame(seq, pcm))
        await line.say(json.dumps({"type": "end"}))
        await line.message("finished")
        await streaming.streams().close()

    run(story)
    return " ".join(segment.text for segment in Review.objects.get().text.order_by("position"))


def cut(speech):
    return [speech[at : at + 6_400] for at in range(0, len(speech), 6_400)]


def test_what_is_said_comes_back_and_is_the_review(cast, stream, pool):
    pool(1)
    with wave.open(str(factories.AUDIO / "dictation_mono.wav")) as file:
        frames = cut(file.readframes(16_000 * 9))
    # The break is in the middle of a sentence.
    text = spoken(stream, session_of(cast.clinician), frames, leave_after=30).lower()
    for word in ("follow", "62", "hypertension", "diabetes"):
        assert text.count(word) == 1, text
    assert Review.objects.get().recording.author == cast.clinician


def test_scratch_that_said_aloud_takes_the_sentence_before_it(cast, stream, pool):
    pool(1)
    speech = samples(factories.AUDIO / "dictation_scratch.ogg")
    frames = cut((speech * 32_767).astype("<i2").tobytes())
    text = spoken(stream, session_of(cast.clinician), frames).lower()
    assert "dry cough" in text and "no fever" in text
    assert "chills" not in text and "scratch" not in text
    items = [item["content"] for row in MachineSegment.objects.all() for item in row.items]
    heard = " ".join(items).lower()
    assert "chills" in heard and "scratch that" in heard
