"""Writes audit rows, and is alone in doing so. An act that can't be recorded does not happen."""

from contextlib import nullcontext
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection
from psycopg.types.json import Jsonb
from uuid_utils.compat import uuid7

from review.audit import chain, checkpoints, context
from review.models import AuditHead
from review.models.audit import SYSTEM
from transcripts import tenancy
from transcripts.events import Event, NotRecorded

# Plain SQL, and one statement: what every act in the program pays for. The head is locked, the text
# is put together around what only then is known, and the row added; a trigger moves the head on.
ADD = """
WITH head AS (
    SELECT h.seq, h.hash, (
        SELECT m.role FROM transcripts_membership AS m
        WHERE m.user_id = %(person)s AND m.practice_id = h.practice LIMIT 1
    ) AS role
    FROM review_audithead AS h WHERE h.practice = %(practice)s FOR NO KEY UPDATE OF h
), now AS (
    SELECT head.*, clock_timestamp() AS time FROM head
), row AS (
    SELECT now.*, concat(
        %(one)s::text, coalesce(to_json(role)::text, 'null'), %(two)s::text, hash,
        %(three)s::text, seq + 1,
        %(four)s::text, to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        %(five)s::text
    ) AS canonical FROM now
)
INSERT INTO review_auditevent (
    id, practice, seq, time, actor_id, actor_display, actor_role, action,
    object_type, object_id, object_version, outcome, patient, detail, request,
    prev_hash, hash, canonical
)
SELECT
    %(id)s, %(practice)s, seq + 1, time, %(actor)s, %(display)s, coalesce(role, ''), %(action)s,
    %(type)s, %(object)s, %(version)s, %(outcome)s, %(patient)s, %(detail)s, %(request)s,
    hash, encode(sha256(convert_to(canonical, 'UTF8')), 'hex'), canonical
FROM row RETURNING seq
"""


def record(event: Event) -> None:
    """Adds the event to its practice's chain, within the transaction of the act itself, if any.

    Raises NotRecorded, upon which the act must not take place.
    """
    try:
        _record(event)
    except DatabaseError as error:
        raise NotRecorded("The act can't be recorded.") from error


def _record(event: Event) -> None:
    practice = event.practice_id or SYSTEM
    by = event.by if event.by and event.by.pk else None
    row: dict[str, Any] = {
        "practice": str(practice),
        "actor": {"id": by and str(by.pk), "display": by.name if by else "Countersign"},
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
    # To this practice's chain, also where the act was done in another practice, or by a stranger.
    everywhere = tenancy.scope() == tenancy.EVERYWHERE
    with nullcontext() if everywhere else tenancy.within(practice):
        seq = _add(practice, by and by.pk, row)
    checkpoints.after_row(practice, seq)


def _add(practice: UUID, person: UUID | None, row: dict[str, Any]) -> int:
    """The number of the new row. The practice's head is locked until the act's transaction ends."""
    values = {
        **dict(zip(("one", "two", "three", "four", "five"), chain.frame(row), strict=True)),
        "id": uuid7(),
        "practice": practice,
        "person": person,
        "actor": row["actor"]["id"] or "",
        "display": row["actor"]["display"],
        "action": row["action"],
        "type": row["object"]["type"],
        "object": row["object"]["id"] or "",
        "version": row["object"]["version"] or "",
        "outcome": row["outcome"],
        "patient": row["patient"] or "",
        "detail": Jsonb(row["detail"]),
        "request": Jsonb(row["request"]),
    }
    with connection.prepared_cursor() as cursor:
        cursor.execute(ADD, values)
        found = cursor.fetchone()
        if found is None:  # the first row of this chain
            AuditHead.objects.bulk_create([AuditHead(practice=practice)], ignore_conflicts=True)
            cursor.execute(ADD, values)
            found = cursor.fetchone()
    return found[0]
