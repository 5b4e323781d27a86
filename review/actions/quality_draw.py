"""The draw of signed documents for a second review, and who gets it: a duty, chosen by nobody."""

from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Min
from django.utils import timezone

from review import queries
from review.enums import FINAL, SECOND_OVER, Action, Meaning, SecondState
from review.models import QualityDraw, QualityRule, Review, SecondReview
from review.permissions import Permission, check, refusal
from review.policies import Refused
from review.quality import draw
from transcripts import duties, events
from transcripts.access import only_by_emergency, visible_recordings
from transcripts.enums import Role
from transcripts.models import Membership, User

AT_ONCE = 500  # documents of a practice in one run of the duty
MOST_GIVEN = 100


def draw_due(since: timedelta | None = queries.LATELY) -> dict[str, int]:
    """The duty: draws for documents signed since, and somebody for those that wait for one."""
    drawn = looked = given = 0
    rules = QualityRule.objects.values_list("practice").annotate(Min("created_at"))
    late = timezone.now() - since if since is not None else None
    for practice_id, first in rules:
        for pk in _undrawn(practice_id, max(first, late or first)):
            if duties.over():
                break
            looked += 1
            drawn += _draw(pk)
    # In any order, so that those for whom there is nobody do not hold up the rest.
    for second in SecondReview.objects.filter(state=SecondState.WAITING).order_by("?")[:MOST_GIVEN]:
        if duties.over():
            break
        given += _give(second)
    return {"documents": looked, "drawn": drawn, "given": given}


def _undrawn(practice_id: UUID, since: datetime) -> list[UUID]:
    rows = Review.objects.filter(
        practice=practice_id,
        state__in=FINAL,
        quality_draw=None,
        signatures__meaning=Meaning.AUTHOR_ATTESTED,
        signatures__addendum=None,
        signatures__signed_at__gte=since,
    )
    return list(rows.order_by("created_at").distinct().values_list("pk", flat=True)[:AT_ONCE])


@transaction.atomic
def _draw(pk: UUID) -> bool:
    review = Review.objects.select_related("recording", "practice").get(pk=pk)
    subject, seed = subject_of(review), review.attested.sha256
    percent = draw.percent(_rules(review.practice_id), str(subject.pk), review.recording.type)
    row = QualityDraw.objects.create(
        review=review,
        practice=review.practice,
        subject=subject,
        seed=seed,
        number=draw.number(seed),
        percent=percent,
        drawn=draw.is_drawn(seed, percent),
    )
    if row.drawn:
        SecondReview.objects.create(review=review, practice=review.practice, subject=subject)
    told = {"number": row.number, "percent": percent, "drawn": row.drawn}
    events.about(review.recording, Action.QUALITY_DRAWN, None, **told)
    return row.drawn


def _rules(practice_id: UUID) -> dict[draw.Kind, int]:
    rows = QualityRule.objects.filter(practice=practice_id)
    return {
        draw.Kind(str(row.reviewer_id) if row.reviewer_id else "", row.type): row.percent
        for row in rows
    }


def subject_of(review: Review) -> User:
    """Whose review it was: who changed and decided most in it; without any work, its signer."""
    work = Counter(review.edits.values_list("by", flat=True))
    work += Counter(
        review.flags.filter(resolved_by__isnull=False).values_list("resolved_by", flat=True)
    )
    if not work:
        return review.attested.signer
    most = max(work, key=lambda who: (work[who], str(who)))
    return User.objects.get(pk=most)


def worked_on(review: Review) -> set[UUID]:
    """Everybody who dictated, changed, decided or signed something of the document."""
    people = set(review.edits.values_list("by", flat=True))
    people |= set(review.flags.values_list("resolved_by", flat=True))
    people |= set(review.signatures.values_list("signer", flat=True))
    author = review.recording.author
    return {who for who in (*people, author and author.user_id) if who}


def eligible(review: Review) -> list[Membership]:
    """Who could review it: may, sees the recording, and did not work on it; by name."""
    busy = worked_on(review)
    rows = Membership.objects.filter(practice=review.practice_id, disabled_at=None)
    found = []
    for member in rows.exclude(user__in=busy).select_related("user").order_by("user__username"):
        if refusal(member, Permission.SECOND_REVIEW):
            continue
        seen = visible_recordings(member).filter(pk=review.recording_id).exists()
        if seen and not only_by_emergency(member, pk=review.recording_id):
            found.append(member)
    return found


def _give(second: SecondReview) -> bool:
    """Finds somebody: managers only where there is nobody else."""
    review = Review.objects.select_related("recording__author").get(pk=second.review_id)
    people = eligible(review)
    people = [m for m in people if m.role != Role.MANAGER] or people
    rows = SecondReview.objects.exclude(state__in=SECOND_OVER).filter(practice=second.practice_id)
    counted = rows.order_by().values_list("reviewer").annotate(Count("pk"))
    busy = dict(counted)
    seed = review.quality_draw.seed
    who = draw.pick(seed, [(str(m.user_id), busy.get(m.user_id, 0)) for m in people])
    if who is None:
        return False
    _hand(second, next(m for m in people if str(m.user_id) == who), None)
    return True


@transaction.atomic
def give(*, second: SecondReview, to: Membership, by: Membership) -> SecondReview:
    """A manager gives it to somebody else; what the one before typed is forgotten. Refused."""
    check(by, Permission.QUALITY)
    row = SecondReview.objects.select_for_update().get(pk=second.pk)
    if row.state not in (SecondState.WAITING, SecondState.BLIND):
        raise Refused("It is past the blind part, so it stays with its reviewer.")
    review = Review.objects.select_related("recording__author").get(pk=row.review_id)
    if to.pk not in {member.pk for member in eligible(review)}:
        raise Refused("This person worked on the document, or can't see it.")
    return _hand(row, to, by)


@transaction.atomic
def _hand(second: SecondReview, to: Membership, by: Membership | None) -> SecondReview:
    second.reviewer, second.state, second.typed = to.user, SecondState.BLIND, {}
    second.save(update_fields=["reviewer", "state", "typed"])
    events.about(
        second.review.recording,
        Action.SECOND_ASSIGNED,
        by and by.user,
        second=str(second.pk),
        to=str(to.user_id),
    )
    return second
