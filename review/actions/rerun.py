"""A newer transcript: taking it over, with the human edits that fit, or keeping today's text."""

from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from review.actions import carrying
from review.actions.opening import copy, mark
from review.actions.operation import Operation
from review.actions.settling import settle
from review.carry_shape import labels
from review.enums import Action, EditKind, FlagState
from review.models import Flag, Review
from review.policies import Refused, edit_refusal
from transcripts import events, live
from transcripts.models import Membership

NOTHING_OFFERED = "There is no newer transcript to decide about."


def preview(review: Review) -> carrying.Plan:
    """What carrying over would do, for the page that offers it."""
    return carrying.plan(review, review.offered)


@transaction.atomic
def accept(*, review: Review, carry_edits: bool, by: Membership) -> None:
    """Makes the newer transcript the text; the older one and its log stay. Raises Refused."""
    review = _locked(review, by)
    older = review.transcript
    carried = preview(review) if carry_edits else None
    heard = carrying.turns(review.text.order_by("start"))
    Flag.objects.filter(review=review, state=FlagState.OPEN).update(
        state=FlagState.SUPERSEDED, resolved_by=by.user, resolved_at=timezone.now()
    )
    review.transcript, review.offered = review.offered, None
    review.save(update_fields=["transcript", "offered"])
    segments = copy(review, review.transcript)
    if carried:
        segments = carrying.apply(review, segments, carried, by)
    else:
        now = labels(heard, carrying.turns(segments))
        names = {now[label]: name for label, name in review.speakers.items() if label in now}
        Operation(review, by, uuid4(), None).log(EditKind.CARRY, names=names)
    mark(review, segments)
    settle(review)
    events.about(
        review.recording,
        Action.TRANSCRIPT_TAKEN,
        by.user,
        older=str(older.pk),
        newer=str(review.transcript_id),
        carried=carried.fitted if carried else 0,
    )
    _reload(review)


@transaction.atomic
def dismiss(*, review: Review, by: Membership) -> None:
    """Keeps today's text; the newer transcript stays stored. Raises Refused."""
    review = _locked(review, by)
    offered, review.offered = review.offered, None
    review.save(update_fields=["offered"])
    events.about(review.recording, Action.TRANSCRIPT_DISMISSED, by.user, newer=str(offered.pk))
    _reload(review)


def _locked(review: Review, by: Membership) -> Review:
    rows = Review.objects.select_for_update(of=("self",)).select_related("recording", "offered")
    review = rows.get(pk=review.pk)
    if sentence := edit_refusal(review, by):
        raise Refused(sentence)
    if review.offered is None:
        raise Refused(NOTHING_OFFERED)
    return review


def _reload(review: Review) -> None:
    live.announce(practice_id=review.practice_id, recording_id=review.recording_id, kind="reload")
