"""Finding passed-over speech, and putting the second reading in its place, on invented words."""

import numpy as np

from transcripts.engines.lines import Word
from transcripts.engines.missed import missed, replaced

RATE = 1000


def word(start: float, end: float, text: str = " word") -> Word:
    return Word(text, start, end, 0.9)


def tone(*loud: tuple[float, float, float], seconds: float = 12) -> np.ndarray:
    """Samples at 1 kHz that have an amplitude from start to end, and are silent elsewhere."""
    samples = np.zeros(int(seconds * RATE), np.float32)
    for start, end, amplitude in loud:
        samples[int(start * RATE) : int(end * RATE)] = amplitude
    return samples


def test_speech_with_words_is_not_missed() -> None:
    words = [word(0.5, 1.2), word(1.3, 2.0), word(2.7, 3.4)]

    assert missed([(0.3, 3.6)], words, tone((0, 12, 0.1)), RATE) == []


def test_a_span_without_words_is_missed() -> None:
    words = [word(5.0, 5.6)]

    assert missed([(0.4, 2.4), (4.9, 5.7)], words, tone((0, 12, 0.1)), RATE) == [(0.4, 2.4)]


def test_a_word_stretched_over_lost_speech_does_not_hide_it() -> None:
    words = [word(0.05, 2.9, " My"), word(2.9, 3.4, " daughter")]

    assert missed([(0.3, 3.5)], words, tone((0, 12, 0.1)), RATE) == [(0.3, 3.5)]


def test_a_faint_voice_behind_the_speaker_is_left_alone() -> None:
    samples = tone((0, 2, 0.1), (4, 6, 0.003))
    words = [word(0.2, 0.9), word(1.0, 1.8)]

    assert missed([(0.1, 1.9), (4.0, 6.0)], words, samples, RATE) == []


def test_with_no_words_all_speech_is_missed() -> None:
    assert missed([(1.0, 3.0)], [], tone((1, 3, 0.001)), RATE) == [(1.0, 3.0)]


def test_the_second_reading_replaces_the_span_only_if_it_found_more() -> None:
    first = [word(0.0, 1.0, " a"), word(1.0, 4.0, " b"), word(4.0, 6.0, " c")]
    better = [word(1.2, 2.0, " x"), word(2.0, 3.0, " y")]

    texts = [each.text for each in replaced(first, (1.1, 4.5), better)]

    assert texts == [" a", " x", " y", " c"]
    assert replaced(first, (1.1, 4.5), better[:1]) == first
    assert replaced(first, (1.1, 4.5), []) == first
