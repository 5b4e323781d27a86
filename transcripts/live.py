"""Live messages about recordings: their groups and their numbering.

Messages carry ids only; the consumer reads the rows again, so that nothing clinical passes through
Redis and every receiver's access is checked anew. Delivery is at most once: each message of a
recording has the next number, and a browser that sees a gap fetches the state again.
"""

import asyncio
import logging
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import connection, transaction

log = logging.getLogger(__name__)

SEND_SECONDS = 3
NEXT = "UPDATE transcripts_recording SET live_seq = live_seq + 1 WHERE id = %s RETURNING live_seq"


def recording_group(recording_id: UUID) -> str:
    return f"recording-{recording_id}"


def practice_group(practice_id: UUID) -> str:
    return f"practice-{practice_id}"


def announce(*, practice_id: UUID, recording_id: UUID, kind: str, **ids: Any) -> int:
    """Numbers a message now and sends it once the transaction has committed; the number.

    `kind` is progress, lines, segment or reload. Call it late: it locks the recording's row.
    """
    with transaction.atomic(savepoint=False):
        with connection.prepared_cursor() as cursor:
            cursor.execute(NEXT, [recording_id])
            row = cursor.fetchone()
        message = {
            "type": "recording.message",
            "kind": kind,
            "seq": row[0] if row else 0,
            "recording": str(recording_id),
            **ids,
        }
        transaction.on_commit(lambda: _send(recording_group(recording_id), message))
        if kind != "segment":
            changed = {"type": "worklist.changed", "recording": str(recording_id)}
            transaction.on_commit(lambda: _send(practice_group(practice_id), changed))
    return message["seq"]


def listed(*, practice_id: UUID, recording_id: UUID) -> None:
    """Tells the practice's worklists, once the transaction has committed, that a row changed."""
    message = {"type": "worklist.changed", "recording": str(recording_id)}
    transaction.on_commit(lambda: _send(practice_group(practice_id), message))


def together(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same news in fewer messages: each says from which number on (`first`) it tells.

    Edits one after the other become one; of progress only the latest counts. `by` is None where
    several people made the edits.
    """
    told: list[dict[str, Any]] = []
    for message in messages:
        last = told[-1] if told else None
        if last and last["kind"] == message["kind"] and message["seq"] == last["seq"] + 1:
            if message["kind"] == "segment":
                ids = dict.fromkeys([*message["segments"], *last["segments"]])
                by = message["by"] if message["by"] == last["by"] else None
                told[-1] = {**message, "segments": list(ids), "by": by, "first": last["first"]}
                continue
            if message["kind"] in ("progress", "reload"):
                told[-1] = {**message, "first": last["first"]}
                continue
        told.append({**message, "first": message["seq"]})
    return told


def _send(group: str, message: dict[str, Any]) -> None:
    try:
        async_to_sync(_group_send)(group, message)
    except Exception as error:  # Redis may be away; browsers catch up by number
        log.warning("live message not sent (%s)", type(error).__name__)


async def _group_send(group: str, message: dict[str, Any]) -> None:
    async with asyncio.timeout(SEND_SECONDS):
        await get_channel_layer().group_send(group, message)
