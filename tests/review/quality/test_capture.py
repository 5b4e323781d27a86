"""Capture and recapture, against simulations in which the truth is known."""

from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review.quality import capture
from review.quality.capture import sentence

FEW = st.integers(0, 100)
estimate = lru_cache(10_000)(capture.estimate)


def simulated(errors: int, first: float, second: float, times: int, seed: int = 1):
    """Estimates of so many simulated pairs of reviews, each finding its share of the errors."""
    rng = np.random.default_rng(seed)
    one = rng.random((times, errors)) < first
    two = rng.random((times, errors)) < second
    both, left, right = (one & two).sum(1), (one & ~two).sum(1), (~one & two).sum(1)
    return [estimate(*map(int, each)) for each in zip(both, left, right, strict=True)]


@pytest.mark.parametrize(
    ("errors", "first", "second"),
    [
        (20, 0.9, 0.9),
        (40, 0.95, 0.95),
        (50, 0.8, 0.6),
        (50, 0.95, 0.5),
        (200, 0.5, 0.5),
    ],
)
def test_the_estimate_is_right_on_average_and_the_interval_holds_the_truth(errors, first, second):
    found = simulated(errors, first, second, times=400)
    assert np.mean([one.total for one in found]) == pytest.approx(errors, rel=0.02)
    held = np.mean([one.low <= errors <= one.high for one in found])
    assert held >= 0.93
    assert np.median([one.high - one.low for one in found]) <= errors
    escaped = np.mean([one.escaped[0] for one in found])
    assert escaped == pytest.approx(errors * (1 - first), abs=max(0.5, errors * 0.02))


def test_errors_that_are_hard_for_both_make_it_an_understatement():
    rng = np.random.default_rng(2)
    hard = rng.random((300, 200)) < 0.3
    chance = np.where(hard, 0.3, 0.95)
    one, two = (rng.random(chance.shape) < chance for _ in range(2))
    counts = zip((one & two).sum(1), (one & ~two).sum(1), (~one & two).sum(1), strict=True)
    totals = [estimate(*map(int, each)).total for each in counts]
    assert 150 < np.mean(totals) < 200


@given(FEW, FEW, FEW)
@settings(max_examples=25, deadline=None)
def test_nothing_that_was_found_is_forgotten(both, first, second):
    found = estimate(both, first, second)
    assert found.found <= found.low <= found.total <= found.high
    assert found.escaped[0] >= second and found.unseen[0] >= 0
    mirrored = estimate(both, second, first)
    assert mirrored.total == pytest.approx(found.total)
    assert (mirrored.low, mirrored.high) == (found.low, found.high)
    assert found.rough == (both < 7)
    assert (found.high == float("inf")) == (both == 0 and found.found > 0)


def test_agreement_on_everything_leaves_nothing_over():
    found = estimate(40, 0, 0)
    assert found.total == 40 and found.caught == 1 and found.high < 42


def test_an_example_by_hand():
    found = estimate(33, 7, 5)  # Chapman: 41 * 39 / 34 - 1
    assert found.total == pytest.approx(46.03, abs=0.01)
    assert found.escaped[0] == pytest.approx(6.03, abs=0.01)
    said = sentence(found, documents=12, words=3_400)
    assert "12 documents were corrected by two people" in said
    assert "found 40 errors of the machine, the second 38; both found 33 of them" in said
    assert "about 46 in all, and about 6 of them (5 to" in said
    assert "1.8 in 1,000 words" in said and "5 of those are known now" in said


def test_without_errors_it_says_so():
    assert "neither found an error" in sentence(estimate(0, 0, 0), 1, 100)


def test_without_a_common_error_it_promises_nothing():
    assert "nothing can be said" in sentence(estimate(0, 5, 4), 2, 900)
