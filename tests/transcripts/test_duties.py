"""Duties: each runs when it is due, once among all processes, and a failure is kept and seen."""

import threading
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from tests.rows import together
from transcripts import duties
from transcripts.models import Duty

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def plans(monkeypatch):
    """No duties but those that the test adds; `run_due` does not return before they ended."""
    monkeypatch.setattr(duties, "_plans", {})
    monkeypatch.setattr(duties, "_running", set())
    monkeypatch.setattr(duties.workers, "stopping", lambda: False)
    made = []

    def make(*args, **kwargs):
        thread = threading.Thread(*args, **kwargs)
        made.append(thread)
        return thread

    class Threads:
        Thread = staticmethod(make)

    monkeypatch.setattr(duties, "threading", Threads)

    def run() -> None:
        duties.run_due()
        for thread in made:
            thread.join(10)

    return run


def due(name: str) -> None:
    Duty.objects.filter(pk=name).update(due_at=Now() - timedelta(seconds=1))


def test_a_duty_runs_when_it_is_due_and_what_it_found_is_kept(plans):
    runs = []
    duties.add("count", lambda: runs.append(1) or {"n": len(runs)}, every=timedelta(hours=1))
    plans()
    plans()
    row = Duty.objects.get()
    assert (len(runs), row.outcome, row.found, row.failures) == (1, "ok", {"n": 1}, 0)
    assert row.lease_until is None and row.began_at <= row.ended_at
    assert timedelta(minutes=59) < row.due_at - timezone.now() <= timedelta(hours=1)
    due("count")
    plans()
    assert len(runs) == 2 and Duty.objects.get().found == {"n": 2}


def test_a_duty_with_a_time_of_day_waits_for_it(plans):
    runs = []
    duties.add("night", lambda: runs.append(1), at="02:30")
    plans()
    moment = timezone.localtime(Duty.objects.get().due_at)
    assert (moment.hour, moment.minute, runs) == (2, 30, [])
    due("night")
    plans()
    assert runs == [1] and timezone.localtime(Duty.objects.get().due_at).minute == 30


def test_of_many_processes_one_runs_it(plans):
    runs, inside, go = [], threading.Event(), threading.Event()

    def work() -> None:
        runs.append(1)
        inside.set()
        assert go.wait(10)

    duties.add("once", work, every=timedelta(hours=1))
    duties._expect()

    def one() -> str:
        row = duties._claim()
        if row is None:
            return "nothing"
        go.set()
        duties._work(row)
        return "ran"

    assert sorted(together(*[one] * 6)) == ["nothing"] * 5 + ["ran"]
    assert runs == [1]


def test_a_failed_duty_is_kept_seen_and_tried_again(plans):
    def fail() -> None:
        raise ValueError("Paula Probe")

    duties.add("night", fail, at="02:30")
    plans()
    for _ in range(duties.RETRIES):
        due("night")
        plans()
        assert timedelta(0) < Duty.objects.get().due_at - timezone.now() <= duties.RETRY
    row = Duty.objects.get()
    assert (row.outcome, row.failures) == ("ValueError", duties.RETRIES)
    assert duties.failing() == ["night"]
    due("night")
    plans()
    assert timezone.localtime(Duty.objects.get().due_at).hour == 2, "it waits for the next night"
    duties.add("night", lambda: None, at="02:30")
    due("night")
    plans()
    assert duties.failing() == [] and Duty.objects.get().outcome == "ok"


def test_a_process_that_dies_in_it_holds_it_no_longer_than_its_bound(plans):
    duties.add("long", lambda: {"ended": 1}, every=timedelta(hours=1), bound=timedelta(minutes=5))
    duties._expect()
    dead = duties._claim()
    due("long")
    plans()
    assert Duty.objects.get().outcome == "", "held by the one that claimed it"
    Duty.objects.update(lease_until=Now() - timedelta(seconds=1))
    assert duties.failing() == ["long"]
    due("long")
    plans()
    assert Duty.objects.get().found == {"ended": 1}
    duties.add("long", lambda: {"late": 1}, every=timedelta(hours=1))
    duties._work(dead)
    assert Duty.objects.get().found == {"ended": 1}, "the token has moved on"


def test_loops_are_told_when_the_bound_has_passed(plans):
    seen = []
    duties.add(
        "short", lambda: seen.append(duties.over()), every=timedelta(days=1), bound=timedelta()
    )
    assert duties.run("short").outcome == "ok"
    assert seen == [True] and duties.over() is False


def test_one_may_be_run_at_once_but_not_twice(plans):
    duties.add("now", lambda: {"n": 1}, at="02:30")
    assert duties.run("now").found == {"n": 1}
    assert duties._claim("now")
    with pytest.raises(RuntimeError, match="running already"):
        duties.run("now")


@pytest.mark.parametrize("when", [{}, {"at": "02:00", "every": timedelta(1)}, {"at": "two"}])
def test_a_duty_without_one_clear_time_is_refused(plans, when):
    with pytest.raises(ValueError):
        duties.add("odd", lambda: None, **when)
