"""Many people at one transcript over lines that break: everybody ends with the same text.

A served app; edits over HTTP, what others do over a WebSocket. Connections break in the middle of
requests, of answers and of live messages until all is typed; then the network is whole again, and
everybody has to come to the same text by the live messages and their numbers alone. The suite
runs a small crowd; COUNTERSIGN_CROWD=20x500 is the full one.
"""

import http.client
import json
import os
import random
import threading
import time
from uuid import uuid4

import pytest
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from review.actions.checking import check
from review.models import Edit, Review
from tests import rows
from tests.factories import transcribed
from tests.faults.proxy import Frayed
from tests.faults.web import Line, cookies
from transcripts.models import Recording

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(3000)]
PEOPLE, EDITS = map(int, os.environ.get("COUNTERSIGN_CROWD", "4x8").split("x"))
SEGMENTS = max(30, PEOPLE * EDITS // 100)
# Bytes after which connections break. A request has about 700; an answer, a live message and the
# whole text grow from 3,000 and 25,000 to 30,000 and 3,000,000 in the full crowd.
REQUESTS = {"up": (100, 20_000), "down": (500, 8_000_000)}
LIVE = {"up": (300, 20_000), "down": (200, 500_000)}
CATCH_UP_SECONDS = 90
BROKEN = (OSError, http.client.HTTPException, ValueError, WebSocketException)


class Typist:
    """A page: keeps what is not acknowledged and sends it again, and hears of the others."""

    def __init__(self, number: int, member, path: str, port: int, live: int) -> None:
        self.number, self.path, self.port, self.live = number, path, port, live
        self.chance = random.Random(number)
        self.headers = cookies(member)
        self.line = Line(port, self.headers)
        self.segments: dict[str, dict] = {}
        self.seq = -1
        self.lock = threading.Lock()
        self.failure: BaseException | None = None
        self.conflicts = self.repeats = self.told = self.fetched = 0
        self.ending = threading.Event()
        self.socket = None

    # What the page knows

    def take(self, segments: list[dict]) -> None:
        with self.lock:
            for one in segments:
                known = self.segments.get(one["id"])
                if known is None or known["version"] <= one["version"]:
                    self.segments[one["id"]] = one

    def texts(self) -> list[str]:
        with self.lock:
            rows = sorted(self.segments.values(), key=lambda one: one["position"])
            return [one["text"] for one in rows]

    def fetch(self, line: Line) -> None:
        status, now = self.insist(line, "GET", f"{self.path}state")
        assert status == 200, now
        self.fetched += 1
        self.take(now["segments"])
        self.seq = max(self.seq, now["seq"])

    def insist(self, line: Line, method: str, path: str, body=None) -> tuple[int, dict]:
        """The answer; over a broken line the very same is asked again."""
        while True:
            try:
                return line.ask(method, path, body)
            except BROKEN:
                self.repeats += 1

    # Typing

    def insert(self, word: str) -> None:
        """Puts a word somewhere; upon a conflict, into what the other made of the segment."""
        with self.lock:
            segment = self.chance.choice(list(self.segments.values()))
        while True:
            spaces = [n for n, char in enumerate(segment["text"]) if char == " "]
            at = self.chance.choice([*spaces, len(segment["text"])])
            body = {
                "op_id": str(uuid4()),
                "kind": "replace_range",
                "segment": segment["id"],
                "base_version": segment["version"],
                **{"from": at, "to": at, "expect": "", "text": f" {word}"},
            }
            status, answer = self.insist(self.line, "POST", f"{self.path}operations", body)
            assert status in (200, 409), answer
            self.take(answer["segments"])
            if status == 200:
                return
            self.conflicts += 1
            segment = answer["segment"]

    def work(self) -> None:
        try:
            self.fetch(self.line)
            for number in range(EDITS):
                self.insert(f"p{self.number}n{number}")
        except BaseException as error:
            self.failure = error
        finally:
            self.line.close()

    # Hearing of the others; the rules are those of static/js/review/live.js

    def listen(self) -> None:
        try:
            self.hear_all()
        except BaseException as error:
            self.failure = error

    def hear_all(self) -> None:
        line = Line(self.port, self.headers)
        address = f"ws://127.0.0.1:{self.live}/ws{self.path}"
        options = {
            "origin": f"http://127.0.0.1:{self.live}",
            "additional_headers": {"Cookie": self.headers["Cookie"]},
            "compression": None,
            "ping_interval": None,
        }
        while not self.ending.wait(0.05):
            try:
                with connect(address, **options) as self.socket:
                    for frame in self.socket:
                        self.hear(json.loads(frame), line)
            except BROKEN:
                continue
        line.close()

    def hear(self, message: dict, line: Line) -> None:
        seq = message.get("seq")
        if message["type"] == "hello" and seq != self.seq:
            self.fetch(line)
        elif message["type"] == "segment" and seq > self.seq:
            if message.get("first", seq) > self.seq + 1:
                self.fetch(line)
            else:
                self.seq = seq
                self.told += 1
                self.take(message["segments"])

    def end(self) -> None:
        self.ending.set()
        if self.socket:
            self.socket.close()


def test_all_end_with_the_same_text_and_every_word_stands_there_once(cast, web):
    lines = [[(f"line{n}", 0.9), ("of", 0.9), ("words", 0.9)] for n in range(SEGMENTS)]
    review = transcribed(rows.recording(cast), lines)
    door, live = Frayed(web.port, seed=1, **REQUESTS), Frayed(web.port, seed=2, **LIVE)
    path = f"/recordings/{review.recording_id}/"
    crowd = [Typist(n, cast.editor, path, door.port, live.port) for n in range(PEOPLE)]
    begun = time.monotonic()
    typing = [threading.Thread(target=one.work) for one in crowd]
    listening = [threading.Thread(target=one.listen, daemon=True) for one in crowd]
    for thread in [*typing, *listening]:
        thread.start()
    for thread in typing:
        thread.join()
    assert [one.failure for one in crowd] == [None] * PEOPLE
    typed_in = time.monotonic() - begun
    for one in (door, live):
        one.be_whole()
    truth = list(review.text.order_by("position").values_list("text", flat=True))
    until = time.monotonic() + CATCH_UP_SECONDS
    while any(one.texts() != truth for one in crowd) and time.monotonic() < until:
        time.sleep(0.05)
    last = Recording.objects.get().live_seq
    behind = [(one.number, one.seq) for one in crowd if one.texts() != truth]
    assert [one.failure for one in crowd] == [None] * PEOPLE
    assert behind == [], f"all see the same, of {last} messages"
    for one in crowd:
        one.end()
    door.shut()
    live.shut()

    words = " ".join(truth).split()
    typed = [f"p{person}n{number}" for person in range(PEOPLE) for number in range(EDITS)]
    assert sorted(word for word in words if word.startswith("p")) == sorted(typed)
    assert [word for word in words if not word.startswith("p")] == [
        word for line in lines for word, _ in line
    ]
    assert Edit.objects.count() == PEOPLE * EDITS == Review.objects.get().edit_seq
    assert check(review) == PEOPLE * EDITS
    assert door.cuts["up"] and door.cuts["down"] and live.cuts["up"] and live.cuts["down"]
    print(
        f"{PEOPLE} people, {EDITS} edits each, in {typed_in:.0f} s: {door.cuts['up']} connections "
        f"broke on the way there, {door.cuts['down']} on the way back; "
        f"{sum(one.repeats for one in crowd)} requests sent again, "
        f"{sum(one.conflicts for one in crowd)} conflicts merged, "
        f"{live.cuts.total()} live connections broke, "
        f"{sum(one.told for one in crowd)} live messages heard"
    )
