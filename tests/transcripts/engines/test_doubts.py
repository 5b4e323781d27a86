"""Marks on real audio: words where nobody spoke, and a decoder that repeats itself."""

from pathlib import Path

import numpy as np
import pytest

from tests.transcripts.engines.test_lines import spoken
from tests.transcripts.engines.test_probe import AUDIO
from transcripts.engines.base import Item, Options, Segment
from transcripts.engines.doubts import loops, marked, retried, speech, unheard
from transcripts.engines.lines import Word, lines
from transcripts.engines.local import LocalEngine, samples

RATE = 16_000
OPTIONS = Options("PRIMARYCARE", "DICTATION")


@pytest.fixture(scope="module")
def engine() -> LocalEngine:
    return LocalEngine(cpu_threads=2)


def words_of(segments: list[Segment]) -> list[Item]:
    return [each for line in segments for each in line.items if each.type == "pronunciation"]


def over(text: str, start: float, seconds: float) -> Segment:
    tokens = text.split()
    step = seconds / len(tokens)
    times = [start + n * step for n in range(len(tokens))]
    words = [Word(f" {t}", at, at + step, 0.9) for t, at in zip(tokens, times, strict=True)]
    (line,) = lines(words, duration=start + seconds)
    return line


@pytest.mark.parametrize("name", ["dictation_mono.wav", "conversation_mono.wav"])
def test_spoken_words_bear_no_mark(engine: LocalEngine, name: str) -> None:
    words = words_of(list(engine.transcribe(AUDIO / name, OPTIONS, lambda seconds: None)))

    assert len(words) > 90
    assert sum(bool(word.marks) for word in words) / len(words) < 0.005


@pytest.mark.parametrize("level", [0.0, 0.05])
def test_words_invented_where_nobody_speaks_are_marked(engine: LocalEngine, level: float) -> None:
    cut, gap = int(9.6 * RATE), 8 * RATE
    said = samples(AUDIO / "dictation_mono.wav")
    noise = np.random.default_rng(7).normal(size=gap).astype(np.float32) * np.float32(level)
    heard = np.concatenate([said[:cut], noise, said[cut : cut + 5 * RATE]])
    # The decoder's own voice detection off, as if it had let all of this through.
    found = engine._batch(
        heard, None, vad_filter=False, clip_timestamps=[{"start": 9.8, "end": 17.2}]
    )
    invented = [
        Word(word.word, word.start, word.end, word.probability)
        for segment in found
        for word in segment.words
    ]

    decoded = list(lines(invented, duration=len(heard) / RATE))
    placed = [over("thank you for watching", 11.0, 2.0), over("So we begin", 17.5, 0.001)]
    for lines_there in (decoded, placed):
        assert all(word.marks == ("no_speech",) for word in words_of([*marked(lines_there, heard)]))


def test_speech_between_silence_is_heard() -> None:
    likely = speech(samples(AUDIO / "human_speech_jfk.flac"))

    assert not unheard(1.0, 1.3, likely)
    assert unheard(1.0, 1.3, np.zeros_like(likely))
    assert not unheard(500.0, 501.0, likely)  # beyond the audio nothing is known
    assert len(speech(np.zeros(0, np.float32))) == 0


def test_without_a_voice_detector_the_text_stands() -> None:
    line = over("thank you for watching", 1.0, 2.0)

    assert list(marked([line], np.zeros((2, 2), np.float32))) == [line]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("blood pressure " * 3, []),
        ("blood pressure " * 4, [(0, 8)]),
        ("He said no, No. no NO! twice", [(2, 6)]),
        ("one two three four five six seven eight nine ten", []),
        ("the a the b the a the a b the a b", [(0, 12)]),
        ("we go on " + "I'm sorry. " * 5 + "and stop there", [(3, 13)]),
        ("", []),
    ],
)
def test_loops(text: str, found: list[tuple[int, int]]) -> None:
    assert loops(text.split()) == found


def test_a_loop_is_marked_over_the_ends_of_lines() -> None:
    heard = samples(AUDIO / "human_speech_jfk.flac")
    found = list(marked(lines(spoken(*[" Again,", " sorry."] * 6), duration=11.0), heard))

    assert len(found) == 6
    assert all("loop" in word.marks for word in words_of(found))
    assert not any(item.marks for line in found for item in line.items if item.start is None)


def test_a_loop_is_decoded_again_and_what_was_said_replaces_it(engine: LocalEngine) -> None:
    heard = samples(AUDIO / "human_speech_jfk.flac")
    stuck = spoken(*[" and", " so"] * 12)

    words = retried(stuck, lambda span: engine._once_more(heard, span))

    assert "americans" in " ".join(word.text for word in words).lower()
    assert loops([word.text for word in words]) == []
    assert max(word.end for word in words) <= stuck[-1].end


@pytest.mark.parametrize("second", [[], spoken(*[" or", " not"] * 12)])
def test_a_loop_stays_when_the_second_try_is_no_better(second: list[Word]) -> None:
    words = [*spoken(" First", " this"), *spoken(*[" and", " so"] * 12), *spoken(" then")]

    assert retried(words, lambda span: second) == words


def test_words_around_a_loop_stay() -> None:
    words = spoken(" He", *[" and", " so"] * 4, " left")
    asked: list[tuple[float, float]] = []

    def again(span: tuple[float, float]) -> list[Word]:
        asked.append(span)
        return spoken(" coughs")

    assert [word.text for word in retried(words, again)] == [" He", " coughs", " left"]
    assert asked == [(words[0].end, words[-1].start)]


def test_the_engine_keeps_the_raw_score_beside_the_calibrated(engine: LocalEngine) -> None:
    path: Path = AUDIO / "human_speech_jfk.flac"
    words = words_of(list(engine.transcribe(path, OPTIONS, lambda seconds: None)))

    assert all(word.raw_confidence is not None for word in words)
    assert any(word.confidence != word.raw_confidence for word in words)
