"""Operations on segments: split in two, merged with the one before. No word changes or moves."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from review.actions.operation import Conflict, Done, Operation, begin
from review.enums import Action, EditKind, FlagState
from review.models import Flag, Review, Segment
from review.models.segment import STEP
from review.policies import Refused
from review.timing import spans
from transcripts.models import Membership

BETWEEN_WORDS = "A segment is split between two words."
TWO_CHANNELS = "These segments were recorded on different channels. They stay apart."


@transaction.atomic
def split(
    *, review: Review, segment_id: UUID, base_version: int, at: int, op_id: UUID, by: Membership
) -> Done:
    """Makes two segments of one, before and after character `at` of its text.

    Raises Refused, Conflict, or Segment.DoesNotExist.
    """
    work = begin(review, op_id, by)
    if work.earlier:
        return work.repeated()
    segment = work.take(segment_id, base_version)
    cut(work, segment, word_at(segment.items, at))
    return work.finish(EditKind.SPLIT, Action.SEGMENT_SPLIT)


@transaction.atomic
def merge(
    *,
    review: Review,
    segment_id: UUID,
    base_version: int,
    with_id: UUID,
    with_base_version: int,
    op_id: UUID,
    by: Membership,
) -> Done:
    """Adds a segment's words to those of the segment before it, which keeps its speaker.

    Raises Refused, Conflict (also when that segment is not the one before any more), or
    Segment.DoesNotExist.
    """
    work = begin(review, op_id, by)
    if work.earlier:
        return work.repeated()
    first = work.take(with_id, with_base_version)
    second = work.take(segment_id, base_version)
    before = work.review.text.filter(position__lt=second.position).order_by("-position").first()
    if before is None or before.pk != first.pk:
        raise Conflict([first, second])
    if first.channel != second.channel:
        raise Refused(TWO_CHANNELS)
    join(work, first, second)
    return work.finish(EditKind.MERGE, Action.SEGMENTS_MERGED)


def join(work: Operation, first: Segment, second: Segment) -> None:
    """Adds the words and flags of the second segment to the first; both are held already."""
    for flag in work.flags_of(second):
        flag.segment = first
    first.items = [*first.items, *second.items]
    first.end = max(first.end, second.end)
    first.origins = sorted({*first.origins, *second.origins})
    second.items, second.removed = [], True


def word_at(items: Sequence[dict[str, Any]], at: int) -> int:
    """The item that begins right of character `at`, with words on both sides. Raises Refused."""
    for number, (start, _) in enumerate(spans(items)):
        if number and start - 1 <= at <= start and items[number]["type"] != "punctuation":
            return number
    raise Refused(BETWEEN_WORDS)


def cut(work: Operation, left: Segment, number: int) -> Segment:
    """Moves the items from `number` on into a new segment after this one; the new segment."""
    kept, moved = left.items[:number], left.items[number:]
    starts = [item["start"] for item in moved if item["start"] is not None]
    ends = [item["end"] for item in kept if item["end"] is not None]
    end = Decimal(str(max(ends))) if ends else left.start
    start = Decimal(str(starts[0])) if starts else end
    right = work.add(
        Segment(
            review=work.review,
            transcript_id=left.transcript_id,
            position=_place_after(work, left),
            start=min(max(start, left.start), left.end),
            end=left.end,
            speaker=left.speaker,
            channel=left.channel,
            origins=left.origins,
            items=moved,
        )
    )
    left.items, left.end = kept, min(max(end, left.start), left.end)
    _share_flags(work, left, right)
    return right


def _share_flags(work: Operation, left: Segment, right: Segment) -> None:
    """Each flag goes with its words; one upon words of both sides becomes two."""
    moved = {item["id"] for item in right.items}
    for flag in work.flags_of(left):
        there = [item for item in flag.items if item in moved]
        if not there:
            continue
        if len(there) == len(flag.items):
            flag.segment = right
            continue
        if flag.state != FlagState.OPEN:
            continue
        flag.items = [item for item in flag.items if item not in moved]
        work.raise_flag(
            Flag(
                review=work.review,
                segment=right,
                items=there,
                reason=flag.reason,
                critical=flag.critical,
                sentence=flag.sentence,
                note=flag.note,
            )
        )


def _place_after(work: Operation, segment: Segment) -> Decimal:
    """A position between the segment and its follower; makes room where none is left."""
    after = (
        work.review.segments.filter(transcript=segment.transcript_id, position__gt=segment.position)
        .exclude(pk__in=list(work.segments))
        .order_by("position")
    )
    following = [*after.values_list("position", flat=True)[:1]]
    following += [row.position for row in work.segments.values() if row.position > segment.position]
    if not following:
        return Decimal(segment.position) + 1
    middle = ((segment.position + min(following)) / 2).quantize(STEP)
    if segment.position < middle < min(following):
        return middle
    work.hold(*after.select_related("edited_by"))
    for row in work.segments.values():
        if row.position > segment.position:
            row.position += 1
    return _place_after(work, segment)
