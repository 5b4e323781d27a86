"""Operations that leave something open on purpose: a blank, a question for the author.

Both are flags and block the signature until somebody confirms or replaces the words.
"""

from uuid import UUID

from django.db import transaction

from review.actions.edit import seen_as_they_are
from review.actions.operation import Conflict, Done, begin
from review.enums import Action, EditKind, Reason
from review.models import Flag, Review
from review.policies import Refused
from transcripts.models import Membership

BLANK = "[___]"
MAX_NOTE = 500


@transaction.atomic
def blank(
    *, review: Review, segment_id: UUID, base_version: int, at: int, op_id: UUID, by: Membership
) -> Done:
    """Puts a blank into the text after the word at character `at`: somebody must fill it.

    Raises Refused, Conflict, or Segment.DoesNotExist.
    """
    work = begin(review, op_id, by)
    if work.earlier:
        return work.repeated()
    segment = work.take(segment_id, base_version)
    if at > len(segment.text):
        raise Conflict([segment])
    had = {item["id"] for item in segment.items}
    space = segment.text.find(" ", at)
    place = at if at == 0 or segment.text[at - 1] == " " else space if space >= 0 else None
    place = len(segment.text) if place is None else place
    work.put(segment, place, place, f" {BLANK} ")
    made = [item["id"] for item in segment.items if item["id"] not in had]
    work.raise_flag(Flag(review=work.review, segment=segment, items=made, reason=Reason.BLANK))
    return work.finish(EditKind.BLANK, Action.BLANK_LEFT)


@transaction.atomic
def query(
    *,
    review: Review,
    segment_id: UUID,
    base_version: int,
    items: list[str],
    note: str,
    op_id: UUID,
    by: Membership,
) -> Done:
    """Asks the author about words. Raises Refused, Conflict, or Segment.DoesNotExist."""
    note = " ".join(note.split())
    if not note or len(note) > MAX_NOTE:
        raise Refused(f"Write the question, in at most {MAX_NOTE} characters.")
    work = begin(review, op_id, by)
    if work.earlier:
        return work.repeated()
    segment = work.take(segment_id)
    seen_as_they_are(work, segment, items, base_version)
    if not items:
        raise Refused("Choose the words that the question is about.")
    work.raise_flag(
        Flag(review=work.review, segment=segment, items=items, reason=Reason.QUERY, note=note)
    )
    return work.finish(EditKind.QUERY, Action.QUERY_ASKED)
