"""Operations on a review: text replaced, marked words confirmed. Each is logged and can't be lost.

An operation names the segment and the version it was made upon. A segment that has moved on since
then is a Conflict, and nothing changes. A repeated operation (same op_id) does nothing twice.
"""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from review.actions.opening import settle
from review.enums import Action, EditKind, FlagState
from review.models import Edit, Flag, Review, Segment
from review.policies import Refused, edit_refusal
from review.timing import replace_text as retime
from review.timing import text_of
from transcripts import events, live
from transcripts.models import Membership

MAX_TEXT = 20_000


class Conflict(Exception):
    """The segment has another version than the operation was made upon."""

    def __init__(self, segment: Segment) -> None:
        super().__init__("conflict")
        self.segment = segment


@transaction.atomic
def replace_text(
    *, review: Review, segment_id: UUID, base_version: int, text: str, op_id: UUID, by: Membership
) -> Segment:
    """Sets a segment's text. Words that stay keep their times; changed words become a human's.

    Raises Refused, Conflict, or Segment.DoesNotExist.
    """
    if len(text) > MAX_TEXT:
        raise Refused("This segment is too long. Split what you paste into several segments.")
    review, segment, repeated = _locked(review, segment_id, op_id, by)
    if repeated:
        return segment
    if segment.version != base_version:
        raise Conflict(segment)
    before = segment.items
    number = iter(range(len(text) + 1))
    segment.items = retime(
        before,
        text,
        start=float(segment.start),
        end=float(segment.end),
        new_id=lambda: f"h{review.edit_seq + 1}-{next(number)}",
    )
    if segment.items == before:
        return segment
    segment.text, segment.edited_by = text_of(segment.items), by.user
    segment.version += 1
    segment.save(update_fields=["items", "text", "edited_by", "version"])
    _resolve(by, FlagState.CORRECTED, _gone(segment))
    _log(review, segment, EditKind.REPLACE_TEXT, base_version, before, segment.items, op_id, by)
    _finish(review, segment, Action.SEGMENT_EDITED, by)
    return segment


@transaction.atomic
def confirm(
    *,
    review: Review,
    segment_id: UUID,
    base_version: int,
    items: list[str],
    op_id: UUID,
    by: Membership,
) -> Segment:
    """Confirms that marked words are right as they stand; the open flags upon them are resolved.

    Raises Refused, Conflict (a word is not there any more), or Segment.DoesNotExist.
    """
    review, segment, repeated = _locked(review, segment_id, op_id, by)
    if repeated:
        return segment
    wanted = set(items)
    if not wanted <= {item["id"] for item in segment.items}:
        raise Conflict(segment)
    flags = [f for f in segment.flags.filter(state=FlagState.OPEN) if wanted & set(f.items)]
    if not flags:
        return segment
    _resolve(by, FlagState.CONFIRMED, flags)
    _log(review, segment, EditKind.CONFIRM, base_version, sorted(wanted), None, op_id, by)
    _finish(review, segment, Action.FLAG_CONFIRMED, by)
    return segment


def _locked(
    review: Review, segment_id: UUID, op_id: UUID, by: Membership
) -> tuple[Review, Segment, bool]:
    """The review and segment under lock, and whether this operation was already done."""
    review = (
        Review.objects.select_for_update(of=("self",)).select_related("recording").get(pk=review.pk)
    )
    repeated = review.edits.filter(op_id=op_id).exists()
    if not repeated and (sentence := edit_refusal(review, by)):
        raise Refused(sentence)
    return review, review.text.select_related("edited_by").get(pk=segment_id), repeated


def _gone(segment: Segment) -> list[Flag]:
    """Open flags whose words were changed or removed."""
    present = {item["id"] for item in segment.items}
    return [f for f in segment.flags.filter(state=FlagState.OPEN) if not set(f.items) <= present]


def _resolve(by: Membership, state: FlagState, flags: list[Flag]) -> None:
    Flag.objects.filter(pk__in=[flag.pk for flag in flags]).update(
        state=state, resolved_by=by.user, resolved_at=timezone.now()
    )


def _log(
    review: Review,
    segment: Segment,
    kind: EditKind,
    base_version: int,
    before: object,
    after: object,
    op_id: UUID,
    by: Membership,
) -> None:
    review.edit_seq += 1
    review.assignee_id = review.assignee_id or by.user_id
    review.save(update_fields=["edit_seq", "assignee"])
    Edit.objects.create(
        review=review,
        seq=review.edit_seq,
        op_id=op_id,
        kind=kind,
        segment=segment,
        base_version=base_version,
        before=before,
        after=after,
        by=by.user,
    )


def _finish(review: Review, segment: Segment, action: Action, by: Membership) -> None:
    settle(review)
    events.about(
        review.recording,
        action,
        by.user,
        segment=str(segment.pk),
        version=segment.version,
        edit=review.edit_seq,
    )
    live.announce(
        practice_id=review.practice_id,
        recording_id=review.recording_id,
        kind="segment",
        segment=str(segment.pk),
        by=str(by.user_id),
    )
