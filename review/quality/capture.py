"""How many errors two independent reviews have both overlooked: capture and recapture. Pure.

Two people correct the same machine transcript without each other's work. From what both, or only
one of them, found follows how much there was: Chapman's estimate (1951), which is nearly unbiased,
with the interval of the profile likelihood (Evans, Kim and O'Brien 1996), rounded outwards to whole
errors. Inspections of software have used it since Eick et al. (1992).

It supposes that each error was as likely to be found by the second whether or not the first had
found it. Errors that are hard for one are hard for the other, so the truth is rather higher.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, floor, inf, lgamma, log

CHI = 3.8415  # 95th percentile of chi-square with one degree of freedom
MOST = 1e7
ENOUGH = 7  # found by both; with fewer, Chapman's estimate leans downwards (Robson and Regier 1964)


@dataclass(frozen=True, slots=True)
class Estimate:
    """`both`, `first` and `second`: errors found by both, or by one alone.

    `total`, with an interval, is how many there were; `escaped` how many of them the first review,
    whose text was signed, left in; `unseen` how many neither found.
    """

    both: int
    first: int
    second: int
    total: float
    low: float
    high: float

    @property
    def found(self) -> int:
        return self.both + self.first + self.second

    @property
    def by_first(self) -> int:
        return self.both + self.first

    @property
    def escaped(self) -> tuple[float, float, float]:
        """The estimate, and its interval."""
        return tuple(value - self.by_first for value in (self.total, self.low, self.high))

    @property
    def unseen(self) -> tuple[float, float, float]:
        return tuple(value - self.found for value in (self.total, self.low, self.high))

    @property
    def caught(self) -> float | None:
        """The share of errors that the first review caught; None where there was none."""
        return self.by_first / self.total if self.total else None

    @property
    def rough(self) -> bool:
        return self.both < ENOUGH


def estimate(both: int, first: int, second: int) -> Estimate:
    """From counts of errors found by both, by the first alone, and by the second alone.

    Where none was found by both, `high` is infinite: nothing is known about what was overlooked.
    """
    total = (both + first + 1) * (both + second + 1) / (both + 1) - 1
    low, high = _interval(both + first, both + second, both)
    return Estimate(both, first, second, total, min(low, floor(total)), max(high, ceil(total)))


def _interval(n1: int, n2: int, both: int) -> tuple[float, float]:
    found = n1 + n2 - both
    if both == 0:
        return float(found), inf if found else 0.0

    def likely(total: float) -> float:
        value = lgamma(total + 1) - lgamma(total - found + 1)
        for n in (n1, n2):
            left = total - n
            value += n * log(n / total) + (left * log(left / total) if left > 0 else 0.0)
        return value

    best = n1 * n2 / both  # near the top; what is missed there is far below what is asked for
    best = max(float(found), best)
    top = max(likely(best), likely(float(found)), likely(found + 0.5 * (best - found)))

    def outside(total: float) -> bool:
        return 2 * (top - likely(total)) > CHI

    low = float(found)
    if outside(low):
        low = _edge(outside, low, best)
    beyond = best + 1
    while not outside(beyond) and beyond < MOST:
        beyond *= 2
    return floor(low + 1e-6), ceil(_edge(outside, beyond, best) - 1e-6)


def _edge(outside: Callable[[float], bool], there: float, here: float) -> float:
    """Where one leaves the interval between a value outside of it and one inside."""
    for _ in range(60):
        middle = (there + here) / 2
        there, here = (middle, here) if outside(middle) else (there, middle)
    return here


def sentence(found: Estimate, documents: int, words: int) -> str:
    """What the estimate says, for somebody who never heard of it."""
    texts = "document was" if documents == 1 else "documents were"
    begin = f"{documents:,} {texts} corrected by two people who did not see each other's work"
    if not found.found:
        return f"{begin}; neither found an error of the machine."
    if not found.both:
        return f"{begin}. No error was found by both, so nothing can be said about the rest."
    left, low, high = found.escaped
    known = f"{found.second:,} of those {'is' if found.second == 1 else 'are'} known"
    share = f", or {1000 * left / words:.1f} in 1,000 words" if words else ""
    return (
        f"{begin}. The first found {_errors(found.by_first)} of the machine, the second "
        f"{found.both + found.second:,}; both found {found.both:,} of them. So there were "
        f"about {found.total:,.0f} in all, and about {left:,.0f} of them ({low:,.0f} to "
        f"{high:,.0f}) were still in what was signed{share}. {known} now."
    )


def _errors(many: int) -> str:
    return "1 error" if many == 1 else f"{many:,} errors"
