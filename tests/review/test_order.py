"""Least effort first: what is worth a look, and how much is left; the browser sums alike."""

import json
from pathlib import Path

import pytest

from review import order

SHARED = json.loads((Path(__file__).parents[1] / "text/order.json").read_text())


def item(content: str, confidence: float | None = 0.9, start: float = 1.0, end: float = 1.5):
    return {"content": content, "confidence": confidence, "start": start, "end": end}


def test_a_surer_word_a_smaller_harm_and_a_longer_slice_are_worth_less():
    doubtful = order.effort("low_confidence", [item("maybe", 0.5)])
    assert order.effort("low_confidence", [item("maybe", 0.8)]).worth < doubtful.worth
    assert order.effort("low_confidence", [item("maybe", 0.5, 1.0, 9.0)]).worth < doubtful.worth
    assert order.effort("low_confidence", [item("left", 0.5)]).harm == 4
    assert order.effort("drug", [item("left", 0.5)]).harm == 8


@pytest.mark.parametrize(
    ("word", "harm"), [("lisinopril", 4), ("no", 4), ("twenty", 3), ("20", 3), ("chair", 1)]
)
def test_the_harm_of_an_unsure_word_is_that_of_its_class(word, harm):
    assert order.harm("low_confidence", [item(word)]) == harm


def test_what_a_check_was_found_to_be_counts_beside_the_confidence():
    words = [item("x", 0.6)]
    assert order.wrong("low_confidence", words) == pytest.approx(0.4)
    assert order.wrong("drug", words) < 0.4 < order.wrong("unknown_word", words)


def test_a_blank_has_to_be_filled_and_words_without_times_or_scores_break_nothing():
    assert order.wrong("blank", [item("[___]", None)]) == 1
    made = order.effort("query", [item("x", None) | {"start": None, "end": None}])
    assert made.seconds == pytest.approx(2 + 2 + 0.3 + 1.2)
    assert order.effort("low_confidence", []).seconds > 0


def test_a_word_that_only_the_line_marks_is_as_in_the_browser():
    look = SHARED["look"]
    made = order.effort("look", [look["item"]])
    assert (made.wrong, made.seconds) == pytest.approx((look["wrong"], look["seconds"]))


@pytest.mark.parametrize(("expected", "interval"), SHARED["intervals"])
def test_the_interval_is_that_of_the_browser(expected, interval):
    assert list(order.interval(expected)) == interval
