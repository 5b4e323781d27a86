"""Where a review stands by its open flags: in review, or ready to sign."""

from review.enums import State
from review.models import Review
from review.policies import tally


def settle(review: Review, *, touched: bool = True) -> dict[str, int | bool]:
    """Moves a locked review to where its open flags put it: in review, or ready to sign.

    A review that still waits for its transcript stays where it is. Returns its tally; one query.
    """
    now = tally(review)
    if review.state == State.WAITING:
        return now
    if now["text"] and not now["open"]:
        state = State.READY_TO_SIGN
    else:
        state = State.IN_REVIEW if touched else State.READY
    if state != review.state:
        review.state = state
        review.save(update_fields=["state"])
    return now
