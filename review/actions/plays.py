"""What was played, as the browser reports it, and whether words were heard before they are settled.

A critical flag is confirmed or corrected only by somebody whose browser has played its words with
one second before and behind. It proves that the sound was played there, not that anyone listened.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from review.audit import context
from review.enums import FROZEN, Action
from review.models import Flag, Play, Review
from review.policies import Refused
from transcripts import events
from transcripts.models import Membership

AROUND = 1.0  # seconds before and behind the words
SLACK = 0.35  # a browser tells its place four times a second
MOST = 200  # stretches in one report
UNHEARD = (
    "These words must be heard before they are confirmed or corrected. "
    "Play them from one second before to one second behind, in this browser."
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Seconds of the recording, played at `rate`."""

    start: float
    end: float
    rate: float


def browser() -> str:
    """A digest of the browser's session; "" outside a request."""
    return context.current()["session"] or ""


@transaction.atomic
def report(*, review: Review, stretches: Sequence[Stretch], by: Membership) -> int:
    """Keeps what this browser played; how many stretches. Nothing more once signed.

    Raises Refused for a report that can't be.
    """
    if len(stretches) > MOST:
        raise Refused("Too much at once. Report what was played in smaller parts.")
    length = float(review.recording.duration)
    session = browser()
    if not session or any(not _possible(one, length) for one in stretches):
        raise Refused("This can't have been played.")
    review = Review.objects.select_for_update(of=("self",)).get(pk=review.pk)
    if review.state in FROZEN or not stretches:
        return 0
    Play.objects.bulk_create(
        Play(
            review=review,
            user=by.user,
            session=session,
            start=_exact(one.start),
            end=_exact(min(one.end, length)),
            rate=_exact(one.rate),
        )
        for one in stretches
    )
    # The audit log holds no fractions: milliseconds.
    events.about(
        review.recording,
        Action.PLAYS_REPORTED,
        by.user,
        stretches=len(stretches),
        played_ms=round(sum(one.end - one.start for one in stretches) * 1000),
        first_ms=round(min(one.start for one in stretches) * 1000),
        last_ms=round(max(one.end for one in stretches) * 1000),
    )
    return len(stretches)


def _possible(one: Stretch, length: float) -> bool:
    return 0 <= one.start < one.end <= length + 0.5 and 0.5 <= one.rate <= 2 and one.start < length


def _exact(value: float) -> Decimal:
    return Decimal(str(round(value, 3)))


def heard(review: Review, by: Membership, wanted: Iterable[tuple[Flag, float, float]]) -> set[Flag]:
    """Which of the flags, given with the times of their words, this browser has played.

    They get the play that covers their end as their proof. One query where any is wanted.
    """
    wanted = list(wanted)
    session = browser()
    if not wanted or not session:
        return set()
    plays = list(
        Play.objects.filter(review=review, user=by.user, session=session).order_by("start")
    )
    length = float(review.recording.duration)
    found = set()
    for flag, start, end in wanted:
        play = _covering(plays, max(0.0, start - AROUND), min(length, end + AROUND))
        if play is not None:
            flag.play = play
            found.add(flag)
    return found


def _covering(plays: Sequence[Play], start: float, end: float) -> Play | None:
    """The play that reaches `end`, if all from `start` on was played without a gap."""
    reached, last = start, None
    for play in plays:
        if float(play.start) > reached + SLACK:
            break
        if float(play.end) > reached:
            reached, last = float(play.end), play
        if reached >= end - SLACK:
            return last
    return None
