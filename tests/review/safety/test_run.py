"""All checks together: switches, merging, order."""

import json
import time

import pytest

from review.safety import run
from tests.review.safety.texts import document, said

TEXT = "He takes lisinopril fifty milligrams daily and denies chest pain in the left arm."


def test_nothing_to_check_gives_no_marks() -> None:
    assert run.find(document()) == []
    assert run.find(document("")) == []
    assert run.find(document("Thank you for coming in today.")) == []


def test_a_dictation_keeps_the_checks_that_harm_most() -> None:
    every = set(run.CHECKS)
    assert run.find(document(TEXT), off=every) == []
    kept = {m.reason for m in run.find(document(TEXT, type="DICTATION"), off=every)}
    assert kept == {"dose_range", "laterality"} or kept == {"drug", "laterality", "dose_range"}


def test_marks_on_the_same_words_are_one_with_all_sentences() -> None:
    made = document(TEXT)
    (dose,) = [m for m in run.find(made) if "lisinopril" in said(made, m)]
    assert said(made, dose) == "lisinopril fifty milligrams"
    assert dose.reason == "dose_range"
    assert dose.critical
    assert "sounds like" in dose.sentence
    assert dose.alternatives == ("fifteen",)


def test_marks_come_in_reading_order_and_no_word_is_in_two() -> None:
    made = document(TEXT, "Doctor: Any fever?", "Patient: Uh-uh.", "Left knee. Right knee.")
    marks = run.find(made)
    items = [item for mark in marks for item in mark.items]
    assert len(items) == len(set(items))
    order = [w.id for s in made.segments for w in s.items]
    firsts = [order.index(mark.items[0]) for mark in marks]
    assert firsts == sorted(firsts)


@pytest.mark.parametrize("name", list(run.CHECKS))
def test_each_check_can_be_switched_off(name: str) -> None:
    made = document(TEXT, "Doctor: Any fever?", "Patient: Hm.")
    assert name not in {m.reason for m in run.find(made, off={name})}


def test_a_minute_of_speech_is_checked_in_milliseconds() -> None:
    made = document(*[TEXT] * 10)
    begun = time.process_time()
    marks = run.find(made)
    assert time.process_time() - begun < 0.25
    assert json.dumps([m.sentence for m in marks])
