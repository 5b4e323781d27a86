"""The doorbell may be lost, doubled or broken; work is done and people are served all the same."""

import base64
import json
import socket
from uuid import uuid4

import pytest
import redis
from django.conf import settings as configured
from django.db import transaction

from review.models import Edit
from tests import rows
from tests.transcripts.test_upload import send
from transcripts import bell, workers
from transcripts.models import MedicalTranscriptionJob, Worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def queue():
    """An empty Redis."""
    with redis.Redis.from_url(configured.REDIS_URL) as client:
        client.flushall()
        yield client


@pytest.fixture
def no_redis(settings):
    """Redis is gone: its address leads to a port where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"redis://127.0.0.1:{free.getsockname()[1]}/0"
    settings.REDIS_URL = url
    layer = {**configured.CHANNEL_LAYERS["default"], "CONFIG": {"hosts": [url]}}
    settings.CHANNEL_LAYERS = {"default": layer}


def test_an_upload_rings_once_it_is_committed(cast):
    with transaction.atomic():
        rows.recording(cast)
        assert bell.waiting() == 0
    assert bell.waiting() == 1


def test_an_upload_that_is_rolled_back_rings_nobody(cast):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        rows.recording(cast)
        raise ZeroDivisionError
    assert bell.waiting() == 0


def test_a_ring_says_nothing_but_that_there_is_work(cast, queue):
    rows.recording(cast)
    message = json.loads(queue.lindex("transcription", 0))
    arguments = json.loads(base64.b64decode(message["body"]))[:2]
    assert arguments == [[], {}]
    assert message["headers"]["argsrepr"] == "()" and message["headers"]["task"] == bell.TASK


def test_a_lost_ring_is_rung_again(cast, queue):
    rows.recording(cast)
    queue.flushall()
    assert bell.sweep() == 1 and bell.waiting() == 1


def test_nobody_rings_while_a_ring_waits(cast):
    rows.recording(cast)
    assert bell.sweep() == 0 and bell.waiting() == 1


def test_nobody_rings_when_there_is_nothing_to_do(cast):
    assert bell.sweep() == 0 and bell.waiting() == 0


def test_the_queue_is_bounded(cast, monkeypatch):
    monkeypatch.setattr(bell, "QUEUE_LIMIT", 3)
    for _ in range(10):
        rows.recording(cast)
    assert bell.waiting() == 3
    bell.ring(1000)
    assert bell.waiting() == 3


def test_one_act_rings_a_bounded_number_of_times(cast):
    bell.ring(1000)
    assert bell.waiting() == bell.RINGS_AT_ONCE


def test_an_upload_does_not_fail_without_redis(cast, as_, no_redis):
    assert send(as_(cast.editor), cast).status_code == 201
    assert MedicalTranscriptionJob.objects.get().status == "QUEUED"


def test_an_edit_does_not_fail_without_redis(cast, as_, no_redis):
    review = rows.review(cast)
    segment = review.segments.first()
    body = {
        "op_id": str(uuid4()),
        "kind": "replace_text",
        "segment": str(segment.pk),
        "base_version": 1,
        "text": "Patient takes lisinopril weekly.",
    }
    url = f"/recordings/{review.recording_id}/operations"
    answer = as_(cast.editor).post(url, body, content_type="application/json")
    assert answer.status_code == 200 and Edit.objects.count() == 1


def test_a_worker_shows_itself_and_old_ones_are_forgotten(cast):
    assert not workers.any_alive()
    Worker.objects.create(name="old", seen_at="2020-01-01T00:00:00Z")
    workers.beat("worker-1")
    workers.beat("worker-1")
    assert workers.any_alive()
    assert list(Worker.objects.values_list("name", flat=True)) == ["worker-1"]
