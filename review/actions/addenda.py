"""Drafts of addenda and amendments to a signed document. Signing them is in sign.py."""

from django.db import transaction

from review.enums import Action, AddendumKind
from review.models import Addendum, Review
from review.policies import Refused, addendum_refusal
from transcripts import events
from transcripts.models import Membership

MAX_TEXT = 100_000


@transaction.atomic
def draft(*, review: Review, kind: str, reason: str, text: str, by: Membership) -> Addendum:
    """Keeps the person's draft; each has one for a document, written anew each time. Refused."""
    row = Review.objects.select_for_update().select_related("recording").get(pk=review.pk)
    mine = drafts(row).filter(author=by).first()
    if sentence := addendum_refusal(row, by, mine):
        raise Refused(sentence)
    reason, text = _clean(reason), _clean(text)
    if not reason or not text:
        raise Refused("Write what is added, and why.")
    if len(text) > MAX_TEXT:
        raise Refused("This text is too long.")
    if mine:
        mine.kind, mine.reason, mine.text = AddendumKind(kind), reason, text
        mine.save(update_fields=["kind", "reason", "text", "changed_at"])
    else:
        mine = Addendum.objects.create(
            review=row, kind=AddendumKind(kind), reason=reason, text=text, author=by
        )
    events.about(row.recording, Action.ADDENDUM_DRAFTED, by.user, addendum=str(mine.pk))
    return mine


@transaction.atomic
def propose(*, review: Review, reason: str, text: str, by: Membership) -> bool:
    """Leaves a draft for the author of the document to sign, write anew or discard.

    False where the author has a draft already, or is no longer there.
    """
    row = Review.objects.select_for_update(of=("self",)).select_related("recording__author")
    row = row.get(pk=review.pk)
    author = row.recording.author
    if not author or author.disabled_at or drafts(row).filter(author=author).exists():
        return False
    made = Addendum.objects.create(
        review=row, kind=AddendumKind.ADDENDUM, reason=reason, text=text[:MAX_TEXT], author=author
    )
    told = {"addendum": str(made.pk), "proposed": True}
    events.about(row.recording, Action.ADDENDUM_DRAFTED, by.user, **told)
    return True


@transaction.atomic
def discard(*, addendum: Addendum, by: Membership) -> None:
    """Throws the person's own draft away. Refused once it is signed, or to anybody else."""
    row = Addendum.objects.select_for_update().select_related("review__recording")
    mine = row.get(pk=addendum.pk)
    if sentence := addendum_refusal(mine.review, by, mine):
        raise Refused(sentence)
    recording, pk = mine.review.recording, mine.pk
    mine.delete()
    events.about(recording, Action.ADDENDUM_DISCARDED, by.user, addendum=str(pk))


def drafts(review: Review) -> "Addendum.objects":
    """What is drafted for the document and not signed."""
    return review.addenda.filter(signature__isnull=True)


def _clean(text: str) -> str:
    """Lines without trailing spaces, and none empty at either end."""
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").split("\n")).strip()
