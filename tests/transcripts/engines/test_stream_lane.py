"""Where utterances begin, pause and end. Judgements are given by hand: no model."""

import numpy as np
import pytest

from transcripts.engines.stream_lane import FRAME, MOST, RATE, Lane

FRAMES = RATE / FRAME


def heard(lane: Lane, seconds: float, likely: float, level: float = 0.1) -> list[str]:
    """The events of so many seconds more; an end is closed at once."""
    count = round(seconds * FRAMES)
    noise = np.random.default_rng(1).normal(0, level, count * FRAME)
    lane.add(noise.astype(np.float32))
    block = lane.unjudged(1 << 30)
    lane.judged(np.full(len(block) // FRAME, likely))
    events = []
    while event := lane.listen():
        events.append(event)
        if event == "end":
            lane.close()
    return events


def test_silence_gives_nothing_and_holds_nothing() -> None:
    lane = Lane()

    assert heard(lane, 600, 0.01) == []
    assert lane.utterance is None
    assert len(lane.audio(0, lane.end)) < 2 * RATE
    assert lane.done > 599 * RATE


def test_a_click_is_no_utterance() -> None:
    lane = Lane()

    assert heard(lane, 0.06, 0.9) + heard(lane, 1, 0.0) == []


def test_the_first_partial_is_due_soon_after_speech_began() -> None:
    lane = Lane()
    heard(lane, 1.0, 0.0)

    assert heard(lane, 0.35, 0.9) == []
    assert heard(lane, 0.15, 0.9) == ["partial"]


def test_a_short_pause_is_no_end_and_a_longer_one_is() -> None:
    lane = Lane()
    heard(lane, 2, 0.9)

    assert heard(lane, 0.4, 0.1)[-1] == "pause"
    assert "end" not in heard(lane, 1, 0.9)
    assert heard(lane, 0.8, 0.1)[-2:] == ["pause", "end"]


def test_a_long_utterance_ends_at_a_shorter_pause() -> None:
    lane = Lane()
    heard(lane, 14.5, 0.9)

    assert "end" in heard(lane, 0.35, 0.1)


def test_speech_without_a_pause_is_cut_at_its_quietest_place_and_none_is_lost() -> None:
    lane = Lane()
    heard(lane, 13.0, 0.9)
    quiet = lane.end
    heard(lane, 0.3, 0.9, level=0.001)
    lane.add(np.random.default_rng(2).normal(0, 0.1, 20 * RATE).astype(np.float32))
    block = lane.unjudged(1 << 30)
    lane.judged(np.full(len(block) // FRAME, 0.9))

    while lane.listen() != "end":
        pass
    first = lane.span()
    assert first[1] == pytest.approx(quiet + 0.15 * RATE, abs=0.3 * RATE)
    lane.close()
    while lane.listen() != "end":
        pass
    assert lane.span()[0] <= first[1]
    assert lane.span()[1] - lane.span()[0] <= MOST + RATE


def test_the_end_of_the_audio_ends_the_utterance() -> None:
    lane = Lane()
    heard(lane, 1, 0.9)

    assert lane.finish() == "end"


def test_the_same_audio_in_other_blocks_gives_the_same_spans() -> None:
    spans = []
    for size in (0.064, 0.5, 4.0):
        lane, found = Lane(), []
        likely = ([0.0] * 40 + [0.9] * 100 + [0.1] * 40) * 3
        step = max(1, round(size * FRAMES))
        for at in range(0, len(likely), step):
            part = likely[at : at + step]
            lane.add(np.zeros(len(part) * FRAME, np.float32))
            lane.unjudged(1 << 30)
            lane.judged(np.array(part))
            while event := lane.listen():
                if event == "end":
                    found.append(lane.span())
                    lane.close()
        spans.append(found)

    assert len(spans[0]) == 3
    assert spans[0] == spans[1] == spans[2]


def test_partials_of_a_long_utterance_come_less_often() -> None:
    lane = Lane()

    assert heard(lane, 4, 0.9).count("partial") == 5
    heard(lane, 6, 0.9)
    assert heard(lane, 4, 0.9).count("partial") <= 4
