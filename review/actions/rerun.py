"""A newer transcript: taking it over, with the human edits that fit, or keeping today's text."""

from bisect import bisect_right
from collections import Counter
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from review.actions.opening import copy, mark
from review.actions.operation import Operation, retype
from review.actions.settling import settle
from review.carry import Carried, carry
from review.enums import Action, EditKind, FlagState
from review.models import Flag, Review, Segment
from review.policies import Refused, edit_refusal
from transcripts import events, live
from transcripts.models import Membership, Transcript

NOTHING_OFFERED = "There is no newer transcript to decide about."


def preview(review: Review) -> Carried:
    """What carrying over would do, for the page that offers it."""
    return _carried(review, [segment.items for segment in review.offered.segments.all()])


@transaction.atomic
def accept(*, review: Review, carry_edits: bool, by: Membership) -> None:
    """Makes the newer transcript the text; the older one and its log stay. Raises Refused."""
    review = _locked(review, by)
    older = review.transcript
    carried = preview(review) if carry_edits else None
    heard = list(review.text.order_by("start"))
    Flag.objects.filter(review=review, state=FlagState.OPEN).update(
        state=FlagState.SUPERSEDED, resolved_by=by.user, resolved_at=timezone.now()
    )
    review.transcript, review.offered = review.offered, None
    review.save(update_fields=["transcript", "offered"])
    segments = copy(review, review.transcript)
    if carried:
        for segment, text in zip(segments, carried.texts, strict=True):
            if segment.text != text:
                retype(review, segment, text, by)
    work = Operation(review, by, uuid4(), None)
    work.log(EditKind.CARRY, names=_names(review.speakers, heard, segments))
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


def _carried(review: Review, new: list[list[dict]]) -> Carried:
    machine = Transcript.objects.get(pk=review.transcript_id).segments.all()
    old = [item for segment in machine for item in segment.items]
    edited = [segment.items for segment in review.text.order_by("position")]
    return carry(old, edited, new)


def _names(names: dict[str, str], old: list[Segment], new: list[Segment]) -> dict[str, str]:
    """The names for the newer transcript's labels: each goes to who speaks most at those times."""
    starts = [float(row.start) for row in old]
    together: Counter[tuple[str, str]] = Counter()
    for row in new:
        at = bisect_right(starts, float(row.start + row.end) / 2) - 1
        if row.speaker and at >= 0 and old[at].speaker in names:
            together[old[at].speaker, row.speaker] += int(1000 * (row.end - row.start))
    kept: dict[str, str] = {}
    for (before, now), _ in together.most_common():
        if now not in kept and names[before] not in kept.values():
            kept[now] = names[before]
    return kept


def _reload(review: Review) -> None:
    live.announce(practice_id=review.practice_id, recording_id=review.recording_id, kind="reload")
