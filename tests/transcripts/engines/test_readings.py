"""Other readings: put together from invented hypotheses, and heard in real audio."""

import logging
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from tests.transcripts.engines.test_lines import spoken
from tests.transcripts.engines.test_probe import AUDIO
from transcripts.engines.base import Options, Segment
from transcripts.engines.lines import Word, lines
from transcripts.engines.local import LocalEngine
from transcripts.engines.readings import DOUBTFUL, Heard, added, merged


def line(text: str, *unsure: str) -> Segment:
    tokens = text.split()
    words = [
        Word(word.text, word.start, word.end, 0.4 if token in unsure else 0.95)
        for token, word in zip(tokens, spoken(*(f" {token}" for token in tokens)), strict=True)
    ]
    (made,) = lines(words, duration=60.0)
    return made


def offered(segment: Segment) -> dict[str, list[str]]:
    return {
        item.content: [other.content for other in item.alternatives]
        for item in segment.items
        if item.alternatives
    }


def texts(segment: Segment) -> list[str]:
    return [Segment(0.0, 0.0, items).text for items in segment.alternatives]


def test_readings_come_best_first_and_no_more_than_asked() -> None:
    own = line("clear to oscultation bilaterally.", "oscultation")
    heard = [
        Heard("clear to oscillation bilaterally.", -3.0),
        Heard("clear to auscultation bilaterally.", -2.0),
        Heard("clear to escalation bilaterally.", -4.0),
        Heard("clear to oscultation bilaterally.", -1.0),
    ]

    found = merged(own, heard, most=2)

    assert texts(found) == [
        "clear to auscultation bilaterally.",
        "clear to oscillation bilaterally.",
    ]
    assert offered(found) == {"oscultation": ["auscultation", "oscillation"]}
    assert (found.text, found.start, found.end) == (own.text, own.start, own.end)


@pytest.mark.parametrize(
    "same",
    [
        "Type 2 diabetes, 8.1 percent",
        "type two diabetes 8.1%",
        "TYPE TWO: diabetes, eight point one percent!",
    ],
)
def test_case_marks_and_digits_make_no_other_reading(same: str) -> None:
    own = line("Type two diabetes, 8.1%.", "two")

    assert merged(own, [Heard(same, -1.0)], most=5) == own


@pytest.mark.parametrize("same", ["Take 40 milligrams now.", "take forty mg now", "Take 40mg now."])
def test_nor_do_units(same: str) -> None:
    own = line("Take 40 mg now.", "mg")

    assert merged(own, [Heard(same, -1.0)], most=5) == own


def test_what_reads_something_else_altogether_is_no_reading() -> None:
    own = line("He takes lisinopril daily.", "lisinopril")

    assert merged(own, [Heard("Thank you for watching this video", -1.0)], most=5) == own


def test_a_word_for_several_is_offered_and_several_for_fewer_only_as_a_line() -> None:
    own = line("passing during normally with listen opel now", "during", "listen", "opel")

    found = merged(
        own,
        [
            Heard("passing you're in normally with listen opel now", -2.0),
            Heard("passing during normally with lisinopril now", -1.0),
        ],
        most=5,
    )

    assert offered(found) == {"during": ["you're in"]}
    assert len(found.alternatives) == 2


def test_only_doubtful_words_offer_others() -> None:
    own = line("He has fifteen pills", "fifteen")

    found = merged(own, [Heard("She has fifty pills", -1.0)], most=5)

    assert offered(found) == {"fifteen": ["fifty"]}


def test_shares_of_the_readings_are_their_confidence() -> None:
    own = line("He has fifteen pills", "fifteen")
    heard = [Heard("he has fifteen pills", np.log(0.6)), Heard("he has fifty pills", np.log(0.2))]

    (other,) = merged(own, heard, most=5).items[2].alternatives

    assert other.confidence == pytest.approx(0.25)


def test_readings_have_the_times_of_the_line() -> None:
    own = line("He takes lisinopril daily, in the morning.", "lisinopril")

    (other,) = merged(
        own, [Heard("And he takes a listen opel daily the mornings", -1.0)], most=5
    ).alternatives

    times = [(item.start, item.end) for item in other if item.type == "pronunciation"]
    assert len(times) == 9
    assert all(own.start <= start <= end <= own.end for start, end in times)
    assert all(before[1] <= after[0] + 0.001 for before, after in pairwise(times))
    daily = next(item for item in own.items if item.content == "daily")
    assert (daily.start, daily.end, daily.confidence) in [
        (item.start, item.end, item.confidence) for item in other
    ]


class _Broken:
    """Stands where a model should be; whatever is asked of it fails, quoting what was said."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("lisinopril for Mrs Smith")


def test_trouble_costs_the_readings_and_not_the_lines(caplog: pytest.LogCaptureFixture) -> None:
    own = [line("He takes lisinopril daily.", "lisinopril"), line("All is clear.")]

    with caplog.at_level(logging.DEBUG):
        assert list(added(own, np.zeros(RATE * 3, np.float32), _Broken(), most=5)) == own

    assert "RuntimeError" in caplog.text
    assert "lisinopril" not in caplog.text


RATE = 16_000


def test_real_speech_is_read_in_other_ways_and_its_text_stays() -> None:
    engine = LocalEngine(cpu_threads=2)

    def run(alternatives: int) -> list[Segment]:
        options = Options("PRIMARYCARE", "CONVERSATION", alternatives=alternatives)
        return list(engine.transcribe(AUDIO / "telephone_8k.wav", options, lambda seconds: None))

    plain, found = run(0), run(3)

    assert [each.text for each in found] == [each.text for each in plain]
    assert not any(each.alternatives for each in plain)
    with_readings = [each for each in found if each.alternatives]
    assert len(with_readings) >= 2
    assert all(len(each.alternatives) <= 3 for each in found)
    for each in with_readings:
        assert any((item.raw_confidence or 1.0) < DOUBTFUL for item in each.items)
        assert each.text not in texts(each)
    assert any(item.alternatives for each in found for item in each.items)
