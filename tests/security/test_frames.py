"""Malformed frames over every socket: nothing falls over, and the others' sockets go on.

Number 14 of docs/security.md's table of tests.
"""

import json
import random
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync, sync_to_async

from review.actions import edit
from tests import factories, rows
from tests.cast import Cast
from tests.sockets import Socket, session_of
from transcripts.actions import streams

pytestmark = pytest.mark.django_db(transaction=True)
FRAMES = 1000
CHANCE = random.Random(14)
KINDS = ("hello", "typing", "here", "audio", "begin", "finish", "correct", "seq", "__proto__", "")


def frame() -> str | bytes:
    """Something that no page of ours sends."""
    noise = CHANCE.randbytes(CHANCE.choice([0, 1, 3, 100, 20_000]))
    odd = CHANCE.choice([None, True, -1, 2**80, 0.5, [], {}, "x" * 5000, "\x00", "é" * 99])
    return CHANCE.choice(
        [
            noise,
            noise.decode("latin-1"),
            "{" * CHANCE.choice([1, 5000]),
            "[" * 50_000,
            json.dumps(odd),
            json.dumps({"type": CHANCE.choice(KINDS)}),
            json.dumps({"type": CHANCE.choice(KINDS), "segment": odd, "seq": odd, "at": odd}),
            json.dumps({"type": odd, "kind": odd, "item": [odd] * 50}),
            json.dumps({"type": CHANCE.choice(KINDS)})[:-1],
            '{"type": "typing", "type": "here"}',
            '{"type": NaN, "seq": Infinity}',
            "x" * 70_000,
        ]
    )


def test_a_thousand_malformed_frames_disturb_nobody(cast: Cast) -> None:
    review = rows.review(cast)
    path = f"/ws/recordings/{review.recording_id}/"
    mine, other = session_of(cast.editor), session_of(cast.clinician)
    stream = streams.begin(
        practice=cast.practice,
        by=cast.editor.user,
        about=factories.about(cast.clinician),
        sample_rate=16_000,
        channels=1,
        settings={},
    )
    dictation = f"/ws/dictate/{stream.pk}/"

    def change() -> None:
        edit.replace_text(
            review=review,
            segment_id=review.text.first().pk,
            base_version=1,
            text="Patient takes aspirin.",
            op_id=uuid4(),
            by=cast.clinician,
        )

    async def story() -> tuple[int, dict[str, object]]:
        watcher = Socket(path, other)
        await watcher.open()
        sent = 0
        while sent < FRAMES:
            for where in (path, "/ws/worklist/", dictation):
                socket, open_ = Socket(where, mine), True
                assert (await socket.open())["type"] == "websocket.accept", where
                for _ in range(5):
                    for _ in range(10 * open_):
                        await socket.say(frame())
                        sent += 1
                    while not await socket.receive_nothing(0.02):
                        told = await socket.receive_output(1)
                        open_ = open_ and told["type"] != "websocket.close"
                await socket.leave()  # raises what the consumer raised
        await sync_to_async(change)()
        return sent, await watcher.message("segment")

    sent, told = async_to_sync(story)()
    assert sent >= FRAMES and told["segment"]["version"] == 2
