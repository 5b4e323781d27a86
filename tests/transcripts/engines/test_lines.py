"""Words to items and lines, and the confidence table: pure functions on invented words."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcripts.engines.base import Item, Segment
from transcripts.engines.confidence import calibrated
from transcripts.engines.lines import Word, lines


def spoken(*texts: str, step: float = 0.4, probability: float = 0.9) -> list[Word]:
    return [
        Word(text, number * step, (number + 1) * step, probability)
        for number, text in enumerate(texts)
    ]


def check(segments: list[Segment], duration: float) -> None:
    """What holds for every segment of every engine."""
    before = 0.0
    for segment in segments:
        words = [item for item in segment.items if item.type == "pronunciation"]
        assert segment.items[0].type == "pronunciation"
        assert (segment.start, segment.end) == (words[0].start, words[-1].end)
        assert segment.end - segment.start <= 15
        for item in segment.items:
            assert item.content.strip() == item.content != ""
            if item.type == "punctuation":
                assert item == Item("punctuation", item.content, None, None, None, None)
                continue
            assert item.start is not None and item.end is not None
            assert before <= item.start <= item.end <= duration
            assert item.confidence is not None and 0 <= item.confidence <= 1
            assert item.raw_confidence is not None and 0 <= item.raw_confidence <= 1
            before = item.end


@pytest.mark.parametrize(
    ("texts", "contents"),
    [
        ([" visit."], ["visit", "."]),
        ([" is", " 8", ".1%."], ["is", "8.1%", "."]),
        ([" pH", " 7.9,"], ["pH", "7.9", ","]),
        ([" 1", ",000", " mg"], ["1,000", "mg"]),
        ([" 62", "-year", "-old"], ["62-year-old"]),
        ([" 148", "/", "86."], ["148/86", "."]),
        ([" 30", " %"], ["30%"]),
        ([' "Yes,"', " she"], ["Yes", ",", "she"]),
        ([" (laughs)"], ["laughs"]),
        ([" -", " Well"], ["Well"]),
        ([" -2.5", " diopters"], ["-2.5", "diopters"]),
        ([" and..."], ["and", "…"]),
        ([" what?!"], ["what", "?", "!"]),
        ([" Dr.", " Evans"], ["Dr.", "Evans"]),
        ([" 8", " a.m.", " daily"], ["8", "a.m.", "daily"]),
        ([" patients'", " notes"], ["patients'", "notes"]),
        ([" .", " Hello"], ["Hello"]),
        ([" 98.6°F."], ["98.6°F", "."]),
    ],
)
def test_words_and_marks_are_told_apart(texts: list[str], contents: list[str]) -> None:
    segments = list(lines(spoken(*texts), duration=60))

    assert [item.content for segment in segments for item in segment.items] == contents
    check(segments, 60)


def test_the_text_reads_as_written() -> None:
    (segment,) = lines(spoken(" Yes,", " 8", ".1%", " today."), duration=60)

    assert segment.text == "Yes, 8.1% today."


def test_the_least_sure_part_of_a_word_counts() -> None:
    words = [Word(" 8", 0, 0.3, 0.99), Word(".1%", 0.3, 0.6, 0.4)]

    (segment,) = lines(words, duration=1)

    assert segment.items[0].raw_confidence == 0.4


def test_a_line_ends_at_a_pause_and_at_a_sentence() -> None:
    words = [
        Word(" Lungs", 0.0, 0.4, 1.0),
        Word(" clear.", 0.4, 0.9, 1.0),
        Word(" Heart", 1.0, 1.4, 1.0),
        Word(" regular", 2.1, 2.5, 1.0),
    ]

    assert [segment.text for segment in lines(words, duration=3)] == [
        "Lungs clear.",
        "Heart",
        "regular",
    ]


def test_a_line_without_pauses_ends_at_a_comma_or_in_time() -> None:
    plain = list(lines(spoken(*[" word"] * 100, step=0.5), duration=50))
    comma = list(lines(spoken(*[" word"] * 17, " word,", *[" more"] * 9, step=0.5), duration=50))

    assert [len(segment.items) for segment in plain] == [24, 24, 24, 24, 4]
    assert [segment.items[0].content for segment in comma] == ["word", "more"]


def test_lines_come_while_words_come() -> None:
    def endless() -> object:
        yield Word(" Done.", 0, 0.5, 1.0)
        yield Word(" Next", 0.5, 1.0, 1.0)
        raise AssertionError("asked for more words than a finished line needs")

    assert next(lines(endless(), duration=9)).text == "Done."  # type: ignore[arg-type]


@given(
    st.lists(
        st.builds(
            Word,
            st.one_of(
                st.sampled_from([" a", " b.", "-c", " ,", "…", " %", ' "', " Dr.", ""]),
                st.text(max_size=4),
            ),
            st.floats(-5, 120),
            st.floats(-5, 120),
            st.floats(0, 1),
        ),
        max_size=60,
    )
)
def test_any_words_give_orderly_lines(words: list[Word]) -> None:
    check(list(lines(words, duration=90.0)), 90.0)


def test_a_table_is_read_by_straight_lines() -> None:
    table = ((0.2, 0.1), (0.6, 0.5), (0.9, 0.95))

    assert calibrated(0.1, table) == 0.1
    assert calibrated(0.4, table) == pytest.approx(0.3)
    assert calibrated(0.9, table) == calibrated(1.0, table) == 0.95


def test_scores_are_clamped_and_no_score_means_look_at_it() -> None:
    assert [calibrated(raw) for raw in (-1.0, 0.37, 1.5, math.nan)] == [0.0, 0.37, 1.0, 0.0]
