"""What a live message stands for: read once for all who look, then as each person sees it.

The access of every person is checked anew at every message, all of them in one look.
"""

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from django.http import Http404

from review import lines, queries, wire
from review.models import Review
from review.permissions import Permission, refusal
from review.policies import tally
from transcripts import queries as transcription
from transcripts import tenancy
from transcripts import wire as transcript_wire
from transcripts.access import (
    SEES_ALL,
    member_of_session,
    members_of_sessions,
    visible_recordings,
)
from transcripts.models import Chunk, Membership, Recording, User
from transcripts.watch import LOG_IN_AGAIN, NOT_FOUND, Gone


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


@database_sync_to_async
def number(recording_id: UUID, practice_id: UUID) -> int:
    """Of the recording's last live message."""
    with tenancy.within(practice_id):
        return Recording.objects.values_list("live_seq", flat=True).get(pk=recording_id)


@database_sync_to_async
def refused(recording_id: UUID, practice_id: UUID, sessions: Iterable[str]) -> dict[str, Gone]:
    """Whose sessions may not look at the recording now, and with which code they are closed."""
    found = _looking(recording_id, practice_id, sessions)
    return {key: gone for key, gone in found.items() if isinstance(gone, Gone)}


@database_sync_to_async
def texts(
    recording_id: UUID, practice_id: UUID, sessions: Iterable[str], message: dict[str, Any]
) -> dict[str, str | Gone]:
    """By session: the message as this person's browser is sent it, or Gone."""
    looking = _looking(recording_id, practice_id, sessions)
    head = {"type": message["kind"], "seq": message["seq"], "first": message["first"]}
    with tenancy.within(practice_id):
        common = head | _common(recording_id, message)
        row, now = common.pop("row", None), common.pop("tally", None)
        made: dict[int, str] = {}
        for member in looking.values():
            if isinstance(member, Membership) and member.pk not in made:
                seen = {} if row is None else {"review": wire.review(row, member, now)}
                made[member.pk] = json.dumps(common | seen)
    return {
        key: member if isinstance(member, Gone) else made[member.pk]
        for key, member in looking.items()
    }


def _looking(
    recording_id: UUID, practice_id: UUID, sessions: Iterable[str]
) -> dict[str, Membership | Gone]:
    """Who looks by each session as it is now. Three queries, and one for each clinician."""
    with tenancy.within(tenancy.NOBODY):
        members = members_of_sessions(sessions)
    with tenancy.within(practice_id):
        seeing: dict[object, bool] = {}
        for member in members.values():
            # Those who see all of a practice are asked about once.
            asked = (member.practice_id, member.role) if member.role in SEES_ALL else member.pk
            if asked not in seeing:
                may = refusal(member, Permission.VIEW) is None
                seen = visible_recordings(member).filter(pk=recording_id)
                seeing[asked] = may and seen.exists()
            seeing[member.pk] = seeing[asked]
    found: dict[str, Membership | Gone] = {}
    for key in sessions:
        member = members.get(key)
        if member is None:
            found[key] = Gone(LOG_IN_AGAIN)
        else:
            found[key] = member if seeing[member.pk] else Gone(NOT_FOUND)
    return found


def _common(recording_id: UUID, message: dict[str, Any]) -> dict[str, Any]:
    """What everybody is told alike; `row` and `tally` are for what each sees in their own way."""
    review = Review.objects.select_related("recording").get(recording_id=recording_id)
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
