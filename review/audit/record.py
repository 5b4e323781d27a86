"""Writes audit rows, and is alone in doing so. An act that can't be recorded does not happen."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import DatabaseError, connection

from review.audit import chain, checkpoints, context
from review.models import AuditEvent, AuditHead
from review.models.audit import SYSTEM
from transcripts.events import Event, NotRecorded

# Plain SQL: what every act in the program pays for.
LOCK = """
SELECT h.seq, h.hash, statement_timestamp(), (
    SELECT m.role FROM transcripts_membership AS m
    WHERE m.user_id = %s AND m.practice_id = h.practice LIMIT 1
)
FROM review_audithead AS h WHERE h.practice = %s FOR NO KEY UPDATE OF h
"""
MOVE = "UPDATE review_audithead SET seq = %s, hash = %s WHERE practice = %s"


class Head(NamedTuple):
    """The last link of a chain, and the database's time once it is locked."""

    seq: int
    hash: str
    now: datetime


def record(event: Event) -> None:
    """Adds the event to its practice's chain, within the transaction of the act itself.

    Raises NotRecorded, upon which the act must not take place.
    """
    assert connection.in_atomic_block, "an audit row belongs to the transaction of its act"
    try:
        _record(event)
    except DatabaseError as error:
        raise NotRecorded("The act can't be recorded.") from error


def _record(event: Event) -> None:
    practice = event.practice_id or SYSTEM
    by = event.by if event.by and event.by.pk else None
    head, role = _locked(practice, by and by.pk)
    actor: dict[str, str | None] = {"id": None, "display": "Countersign", "role": None}
    if by:
        actor = {"id": str(by.pk), "display": by.name, "role": role}
    row: dict[str, Any] = {
        "time": chain.stamp(head.now),
        "practice": str(practice),
        "actor": actor,
        "action": str(event.action),
        "object": {
            "type": event.object_type,
            "id": event.object_id and str(event.object_id),
            "version": str(event.detail["version"]) if "version" in event.detail else None,
        },
        "outcome": event.outcome,
        "detail": event.detail,
        "patient": event.patient_id and str(event.patient_id),
        "request": context.current(),
    }
    canonical, digest = chain.seal(row, seq=head.seq + 1, prev_hash=head.hash)
    AuditEvent.objects.create(
        practice=practice,
        seq=head.seq + 1,
        time=head.now,
        actor_id=actor["id"] or "",
        actor_display=actor["display"] or "",
        actor_role=actor["role"] or "",
        action=row["action"],
        object_type=row["object"]["type"],
        object_id=row["object"]["id"] or "",
        object_version=row["object"]["version"] or "",
        outcome=event.outcome,
        patient=row["patient"] or "",
        detail=event.detail,
        request=row["request"],
        prev_hash=head.hash,
        hash=digest,
        canonical=canonical,
    )
    with connection.cursor() as cursor:
        cursor.execute(MOVE, [head.seq + 1, digest, practice])
    checkpoints.after_row(practice, head.seq + 1)


def _locked(practice: UUID, person: UUID | None) -> tuple[Head, str | None]:
    """The practice's head, locked until the act's transaction ends, and the person's role now."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [person, practice])
        found = cursor.fetchone()
        if found is None:
            AuditHead.objects.bulk_create([AuditHead(practice=practice)], ignore_conflicts=True)
            cursor.execute(LOCK, [person, practice])
            found = cursor.fetchone()
    seq, digest, now, role = found
    return Head(seq, digest, now), role
