"""The dictator's answers to questions in the text: right as it stands, or these words instead."""

from uuid import UUID, uuid4

from django.db import transaction

from review import timing
from review.actions import edit, worklist
from review.actions.operation import Conflict, begin
from review.enums import Action, EditKind, FlagState, Pend, Reason
from review.models import Flag, Review
from review.policies import Refused
from transcripts import events
from transcripts.models import Membership

MAX_WORDS = 500
MOVED = "The words have changed meanwhile. Look at them again."


@transaction.atomic
def answer(*, review: Review, flag_id: UUID, words: str, by: Membership) -> Review:
    """Settles a question: with no `words` the text is right, else they take its place.

    A document that rests for this reason alone goes on with the last answer. Raises Refused, or
    Flag.DoesNotExist.
    """
    words = " ".join(words.split())
    if len(words) > MAX_WORDS:
        raise Refused(f"Answer in at most {MAX_WORDS} characters.")
    flags = Flag.objects.select_related("segment").filter(reason=Reason.QUERY, review=review)
    flag = flags.get(pk=flag_id)
    try:
        (_put if words else _confirm)(review, flag, words, by)
    except Conflict:
        raise Refused(MOVED) from None
    events.about(review.recording, Action.QUERY_ANSWERED, by.user, changed=bool(words))
    left = flags.filter(state=FlagState.OPEN).exists()
    now = Review.objects.get(pk=review.pk)
    if now.pend == Pend.QUERY and not left:
        worklist.unpend(review=review, by=by)
    return now


def _confirm(review: Review, flag: Flag, _: str, by: Membership) -> None:
    work = begin(review, uuid4(), by)
    known = {one.pk: one for one in work.flags_of(flag.segment)}.get(flag.pk)
    if known is None or known.state != FlagState.OPEN:
        raise Refused("This question has been answered already.")
    work.hold(work.take(flag.segment_id))
    work.resolve([known], FlagState.CONFIRMED)
    work.finish(EditKind.CONFIRM, Action.FLAG_CONFIRMED)


def _put(review: Review, flag: Flag, words: str, by: Membership) -> None:
    segment = flag.segment
    if flag.state != FlagState.OPEN:
        raise Refused("This question has been answered already.")
    first, last = place(segment.items, flag.items)
    edit.replace_range(
        review=review,
        segment_id=segment.pk,
        base_version=segment.version,
        first=first,
        last=last,
        expect=segment.text[first:last],
        text=words,
        op_id=uuid4(),
        by=by,
    )


def place(items: list[dict], wanted: list[str]) -> tuple[int, int]:
    """From which character to which of the segment's text the items with these ids stand."""
    pairs = zip(items, timing.spans(items), strict=True)
    found = [span for item, span in pairs if item["id"] in set(wanted)]
    if not found:
        raise Refused(MOVED)
    return found[0][0], found[-1][1]
