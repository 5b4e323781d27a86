"""Many people at one transcript whose answers get lost: everybody ends with the same text.

The suite runs a small crowd; COUNTERSIGN_CROWD=20x500 is the full one.
"""

import json
import os
import random
import threading
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from review.actions.checking import check
from review.models import Edit, Review
from tests import rows
from tests.factories import transcribed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800)]
PEOPLE, EDITS = map(int, os.environ.get("COUNTERSIGN_CROWD", "5x12").split("x"))
SEGMENTS = 30
CUT = 0.25  # of the sockets break: half before the server hears it, half before it answers


class Typist:
    """A browser that keeps what is not acknowledged and sends it again, as the page does."""

    def __init__(self, number: int, member, url: str) -> None:
        self.number, self.url, self.chance = number, url, random.Random(number)
        self.browser = Client(HTTP_ACCEPT="application/json")
        self.browser.force_login(member.user)
        self.segments: dict[str, dict] = {}
        self.conflicts = self.cuts = 0

    def fetch(self) -> None:
        now = self.browser.get(f"{self.url}state").json()["segments"]
        self.segments = {one["id"]: one for one in now}

    def send(self, body: dict) -> tuple[int, dict]:
        """The answer; a cut socket is tried again with the very same operation."""
        while True:
            fate = self.chance.random()
            self.cuts += fate < CUT
            if fate < CUT / 2:
                continue
            answer = self.browser.post(
                f"{self.url}operations", json.dumps(body), content_type="application/json"
            )
            if fate < CUT:
                continue
            return answer.status_code, answer.json()

    def insert(self, word: str) -> None:
        """Puts a word somewhere; upon a conflict, into what the other made of the segment."""
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
            status, answer = self.send(body)
            self.segments |= {one["id"]: one for one in answer["segments"]}
            if status == 200:
                return
            assert status == 409, answer
            self.conflicts += 1
            segment = answer["segment"]

    def work(self) -> None:
        try:
            self.fetch()
            for number in range(EDITS):
                self.insert(f"p{self.number}n{number}")
        finally:
            connection.close()


def test_all_end_with_the_same_text_and_every_word_stands_there_once(cast):
    lines = [[(f"line{n}", 0.9), ("of", 0.9), ("words", 0.9)] for n in range(SEGMENTS)]
    review = transcribed(rows.recording(cast), lines)
    url = f"/recordings/{review.recording_id}/"
    crowd = [Typist(n, cast.editor, url) for n in range(PEOPLE)]
    threads = [threading.Thread(target=one.work) for one in crowd]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in crowd:
        one.fetch()
    texts = [[row["text"] for row in one.segments.values()] for one in crowd]
    assert all(text == texts[0] for text in texts)
    words = " ".join(texts[0]).split()
    typed = [f"p{person}n{number}" for person in range(PEOPLE) for number in range(EDITS)]
    assert sorted(word for word in words if word.startswith("p")) == sorted(typed)
    assert [word for word in words if not word.startswith("p")] == [
        word for line in lines for word, _ in line
    ]
    assert Edit.objects.count() == PEOPLE * EDITS == Review.objects.get().edit_seq
    assert check(review) == PEOPLE * EDITS
    print(
        f"{PEOPLE} people, {EDITS} edits each: {sum(one.cuts for one in crowd)} sockets cut, "
        f"{sum(one.conflicts for one in crowd)} conflicts merged"
    )
