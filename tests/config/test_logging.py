"""A log line holds named fields alone, and says which request and which job it belongs to."""

import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest
from celery.app.task import Context
from celery.signals import before_task_publish, task_prerun

from config.logging import Json, Line
from review.models import AuditEvent
from tests import rows
from transcripts import lease, trace
from transcripts.actions import work

NAMES = {
    *("time", "level", "logger", "event", "request", "job"),
    *("route", "method", "status", "error", "frames"),
}


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict]]]:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(Json())
    logging.getLogger().addHandler(handler)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logging.getLogger().removeHandler(handler)


def test_what_libraries_put_into_their_sentences_is_not_written(lines):
    log = logging.getLogger("somebody.elses")
    log.warning("no answer from %s", "patient-canary")
    log.warning("no answer from patient-canary")
    log.warning("odd", extra={"patient": "canary", "request": "canary"})
    try:
        raise ValueError("canary")
    except ValueError:
        log.exception("it %s", "canary")
    assert "canary" not in str([{**each, "frames": ""} for each in lines()])
    assert lines()[0]["event"] == "no answer from %s"
    assert lines()[3]["error"] == "ValueError"
    assert all(set(each) <= NAMES for each in lines())


def test_a_request_that_fails_is_named_by_its_route_and_its_number(lines, review, cast, as_):
    nowhere = as_(cast.clinician).get("/nowhere/canary/?q=canary")
    as_(cast.auditor).get(f"/recordings/{review.recording_id}/")
    assert nowhere.status_code == 404
    missed, denied = lines()
    assert (missed["status"], missed["method"]) == (404, "GET")
    assert "canary" not in str(missed)
    assert (denied["status"], denied["route"]) == (403, "recording")
    row = AuditEvent.objects.get(action="access.denied")
    assert denied["request"] == row.request["request_id"], "the same number as in the audit log"


@pytest.mark.django_db(transaction=True)
def test_a_unit_of_work_names_its_job(lines, cast, monkeypatch):
    def stumble(*_: object) -> None:
        raise RuntimeError("canary")

    job = rows.cut(rows.recording(cast), 1)
    monkeypatch.setattr(work, "_stage", stumble)
    work.run(lease.claim("w"))
    (line,) = [each for each in lines() if "working on" in each["event"]]
    assert line["job"] == str(job.pk)
    assert trace.bound() == {}, "and only while it lasts"


def test_the_request_that_rang_goes_along_with_the_bell():
    headers: dict[str, object] = {}
    with trace.about(request="abc"):
        before_task_publish.send("transcripts.work", headers=headers, body=None)
    task = type("Task", (), {"request": Context(headers)})()
    task_prerun.send("transcripts.work", task=task)
    try:
        assert trace.bound() == {"request": "abc"}
    finally:
        trace.begin()


def test_lines_for_people_have_the_same_fields():
    record = logging.LogRecord("review.x", logging.INFO, "f", 1, "took %s", (3,), None)
    with trace.about(job="7"):
        assert Line().format(record).endswith("INFO review.x: took 3 job=7")
