"""Whether a row of documents is changed more, or less, than it used to be: a sequential test. Pure.

CUSUM of Poisson counts (Page 1954, Lucas 1985). What is usual is learnt from the first documents;
each one after them adds the log likelihood ratio of its changed words under a rate half as high
again (or 0.6 as high) against the usual one, and the sum never falls below 0. Its limit: ln 1,000.
By Lorden's bound (1971) there are on average at least 1,000 documents between false alarms, as
long as nothing changes, for each row of documents and each way. Documents differ more than chance
says, so counts are divided by their dispersion; and since what is usual is itself an estimate, the
test takes it one standard error to its own disadvantage.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt

RATIOS = {"up": 1.5, "down": 0.6}
BETWEEN_FALSE_ALARMS = 1_000  # documents
LIMIT = log(BETWEEN_FALSE_ALARMS)
BASE_DOCUMENTS, BASE_CHANGED = 30, 30  # at least, before anything is tested


@dataclass(frozen=True, slots=True)
class Count:
    """A signed document: words of the machine that were judged, and those that were changed."""

    words: int
    changed: int


@dataclass(frozen=True, slots=True)
class Usual:
    """Changed words a word, the dispersion of counts, and the documents that say so."""

    rate: float
    dispersion: float
    documents: int
    error: float


@dataclass(frozen=True, slots=True)
class Alarm:
    """`at` is the document that raised it, `since` the first of those that did (indexes)."""

    way: str
    at: int
    since: int
    before: float
    after: float


def usual(counts: Sequence[Count]) -> Usual | None:
    """What is usual by the first documents; None while they are too few."""
    words = changed = 0
    for n, count in enumerate(counts, 1):
        words, changed = words + count.words, changed + count.changed
        if n >= BASE_DOCUMENTS and changed >= BASE_CHANGED:
            rate = changed / words
            off = sum(
                (c.changed - rate * c.words) ** 2 / (rate * c.words) for c in counts[:n] if c.words
            )
            dispersion = max(1.0, off / (n - 1))
            return Usual(rate, dispersion, n, sqrt(dispersion * changed) / words)
    return None


def first_alarm(counts: Sequence[Count], known: Usual, way: str, start: int) -> Alarm | None:
    """The first alarm of one way among counts[start:]; None as long as all is as usual."""
    ratio = RATIOS[way]
    rate = known.rate + known.error if way == "up" else max(known.rate - known.error, 1e-9)
    total, since = 0.0, start
    for n in range(start, len(counts)):
        step = counts[n].changed * log(ratio) - counts[n].words * rate * (ratio - 1)
        total = max(0.0, total + step / known.dispersion)
        if not total:
            since = n + 1
        if total >= LIMIT:
            part = counts[since : n + 1]
            after = sum(c.changed for c in part) / max(1, sum(c.words for c in part))
            return Alarm(way, n, since, known.rate * 1000, after * 1000)
    return None
