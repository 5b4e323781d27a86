"""The rubric: what errors cost, and which documents pass."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review.quality.rubric import CLASSES, PASS, WEIGHTS, WHOLE, Error, Severity, score


def error(severity: str, stands: str = "fifty", kind: str = "word") -> Error:
    return Error(kind, severity, stands, "fifteen")


def test_a_document_without_an_error_has_a_hundred():
    found = score([], characters=2_000)
    assert (found.value, found.points, found.passed, found.by_lines) == (WHOLE, 0, True, WHOLE)


def test_one_critical_error_fails_a_document_however_long_it_is():
    found = score([error("critical")], characters=65 * 4_000)
    assert found.value == 97_00 and not found.passed
    assert found.by_lines > PASS  # why the measure by lines decides nothing


@pytest.mark.parametrize(
    ("severities", "value", "passed"),
    [
        (["major"], 99_00, True),
        (["major", "major"], 98_00, True),
        (["major", "major", "minor"], 97_75, False),
        (["minor"] * 8, 98_00, True),
        (["feedback"] * 50, 100_00, True),
    ],
)
def test_what_errors_cost(severities, value, passed):
    errors = [error(one, stands=f"word {n}") for n, one in enumerate(severities)]
    found = score(errors, 1_000)
    assert (found.value, found.passed) == (value, passed)


def test_an_error_that_is_repeated_counts_once():
    again = [error("major", "Sight"), error("major", "sight"), error("major", " sight ")]
    assert score(again, 1_000).counts["major"] == 1
    assert score([*again, error("major", "site")], 1_000).counts["major"] == 2


def test_points_by_lines_are_those_of_a_hundred_lines():
    assert score([error("major")], characters=65 * 50).by_lines == 98_00
    assert score([error("major")], characters=65 * 50 + 1).by_lines == WHOLE - round(10_000 / 51)


@given(st.lists(st.sampled_from([*Severity]), max_size=60), st.integers(0, 100_000))
@settings(max_examples=40, deadline=None)
def test_a_score_is_within_its_bounds_and_falls_with_each_error(severities, characters):
    errors = [error(one, stands=str(n)) for n, one in enumerate(severities)]
    scores = [score(errors[:n], characters) for n in range(len(errors) + 1)]
    for one in scores:
        assert 0 <= one.value <= WHOLE and 0 <= one.by_lines <= WHOLE
        assert one.passed == (one.value >= PASS and not one.counts["critical"])
    values = [one.value for one in scores]
    assert values == sorted(values, reverse=True)


def test_every_class_has_a_severity_of_the_rubric_and_an_example():
    for one in CLASSES.values():
        assert one.usual in WEIGHTS and one.stands and one.said and one.stands != one.said
