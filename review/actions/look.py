"""The line of one review: how unsure a word must be to be shown as a mark beside the flagged ones.

It makes and resolves no flag: what blocks signing stays what the practice's threshold flagged.
"""

from decimal import Decimal

from django.db import transaction

from review.enums import Action
from review.models import Review
from review.policies import Refused, edit_refusal
from transcripts import events, live
from transcripts.models import Membership


@transaction.atomic
def set_look(*, review: Review, below: Decimal, by: Membership) -> Review:
    """Shows words under `below` (a share, 0 to 1) as marks, to everyone who opens the review.

    Raises Refused, also for a line under the threshold: flagged words can't be put out of sight.
    """
    review = (
        Review.objects.select_for_update(of=("self",)).select_related("recording").get(pk=review.pk)
    )
    if sentence := edit_refusal(review, by):
        raise Refused(sentence)
    if not review.threshold <= below <= 1:
        raise Refused(f"The line lies between {review.threshold:.0%} and 100%.")
    chosen = None if below == review.threshold else below
    if review.look_below == chosen:
        return review
    review.look_below = chosen
    review.save(update_fields=["look_below"])
    events.about(review.recording, Action.LOOK_MOVED, by.user, below=str(below))
    live.announce(practice_id=review.practice_id, recording_id=review.recording_id, kind="reload")
    return review
