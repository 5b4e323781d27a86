"""Work that recurs without a person: of all worker processes, one runs each duty when it is due.

A duty is registered when its app starts (`add`). A thread of each worker process calls `run_due`
every few seconds; it claims what is due in the database, so that the same duty never runs twice at
once, and runs it in a thread of its own. A process that dies leaves its claim to run out after the
duty's bound. So a duty must be fit to be begun again, and loops in it ask `over()`.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from transcripts import workers
from transcripts.models import Duty

log = logging.getLogger(__name__)

RETRY = timedelta(minutes=15)
RETRIES = 3  # of a duty with a time of day; then it waits for its time
SIDE_BY_SIDE = 4  # in one process

Run = Callable[[], dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How often, or at what local time of day ("02:00"), a duty runs, and for how long at most."""

    name: str
    run: Run
    every: timedelta | None
    at: str | None
    bound: timedelta


_plans: dict[str, Plan] = {}
_ends: ContextVar[float] = ContextVar("duty_ends", default=float("inf"))
_running: set[threading.Thread] = set()


def add(
    name: str,
    run: Run,
    *,
    every: timedelta | None = None,
    at: str | None = None,
    bound: timedelta = timedelta(minutes=10),
) -> None:
    """Registers a duty with exactly one of `every` and `at`. What `run` returns is kept as JSON."""
    if (every is None) == (at is None):
        raise ValueError("a duty has either every or at")
    if at:
        datetime.strptime(at, "%H:%M")  # noqa: DTZ007  a time of day
    _plans[name] = Plan(name, run, every, at, bound)


def over() -> bool:
    """Whether the running duty must come to an end: its bound has passed, or its process stops."""
    return workers.stopping() or time.monotonic() > _ends.get()


def run_due() -> None:
    """Runs what is due, each duty in a thread; the duty of a thread in each worker process."""
    _running.difference_update({thread for thread in _running if not thread.is_alive()})
    _expect()
    while not workers.stopping() and len(_running) < SIDE_BY_SIDE and (row := _claim()):
        thread = threading.Thread(target=_threaded, args=(row,), name=row.name, daemon=True)
        _running.add(thread)
        thread.start()


def run(name: str) -> Duty:
    """Runs one duty now, in this thread, whether due or not; its row afterwards.

    RuntimeError when it is running elsewhere at this moment.
    """
    _expect()
    row = _claim(name)
    if row is None:
        raise RuntimeError(f"{name} is running already.")
    _work(row)
    return Duty.objects.get(pk=name)


def ask(name: str) -> bool:
    """Makes a duty due now: the next free worker process runs it. False when it is running.

    KeyError for a name that is no duty.
    """
    _expect()
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    return bool(Duty.objects.filter(free, pk=_plans[name].name).update(due_at=Now()))


def plans() -> list[Plan]:
    """All duties there are, by name."""
    return sorted(_plans.values(), key=lambda plan: plan.name)


def failing() -> list[str]:
    """Names of duties whose last run failed, or was cut short. One query."""
    running = Q(lease_until__gt=Now(), failures=1)
    rows = Duty.objects.filter(~running, name__in=_plans, failures__gt=0)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def states() -> dict[str, dict[str, Any]]:
    """Of each duty the end of its last run, how that went ("ok" or a code), and when it is due.

    `failures` counts since it last went well. None of it names a practice. One query.
    """
    columns = ("ended_at", "outcome", "failures", "due_at")
    rows = Duty.objects.filter(name__in=_plans).order_by("pk").values("name", *columns)
    return {row.pop("name"): row for row in rows}


def _expect() -> None:
    """Rows for duties that have none yet; those with a time of day wait for it."""
    known = set(Duty.objects.values_list("pk", flat=True))
    new = [plan for plan in _plans.values() if plan.name not in known]
    rows = [Duty(name=plan.name, due_at=_first(plan)) for plan in new]
    Duty.objects.bulk_create(rows, ignore_conflicts=True)


def _first(plan: Plan) -> datetime:
    return _time_of_day(plan.at) if plan.at else timezone.now()


def _time_of_day(at: str) -> datetime:
    """The next moment at which the site's clocks show that time."""
    now = timezone.localtime()
    hour, minute = map(int, at.split(":"))
    moment = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return moment if moment > now else moment + timedelta(days=1)


def _claim(name: str | None = None) -> Duty | None:
    """A duty that is due (or the named one) and that nobody holds; it is this process's then."""
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    wanted = Q(pk=name) if name else Q(pk__in=_plans, due_at__lte=Now())
    with transaction.atomic():
        rows = Duty.objects.filter(free, wanted).order_by("due_at")
        row = rows.select_for_update(skip_locked=True).first()
        if row is None:
            return None
        # Counted as failed until it ends well, so that one that kills its process is held back too.
        row.token, row.failures = row.token + 1, row.failures + 1
        plan = _plans[row.name]
        Duty.objects.filter(pk=row.pk).update(
            token=row.token,
            failures=row.failures,
            lease_until=Now() + plan.bound,
            began_at=Now(),
            due_at=_next(plan, row.failures),
        )
    return row


def _threaded(row: Duty) -> None:
    try:
        _work(row)
    except Exception as error:  # the database is away: the claim runs out by itself
        log.warning("duty %s: %s", row.name, type(error).__name__)
    finally:
        connection.close()


def _work(row: Duty) -> None:
    plan = _plans[row.name]
    deadline = _ends.set(time.monotonic() + plan.bound.total_seconds())
    try:
        found, outcome = plan.run() or {}, "ok"
    except Exception as error:  # only the kind: a message may hold what was worked on
        log.error("duty %s: %s", row.name, type(error).__name__)
        # What a check found wrong, where it says so in codes and numbers.
        found, outcome = getattr(error, "found", None), type(error).__name__[:60]
    finally:
        _ends.reset(deadline)
    failures = 0 if outcome == "ok" else row.failures
    kept = {} if found is None else {"found": found}
    # Not where the bound had passed and another process took over.
    Duty.objects.filter(pk=row.pk, token=row.token).update(
        lease_until=None,
        ended_at=Now(),
        outcome=outcome,
        failures=failures,
        due_at=_next(plan, failures),
        **kept,
    )


def _next(plan: Plan, failures: int) -> Any:
    if plan.every:
        return Now() + plan.every
    return Now() + RETRY if 0 < failures <= RETRIES else _time_of_day(plan.at or "")
