"""Operations on words: text replaced, in one segment or everywhere; marked words confirmed.

An operation names the segment and the version it was made upon. A segment that has moved on since
then is a Conflict, and nothing changes. A repeated operation (same op_id) does nothing twice and
answers what it led to.
"""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from review import timing
from review.actions import early
from review.actions.operation import MANY, Conflict, Done, Operation, begin
from review.enums import Action, EditKind, FlagState, Reason
from review.models import Flag, Review, Segment
from review.policies import Refused
from transcripts.models import Membership

MAX_TEXT = 20_000
TOO_LONG = "This segment is too long. Split what you paste into several segments."


@transaction.atomic
def replace_text(
    *, review: Review, segment_id: UUID, base_version: int, text: str, op_id: UUID, by: Membership
) -> Done:
    """Sets a segment's text. Words that stay keep their times; changed words become a human's.

    Raises Refused, Conflict, or Segment.DoesNotExist.
    """
    if len(text) > MAX_TEXT:
        raise Refused(TOO_LONG)
    work = begin(review, op_id, by, early=True)
    if work.earlier:
        return work.repeated()
    segment = early.take(work, segment_id, base_version)
    work.write(segment, text)
    work.correct_what_is_gone(segment)
    return work.finish(EditKind.REPLACE_TEXT, Action.SEGMENT_EDITED)


@transaction.atomic
def replace_range(
    *,
    review: Review,
    segment_id: UUID,
    base_version: int,
    first: int,
    last: int,
    expect: str,
    text: str,
    op_id: UUID,
    by: Membership,
) -> Done:
    """Puts `text` in place of the characters first..last, which the client saw as `expect`.

    Nothing outside the words of that range is realigned. Raises Refused, Conflict, or
    Segment.DoesNotExist.
    """
    work = begin(review, op_id, by, early=True)
    if work.earlier:
        return work.repeated()
    segment = early.take(work, segment_id, base_version)
    if segment.text[first:last] != expect:
        raise Conflict([segment])
    if len(segment.text) - len(expect) + len(text) > MAX_TEXT:
        raise Refused(TOO_LONG)
    work.put(segment, first, last, text)
    work.correct_what_is_gone(segment)
    return work.finish(EditKind.REPLACE_RANGE, Action.SEGMENT_EDITED)


@transaction.atomic
def replace_all(
    *,
    review: Review,
    token: str,
    text: str,
    match_case: bool,
    expect_count: int,
    op_id: UUID,
    by: Membership,
) -> Done:
    """Puts `text` in place of a word, or several in a row, wherever they stand.

    Raises Refused, or Conflict with the count when they don't stand there `expect_count` times.
    """
    work = begin(review, op_id, by)
    if work.earlier:
        return work.repeated()
    found = {
        segment: places
        for segment in work.review.text.select_related("edited_by").order_by("position")
        if (places := timing.occurrences(segment.items, token, match_case=match_case))
    }
    count = sum(map(len, found.values()))
    if count != expect_count:
        raise Conflict(list(found)[:MANY], count=count)
    work.hold(*found)
    for segment, places in found.items():
        for first, last in reversed(places):
            work.put(segment, first, last, text)
        if len(timing.text_of(segment.items)) > MAX_TEXT:
            raise Refused(TOO_LONG)
    work.correct_what_is_gone(*found)
    return work.finish(EditKind.REPLACE_ALL, Action.WORD_REPLACED)


@transaction.atomic
def confirm(
    *,
    review: Review,
    segment_id: UUID,
    base_version: int,
    items: list[str],
    op_id: UUID,
    by: Membership,
) -> Done:
    """Confirms that words are right as they stand; the open flags upon them are resolved.

    A machine's word without a flag gets a confirmed one, so that looking at it is on record.
    Raises Refused, Conflict (the words are not what they were), or Segment.DoesNotExist.
    """
    work = begin(review, op_id, by)
    if work.earlier:
        return work.repeated()
    segment = work.take(segment_id)
    seen_as_they_are(work, segment, items, base_version)
    wanted = set(items)
    flags = [flag for flag in work.flags_of(segment) if wanted & set(flag.items)]
    work.resolve([flag for flag in flags if flag.state == FlagState.OPEN], FlagState.CONFIRMED)
    flagged = {item for flag in flags for item in flag.items}
    for item in segment.items:
        unsure = item["by"] == "machine" and item["confidence"] is not None
        if item["id"] in wanted - flagged and unsure:
            work.raise_flag(
                Flag(
                    review=work.review,
                    segment=segment,
                    items=[item["id"]],
                    reason=Reason.LOW_CONFIDENCE,
                    state=FlagState.CONFIRMED,
                    resolved_by=by.user,
                    resolved_at=timezone.now(),
                )
            )
    return work.finish(EditKind.CONFIRM, Action.FLAG_CONFIRMED)


def seen_as_they_are(
    work: Operation, segment: Segment, items: list[str], base_version: int
) -> None:
    """Raises Conflict unless the words and their neighbours are what `base_version` had."""
    now = [item["id"] for item in segment.items]
    if not set(items) <= set(now):
        raise Conflict([segment])
    if segment.version == base_version:
        return
    seen = _ids_at(work, segment, base_version)
    if seen is None or _surroundings(seen, items) != _surroundings(now, items):
        raise Conflict([segment])


def _ids_at(work: Operation, segment: Segment, version: int) -> list[str] | None:
    """The ids of the segment's items at an earlier version, out of the log."""
    back = segment.version - version
    ids = None
    for edit in work.review.edits.filter(touched__contains=[segment.pk]).order_by("-seq"):
        for change in edit.changes:
            if change.get("segment") != str(segment.pk) or change["before"] is None:
                continue
            if "items" in change["before"]:
                ids = [item["id"] for item in change["before"]["items"]]
            back -= change["before"].keys() != {"position"}
            if back == 0:
                return ids or [item["id"] for item in segment.items]
    return None


def _surroundings(ids: list[str], items: list[str]) -> list[tuple[str | None, ...]]:
    padded = [None, *ids, None]
    wanted = set(items)
    return [tuple(padded[n : n + 3]) for n in range(len(ids)) if ids[n] in wanted]
