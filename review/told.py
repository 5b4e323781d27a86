"""What a live message stands for: read once for all sockets of a process, then for each person.

The access of every person is checked anew at every message. What all of them are told alike is read
by the first whose turn it is, and the others take it from there.
"""

import asyncio
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from django.http import Http404

from review import lines, queries, wire
from review.models import Review
from review.permissions import Permission, refusal
from review.policies import tally
from transcripts import queries as transcription
from transcripts import wire as transcript_wire
from transcripts.access import member_of_session
from transcripts.models import Chunk, Membership, User
from transcripts.watch import LOG_IN_AGAIN, NOT_FOUND, Gone

# For sockets that are still to be told: they rest for two seconds at most (see consumers.py).
HELD_SECONDS = 5.0
_read: dict[tuple[object, ...], asyncio.Task[dict[str, Any]]] = {}


def member_of(scope: dict[str, Any]) -> Membership:
    """Who looks, by the session as it is now: it may have ended since the socket opened."""
    member = member_of_session(scope["session"].session_key)
    if member is None:
        raise Gone(LOG_IN_AGAIN)
    if refusal(member, Permission.VIEW):
        raise Gone(NOT_FOUND)
    return member


@database_sync_to_async
def looker(scope: dict[str, Any]) -> tuple[Review, Membership]:
    """The review that a socket's address names, as its row alone, and who looks. Raises Gone."""
    member = member_of(scope)
    try:
        recording_id = scope["url_route"]["kwargs"]["recording_id"]
        return queries.bare_review_or_404(member, recording_id), member
    except Http404:
        raise Gone(NOT_FOUND) from None


async def content(scope: dict[str, Any], message: dict[str, Any]) -> dict[str, Any]:
    """The message as this person's browser is sent it. Raises Gone."""
    review, member = await looker(scope)
    told = dict(await _shared(review, message))
    row, now = told.pop("row", None), told.pop("tally", None)
    if row is not None:
        told["review"] = await _as_seen(row, member, now)
    return {"type": message["kind"], "seq": message["seq"], "first": message["first"], **told}


async def _shared(review: Review, message: dict[str, Any]) -> dict[str, Any]:
    """What everybody is told alike. One reads, the others wait for it."""
    loop = asyncio.get_running_loop()
    about = (loop, review.pk, message["kind"], message["first"], message["seq"])
    if about not in _read:
        _read[about] = loop.create_task(_common(review.pk, message))
        loop.call_later(HELD_SECONDS, _read.pop, about, None)
    # Shielded: one socket that goes away takes nothing from the others.
    return await asyncio.shield(_read[about])


@database_sync_to_async
def _common(review_id: UUID, message: dict[str, Any]) -> dict[str, Any]:
    review = Review.objects.select_related("recording").get(pk=review_id)
    found: dict[str, Any] = {}
    if message["kind"] in ("progress", "lines"):
        found["job"] = transcription.job_state(transcription.latest_job(review.recording))
    if message["kind"] == "lines":
        chunk = Chunk.objects.filter(pk=message["chunk"]).first()
        said = transcript_wire.provisional(chunk) if chunk else []
        found["segments"] = queries.early_lines(review, said)
    if message["kind"] == "segment":
        rows = review.segments.select_related("edited_by").in_bulk(message["segments"])
        touched = lines.touched([rows[pk] for pk in map(UUID, message["segments"]) if pk in rows])
        author = message["by"] and User.objects.get(pk=message["by"])
        found = {
            "segments": touched,
            "segment": touched[0] if touched else None,
            "speakers": review.speakers,
            "by": author and {"id": str(author.pk), "name": author.name},
            "row": review,
            "tally": tally(review),
        }
    return found


@database_sync_to_async
def _as_seen(review: Review, member: Membership, now: dict[str, int | bool]) -> dict[str, Any]:
    return wire.review(review, member, now)
