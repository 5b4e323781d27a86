"""Writes audit rows, and is alone in doing so. An act that can't be recorded does not happen."""

from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection
from django.db.models.functions import Now

from review.audit import chain, checkpoints, context
from review.models import AuditEvent, AuditHead
from review.models.audit import SYSTEM
from transcripts.events import Event, NotRecorded
from transcripts.models import Membership


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
    actor = _actor(event)
    head = _locked(practice)
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
        actor_display=actor["display"],
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
    AuditHead.objects.filter(practice=practice).update(seq=head.seq + 1, hash=digest)
    checkpoints.after_row(practice, head.seq + 1)


def _locked(practice: UUID) -> AuditHead:
    """The practice's head, locked until the act's transaction ends."""
    rows = AuditHead.objects.select_for_update().annotate(now=Now()).filter(practice=practice)
    head = rows.first()
    if head is None:
        AuditHead.objects.bulk_create([AuditHead(practice=practice)], ignore_conflicts=True)
        head = rows.get()
    return head


def _actor(event: Event) -> dict[str, str | None]:
    """Who acted, with name and role as they were then."""
    if event.by is None or event.by.pk is None:
        return {"id": None, "display": "Countersign", "role": None}
    roles = Membership.objects.filter(user=event.by, practice_id=event.practice_id)
    role = roles.values_list("role", flat=True).first()
    return {"id": str(event.by.pk), "display": event.by.name, "role": role}
