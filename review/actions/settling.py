"""Where a review stands by its open flags: in review, or ready to sign."""

from django.db.models import Exists, OuterRef

from review.enums import FlagState, State
from review.models import Flag, Review, Segment


def settle(review: Review, *, touched: bool = True) -> None:
    """Moves a locked review to where its open flags put it: in review, or ready to sign.

    A review that still waits for its transcript stays where it is.
    """
    if review.state == State.WAITING:
        return
    words = Segment.objects.filter(
        review=OuterRef("pk"), transcript=OuterRef("transcript"), removed=False
    ).exclude(text="")
    opened = Flag.objects.filter(review=OuterRef("pk"), state=FlagState.OPEN)
    found = Review.objects.annotate(has_text=Exists(words), has_open=Exists(opened))
    now = found.get(pk=review.pk)
    if now.has_text and not now.has_open:
        state = State.READY_TO_SIGN
    else:
        state = State.IN_REVIEW if touched else State.READY
    if state != now.state:
        review.state = state
        review.save(update_fields=["state"])
