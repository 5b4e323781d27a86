"""Recipients of a document before something was added to it: listed, and acknowledged once."""

from django.db import transaction
from django.db.models.functions import Now

from review.enums import Action
from review.models import Delivery, Recipient, Signature
from review.policies import Refused
from review.recipients import acknowledge_refusal, received
from transcripts import events
from transcripts.models import Membership


def list_those_before(signature: Signature, *, by: Membership) -> int:
    """Lists who has the document without what `signature` adds; in its transaction. The count.

    Its author, who knows, is not listed.
    """
    review = signature.review
    rows = [
        Recipient(
            practice_id=review.practice_id,
            review=review,
            signature=signature,
            forms=sorted(left.forms),
            first_at=min(left.moments),
            last_at=max(left.moments),
            **{f"{kind}_id": pk},
        )
        for (kind, pk), left in received(review).items()
        if (kind, pk) != ("user", by.user_id)
    ]
    Recipient.objects.bulk_create(rows)
    if rows:
        events.about(
            review.recording,
            Action.RECIPIENTS_LISTED,
            by.user,
            signature=str(signature.pk),
            count=len(rows),
        )
    return len(rows)


@transaction.atomic
def acknowledge(*, recipient: Recipient, by: Membership) -> None:
    """The person knows, or has told who received the copy. Refused when it is not for them."""
    rows = Recipient.objects.select_for_update(of=("self",)).select_related("review__recording")
    row = rows.get(pk=recipient.pk)
    if sentence := acknowledge_refusal(row, by):
        raise Refused(sentence)
    Recipient.objects.filter(pk=row.pk).update(acknowledged_at=Now(), acknowledged_by=by.user)
    _report(row, by)


def delivered(delivery: Delivery) -> None:
    """The receiver took the news itself, which acknowledges it; in the delivery's transaction."""
    rows = Recipient.objects.filter(
        destination=delivery.destination_id,
        signature=delivery.signature_id,
        acknowledged_at=None,
    )
    for row in rows.select_for_update(of=("self",)).select_related("review__recording"):
        Recipient.objects.filter(pk=row.pk).update(acknowledged_at=Now(), delivery=delivery)
        _report(row, None)


def _report(row: Recipient, by: Membership | None) -> None:
    events.about(
        row.review.recording,
        Action.RECIPIENT_ACKNOWLEDGED,
        by and by.user,
        recipient=str(row.pk),
        signature=str(row.signature_id),
    )
