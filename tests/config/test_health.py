"""/healthz says that the process lives, /readyz what it lacks; neither needs what may be away."""

import socket
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client

from transcripts import duties, workers

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker(db):
    workers.beat("worker-1")


@pytest.fixture
def nowhere() -> int:
    """A port where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def no_database(cast, nowhere):
    kept = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(HOST="127.0.0.1", PORT=nowhere)
    yield
    connection.close()
    connection.settings_dict.update(kept)


@pytest.fixture
def no_redis(nowhere, settings):
    settings.REDIS_URL = f"redis://127.0.0.1:{nowhere}/0"


@pytest.fixture
def no_storage(tmp_path):
    place = "bucket_name" if hasattr(default_storage, "bucket_name") else "location"
    kept = default_storage.__dict__.get(place)
    default_storage.__dict__[place] = str(tmp_path / "gone") if place == "location" else "gone"
    yield
    default_storage.__dict__.pop(place)
    if kept:
        default_storage.__dict__[place] = kept


def parts(answer) -> set[str]:
    """The parts that do not answer."""
    body = answer.json()
    assert body["ready"] == (answer.status_code == 200)
    assert set(body["parts"]) == {"database", "redis", "storage", "worker"}
    return {name for name, state in body["parts"].items() if state != "ok"}


def test_ready_when_all_parts_answer(worker):
    answer = Client().get("/readyz")
    assert answer.status_code == 200 and parts(answer) == set()


def test_how_each_duty_went_last_is_told_and_decides_nothing(worker, monkeypatch):
    monkeypatch.setattr(duties.workers, "stopping", lambda: False)
    monkeypatch.setattr(duties, "_plans", {})
    duties.add("good", lambda: {}, every=timedelta(hours=1))
    duties.add("bad", lambda: {}[0], every=timedelta(hours=1))
    duties.run("good"), duties.run("bad")
    answer = Client().get("/readyz")
    told = answer.json()["duties"]
    assert answer.status_code == 200
    assert {name: (one["outcome"], one["failures"]) for name, one in told.items()} == {
        "good": ("ok", 0),
        "bad": ("KeyError", 1),
    }
    assert told["good"]["ended_at"] and told["good"]["due_at"]


def test_without_a_worker_it_is_not_ready(db):
    answer = Client().get("/readyz")
    assert answer.status_code == 503 and parts(answer) == {"worker"}


def test_a_worker_that_was_not_seen_lately_does_not_count(worker):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE transcripts_worker SET seen_at = now() - interval '21 seconds'")
    assert parts(Client().get("/readyz")) == {"worker"}


@pytest.mark.parametrize(
    ("fault", "missing"),
    [
        ("no_database", {"database", "worker"}),
        ("no_redis", {"redis"}),
        ("no_storage", {"storage"}),
    ],
)
def test_a_part_that_is_away_is_named(request, worker, fault, missing):
    request.getfixturevalue(fault)
    answer = Client().get("/readyz")
    assert answer.status_code == 503 and parts(answer) == missing


@pytest.mark.parametrize("fault", ["no_database", "no_redis", "no_storage"])
def test_the_process_lives_whatever_is_away(request, fault):
    request.getfixturevalue(fault)
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_a_browser_that_is_logged_in_gets_the_same_answer(request, cast, as_):
    browser = as_(cast.editor)
    request.getfixturevalue("no_database")
    assert browser.get("/healthz").status_code == 200
    assert parts(browser.get("/readyz")) == {"database", "worker"}


def test_nothing_but_names_of_parts_is_told(no_database):
    assert "127.0.0.1" not in Client().get("/readyz").content.decode()
