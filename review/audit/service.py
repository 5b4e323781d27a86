"""Processes that begin and end, in the audit log: which version, how its clock stands."""

import logging
import os
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from review.enums import Action
from transcripts import events

log = logging.getLogger(__name__)


def begun(kind: str) -> None:
    """Reports that a process (web or worker) has begun; a database that is away stops nobody.

    `clock_ms` is how much the host's clock is ahead of the database's, which dates all rows;
    `storage` says how stored audio is encrypted.
    """
    with_kms = settings.STORAGE.startswith("s3://")
    _report(
        Action.SOFTWARE_STARTED,
        kind,
        version=settings.VERSION,
        storage="sse-kms" if with_kms else "sealed",
        clock=True,
    )


def ended(kind: str) -> None:
    """Reports that a process ends in good order; one that is killed says nothing."""
    _report(Action.SOFTWARE_STOPPED, kind)


def _report(action: Action, kind: str, *, clock: bool = False, **detail: Any) -> None:
    try:
        if clock:
            detail["clock_ms"] = _clock_ms()
        events.emit(
            events.Event(
                action=action,
                practice_id=None,
                object_type="Process",
                detail={"kind": kind, "process": os.getpid(), **detail},
            )
        )
    except Exception as error:  # a process begins and ends whatever the database does
        log.warning("%s of a %s is not on record: %s", action, kind, type(error).__name__)
    finally:
        if not connection.in_atomic_block:
            connection.close()


def _clock_ms() -> int:
    with connection.cursor() as cursor:
        before = timezone.now()
        cursor.execute("SELECT clock_timestamp()")
        ((there,),) = cursor.fetchall()
        after = timezone.now()
    return round((before + (after - before) / 2 - there).total_seconds() * 1000)
