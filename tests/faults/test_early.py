"""The web process is killed while lines are typed that the machine has just said."""

import random
import threading
import time
from uuid import uuid4

import pytest

from review.models import AuditEvent, Edit, Review
from tests import rows
from tests.factories import line
from tests.faults.test_crowd import BROKEN
from tests.faults.web import Line, cookies
from tests.review.test_early import FIRST, done

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]
KILLS, TYPED = 2, 12


def test_a_killed_server_has_all_of_an_early_edit_or_nothing_and_the_queue_replays_it(cast, web):
    recording = rows.recording(cast)
    rows.cut(recording, 2)
    chunk = recording.jobs.get().chunks.get(index=0)
    chunk.segments = [line(words, start=2.5 * n) for n, words in enumerate(FIRST)]
    chunk.done = True
    chunk.save()
    review = Review.objects.select_related("recording", "practice").get(recording=recording)
    path = f"/recordings/{recording.pk}/"
    headers = cookies(cast.editor)
    page = Line(web.port, headers)
    shown = page.ask("GET", f"{path}state")[1]["segments"][0]
    ended, sent = threading.Event(), []

    def type_on() -> None:
        """A queue: the same operation again until it is acknowledged."""
        now = shown
        for number in range(TYPED):
            body = {"op_id": str(uuid4()), "kind": "replace_text", "segment": now["id"]}
            body |= {"base_version": now["version"], "text": f"{now['text']} word{number}"}
            while True:
                sent.append(body["op_id"])
                try:
                    status, answer = page.ask("POST", f"{path}operations", body)
                except BROKEN:
                    time.sleep(0.01)
                    continue
                assert status == 200, answer
                now = answer["segment"]
                break
        ended.set()

    typing = threading.Thread(target=type_on, daemon=True)
    typing.start()
    chance = random.Random(KILLS)
    for kill in range(KILLS):
        while len(set(sent)) < 2 + 4 * kill:
            assert typing.is_alive()
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.03))
        web.kill()
        # Whatever it was doing then: segment, log and audit row, or none of them.
        edits = Edit.objects.filter(review=review)
        acts = AuditEvent.objects.filter(action="segment.edited").count()
        typed = edits.filter(kind="replace_text").count()
        row = review.segments.filter(transcript=None).first()
        assert Review.objects.get(pk=review.pk).edit_seq == edits.count()
        assert typed == acts == (row.text.count("word") if row else 0)
        assert edits.filter(kind="early").count() == (1 if row else 0)
        web.start()
    assert ended.wait(60)
    assert len(sent) > TYPED, "nothing was under way when it was killed"
    words = " ".join(f"word{number}" for number in range(TYPED))
    text = done(review).text.order_by("position").first().text
    assert text.endswith(words) and text.count("word") == TYPED
