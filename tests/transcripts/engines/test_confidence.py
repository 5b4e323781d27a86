"""The calibration tables and how they are fitted: pure functions on invented words."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcripts.engines.confidence import IDENTITY, calibrated, fitted, table_of

TINY = "tiny.en@1a5afae06a4d"
SCORES = st.floats(0, 1)
WORDS = st.lists(st.tuples(SCORES, st.booleans()), max_size=60)


def rises(table: tuple[tuple[float, float], ...]) -> bool:
    return all(a[0] < b[0] and a[1] <= b[1] for a, b in pairwise(table))


def test_the_shipped_table_rises_and_is_found_by_the_weights() -> None:
    table = table_of(TINY)

    assert rises(table) and (table[0], table[-1]) == IDENTITY
    assert table != IDENTITY
    assert table_of("clinic@1a5afae06a4d") == table


@pytest.mark.parametrize("model", ["", "tiny.en", "base@d01c3014881c", "1a5afae06a4d-other"])
def test_a_model_never_measured_keeps_its_own_score(model: str) -> None:
    assert table_of(model) == IDENTITY


@given(WORDS, st.sampled_from([0.0, 1.0, 100.0]))
def test_a_fitted_table_rises_from_0_to_1(words: list[tuple[float, bool]], prior: float) -> None:
    table = fitted(words, prior=prior)

    assert rises(table) and (table[0], table[-1]) == IDENTITY


@given(WORDS, SCORES, SCORES)
def test_a_fitted_table_keeps_the_order(
    words: list[tuple[float, bool]], one: float, other: float
) -> None:
    table = fitted(words, prior=1.0)
    low, high = sorted((one, other))

    assert calibrated(low, table) <= calibrated(high, table)


@given(SCORES)
def test_no_words_change_nothing(raw: float) -> None:
    assert calibrated(raw, fitted([])) == pytest.approx(raw, abs=0.001)


def test_words_move_the_score_to_what_was_counted_as_far_as_they_weigh() -> None:
    words = [(0.6, True)] * 90 + [(0.6, False)] * 10

    assert calibrated(0.6, fitted(words, prior=0)) == pytest.approx(0.9)
    assert 0.63 < calibrated(0.6, fitted(words)) < 0.8
    assert calibrated(0.6, fitted(words[:10])) < calibrated(0.6, fitted(words[:90]))


def test_scores_in_the_wrong_order_are_pooled() -> None:
    words = [(0.2, True), (0.4, False)] * 50

    assert calibrated(0.3, fitted(words, prior=0)) == pytest.approx(0.5)
