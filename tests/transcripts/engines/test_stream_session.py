"""Partials of a long utterance: only its end is heard anew, and reads on from what was shown."""

import pytest

from transcripts.engines.lines import Word
from transcripts.engines.stream_session import joined


def said(text: str, start: float, end: float) -> Word:
    return Word(text, start, end, 0.9)


def test_times_go_on_from_the_seam() -> None:
    (word,) = joined(said(" mild", 3.0, 3.4), [said(" cough", 0.3, 0.7)], 3.4)

    assert (word.start, word.end) == pytest.approx((3.7, 4.1))


def test_the_last_word_before_the_seam_is_not_said_twice() -> None:
    heard = [said(" Mild", 0.0, 0.1), said(" cough", 0.1, 0.6)]

    assert [word.text for word in joined(said(" mild,", 3.0, 3.4), heard, 3.4)] == [" cough"]


def test_a_word_that_was_said_twice_stays() -> None:
    heard = [said(" very", 0.4, 0.8), said(" mild", 0.8, 1.2)]

    assert len(joined(said(" very", 3.0, 3.4), heard, 3.4)) == 2


def test_the_middle_of_a_sentence_begins_without_a_capital() -> None:
    (word,) = joined(said(" mild", 3.0, 3.4), [said(" Cough", 0.3, 0.7)], 3.4)
    assert word.text == " cough"

    for before, heard in ((" mild.", " Cough"), (" mild", " ECG"), (" mild", " I")):
        assert joined(said(before, 3.0, 3.4), [said(heard, 0.3, 0.7)], 3.4)[0].text == heard
