"""How much attention a document was given: what was heard, how fast, for how long. Pure.

It is a receipt and no judgement: sound that was played is not sound that was listened to.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

# Longer without a sign of work is a pause.
PAUSE = timedelta(minutes=2)


def share_heard(stretches: Iterable[tuple[float, float]], duration: float) -> float:
    """The share, 0 to 1, of `duration` seconds that the stretches cover together."""
    covered, reached = 0.0, 0.0
    for start, end in sorted(stretches):
        covered += max(0.0, min(end, duration) - max(start, reached))
        reached = max(reached, end)
    return min(1.0, covered / duration) if duration else 0.0


def mean_rate(played: Sequence[tuple[float, float]]) -> float:
    """The rate at which sound was played, over (seconds of sound, rate); 1 without any."""
    heard = sum(seconds for seconds, _ in played)
    spent = sum(seconds / rate for seconds, rate in played)
    return heard / spent if spent else 1.0


def minutes_worked(moments: Iterable[datetime]) -> float:
    """Minutes between signs of work, pauses left out."""
    ordered = sorted(moments)
    gaps = (later - earlier for earlier, later in zip(ordered, ordered[1:], strict=False))
    return sum((gap for gap in gaps if gap <= PAUSE), timedelta()).total_seconds() / 60
