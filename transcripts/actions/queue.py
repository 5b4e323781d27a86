"""What an operator decides about the queue: whether it is served, and who comes first.

`by` is None for work on the command line.
"""

from typing import Any
from uuid import UUID

from django.db import transaction

from transcripts import bell, events
from transcripts.enums import LIVE_STATUSES, Action, QueueMode, Turn
from transcripts.models import MedicalTranscriptionJob, Practice, Queue, User

MAX_REASON = 200


class Refused(Exception):
    """It can't be done so; the message is a sentence for the page."""


def mode() -> Queue:
    """How the queue is served now. One query."""
    return Queue.objects.select_related("changed_by").first() or Queue()


@transaction.atomic
def set_mode(*, mode: str, reason: str = "", by: User | None) -> None:
    """Pauses, drains or opens the queue of the whole installation. Raises Refused."""
    if mode not in QueueMode.values:
        raise Refused("The queue is open, draining or paused.")
    reason = " ".join(reason.split())[:MAX_REASON]
    Queue.objects.update_or_create(
        pk=1, defaults={"mode": mode, "reason": reason, "changed_by": by}
    )
    _report(Action.QUEUE_CHANGED, None, by, "Queue", mode=mode)
    _ring()


@transaction.atomic
def set_practice(*, practice: Practice, paused: bool, priority: int, by: User | None) -> None:
    """Whether the practice's jobs are taken up, and whether before others'. Raises Refused."""
    _check(priority)
    practice = Practice.objects.select_for_update(no_key=True).get(pk=practice.pk)
    if (practice.queue_paused, practice.queue_priority) == (paused, priority):
        return
    practice.queue_paused, practice.queue_priority = paused, priority
    practice.save(update_fields=["queue_paused", "queue_priority"])
    detail = {"paused": paused, "priority": priority}
    _report(Action.QUEUE_CHANGED, practice.pk, by, "Practice", practice.pk, **detail)
    _ring()


@transaction.atomic
def set_job(*, job: MedicalTranscriptionJob, priority: int, by: User | None) -> None:
    """Serves a live job before or after the others. Raises Refused."""
    _check(priority)
    rows = MedicalTranscriptionJob.objects.filter(pk=job.pk, status__in=LIVE_STATUSES)
    if not rows.update(priority=priority):
        raise Refused("This transcription has already ended.")
    name = "MedicalTranscriptionJob"
    _report(Action.JOB_PRIORITISED, job.practice_id, by, name, job.pk, priority=priority)


def _check(priority: int) -> None:
    if priority not in Turn.values:
        raise Refused("A job is served before the others, in turn, or after them.")


def _ring() -> None:
    bell.ring(bell.RINGS_AT_ONCE)


def _report(
    action: Action,
    practice_id: UUID | None,
    by: User | None,
    object_type: str,
    object_id: UUID | None = None,
    **detail: Any,
) -> None:
    events.emit(
        events.Event(
            action=action,
            practice_id=practice_id,
            by=by,
            object_type=object_type,
            object_id=object_id,
            detail=detail,
        )
    )
