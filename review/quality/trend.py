"""Quality by month: means with their intervals. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt
from statistics import mean, stdev

# 97.5th percentiles of Student's t by degrees of freedom; beyond them, the normal one.
T = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228)
T += (2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086)
T += (2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042)
NORMAL = 1.960


@dataclass(frozen=True, slots=True)
class Scored:
    """A document whose second review is closed: score and points in hundredths."""

    reviewer: str
    closed: date
    score: int
    passed: bool
    errors: int
    words: int


@dataclass(frozen=True, slots=True)
class Month:
    """Scores as numbers of 100. `low` and `high` are None for one document alone."""

    month: date
    documents: int
    words: int
    mean: float
    low: float | None
    high: float | None
    passed: int
    errors: int

    @property
    def per_1000(self) -> float | None:
        return round(1000 * self.errors / self.words, 1) if self.words else None


def months(scored: Iterable[Scored]) -> list[Month]:
    """A row for each month in which something was closed, the oldest first."""
    grouped: dict[date, list[Scored]] = {}
    for one in scored:
        grouped.setdefault(one.closed.replace(day=1), []).append(one)
    return [_month(month, rows) for month, rows in sorted(grouped.items())]


def _month(month: date, rows: Sequence[Scored]) -> Month:
    values = [row.score / 100 for row in rows]
    middle, half = mean(values), half_width(values)
    return Month(
        month,
        len(rows),
        sum(row.words for row in rows),
        middle,
        None if half is None else max(0.0, middle - half),
        None if half is None else min(100.0, middle + half),
        sum(row.passed for row in rows),
        sum(row.errors for row in rows),
    )


def half_width(values: Sequence[float]) -> float | None:
    """Half of the 95 % interval of a mean, by Student's t; None below two values."""
    if len(values) < 2:
        return None
    free = len(values) - 1
    return (T[free - 1] if free <= len(T) else NORMAL) * stdev(values) / sqrt(len(values))
