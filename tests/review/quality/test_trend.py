"""Means by month, and their intervals."""

from datetime import date

import numpy as np
import pytest

from review.quality.trend import Scored, half_width, months


def scored(closed: date, score: int, errors: int = 0, passed: bool = True) -> Scored:
    return Scored("eve", closed, score, passed, errors, words=500)


def test_a_month_has_its_documents_mean_and_interval():
    rows = [scored(date(2026, 3, n), value) for n, value in ((1, 98_00), (9, 99_00), (31, 100_00))]
    march, april = months([scored(date(2026, 4, 1), 95_00, errors=3, passed=False), *rows])
    assert (march.month, march.documents, march.mean) == (date(2026, 3, 1), 3, 99)
    assert march.low == pytest.approx(99 - 4.303 / 3**0.5) and march.high == 100
    assert (april.low, april.high, april.passed, april.per_1000) == (None, None, 0, 6.0)
    assert months([]) == []


@pytest.mark.parametrize("size", [2, 12])
def test_the_interval_holds_the_true_mean_nineteen_times_of_twenty(size):
    drawn = np.random.default_rng(size).normal(98, 1, (1_500, size))
    held = [abs(row.mean() - 98) <= half_width(row.tolist()) for row in drawn]
    assert np.mean(held) == pytest.approx(0.95, abs=0.02)
