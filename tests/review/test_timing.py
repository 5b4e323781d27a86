"""Typed text becomes tokens; an edit moves no word it did not touch."""

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.timing import normalise, replace_text, text_of, tokenise

VOCABULARY = "take lisinopril 10 mg/dL 120/80 7.9 50% A1c Dr. p.o. follow-up don't No no é µg <b>"
WORDS = st.sampled_from(VOCABULARY.split())
MARKS = st.sampled_from(list(".,;:?!"))


def counter(prefix="h"):
    numbers = itertools.count()
    return lambda: f"{prefix}{next(numbers)}"


def word(n, content, start, end):
    return {
        "id": f"m{n}",
        "type": "pronunciation",
        "content": content,
        "start": start,
        "end": end,
        "confidence": 0.5,
        "by": "machine",
    }


def mark(n, content):
    return {
        "id": f"m{n}",
        "type": "punctuation",
        "content": content,
        "start": None,
        "end": None,
        "confidence": None,
        "by": "machine",
    }


def spoken(text):
    """Items of a text, one second a word with a silence of half a second after each."""
    items, at = [], 0.0
    for n, (kind, content) in enumerate(tokenise(text)):
        if kind == "punctuation":
            items.append(mark(n, content))
        else:
            items.append(word(n, content, at, at + 1.0))
            at += 1.5
    return items


def edit(items, text, start=0.0, end=100.0):
    return replace_text(items, text, start=start, end=end, new_id=counter())


def times(items):
    return [(i["content"], i["start"], i["end"]) for i in items if i["type"] == "pronunciation"]


@st.composite
def item_lists(draw):
    """Machine items with rising starts; ends may overlap the next start, gaps may be empty."""
    items, at = [], draw(st.floats(0, 5))
    for n in range(draw(st.integers(0, 12))):
        if items and draw(st.integers(0, 4)) == 0:
            items.append(mark(n, draw(MARKS)))
            continue
        start = at + draw(st.sampled_from([0.0, 0.01, 0.3333333, 2.0]))
        end = start + draw(st.sampled_from([0.0, 0.2, 1.1]))
        at = draw(st.sampled_from([start, end]))
        items.append(word(n, draw(WORDS), start, end))
    return items


@st.composite
def typed_texts(draw, base):
    """The text of `base` with a few words replaced, inserted or removed, or any text at all."""
    if draw(st.booleans()):
        return draw(st.text(max_size=60))
    words = text_of(base).split()
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(words)))
        words[at : at + draw(st.integers(0, 3))] = draw(st.lists(WORDS, max_size=3))
    return " ".join(words)


@pytest.mark.parametrize(
    ("typed", "tokens"),
    [
        ("A1c was 7.9, up.", "A1c was 7.9 , up ."),
        ("BP 120/80 at 10:30; 50% of 140 mg/dL", "BP 120/80 at 10:30 ; 50% of 140 mg/dL"),
        ("Dr. O'Neil's follow-up p.o., b.i.d.", "Dr. O'Neil's follow-up p.o. , b.i.d."),
        ("Allergies? No. Type 2", "Allergies ? No . Type 2"),
        ("wait ... (mild).", "wait . . . (mild) ."),
        (".5 mg 10,000", ".5 mg 10,000"),
        ("  one\n two \t three\u2028four ", "one two three four"),
        ("e\u0301", "é"),
        ("", ""),
    ],
)
def test_tokens(typed, tokens):
    assert [content for _, content in tokenise(typed)] == tokens.split()


def test_marks_at_the_end_are_punctuation_and_lose_the_space_before_them():
    assert tokenise("yes , no")[1] == ("punctuation", ",")
    assert normalise("yes , no .") == "yes, no."


def test_invisible_characters_cannot_hide_in_a_record():
    assert normalise("10\u202e gm\u200b \x00mg\ud800\ufeff") == "10 gm mg"


@given(st.text())
def test_normalise_is_stable_and_is_the_text_of_the_tokens(text):
    once = normalise(text)
    assert normalise(once) == once
    assert text_of([{"type": t, "content": c} for t, c in tokenise(text)]) == once
    assert "\n" not in once
    assert "  " not in once


def test_one_word_for_one_takes_its_time_and_leaves_the_rest():
    items = spoken("take lisinopril ten milligrams.")
    result = edit(items, "take metoprolol ten milligrams.")
    assert result[0] is items[0]
    assert result[2:] == items[2:]
    assert result[1] == {
        "id": "h0",
        "type": "pronunciation",
        "content": "metoprolol",
        "start": 1.5,
        "end": 2.5,
        "confidence": None,
        "by": "human",
    }


def test_as_many_words_as_before_keep_the_pauses_between_them():
    result = edit(spoken("take ten milligrams daily"), "take 10 mg daily")
    assert times(result)[1:3] == [("10", 1.5, 2.5), ("mg", 3.0, 4.0)]


def test_more_words_than_before_share_the_span_by_length():
    result = edit(spoken("take metformin daily"), "take met form daily")
    assert times(result)[1:3] == [("met", 1.5, 1.929), ("form", 1.929, 2.5)]


def test_an_inserted_word_fills_the_silence_between_its_neighbours():
    result = edit(spoken("take daily"), "take twice daily")
    assert times(result) == [("take", 0.0, 1.0), ("twice", 1.0, 1.5), ("daily", 1.5, 2.5)]


def test_an_insertion_without_silence_takes_no_time_from_anyone():
    items = [word(0, "take", 0.0, 1.0), word(1, "daily", 1.0, 2.0)]
    assert times(edit(items, "take it twice daily"))[1:3] == [("it", 1.0, 1.0), ("twice", 1.0, 1.0)]


def test_the_edges_of_the_segment_bound_words_at_its_ends():
    items = [word(0, "pain", 2.0, 3.0)]
    result = edit(items, "no pain today", start=1.0, end=4.0)
    assert times(result) == [("no", 1.0, 2.0), ("pain", 2.0, 3.0), ("today", 3.0, 4.0)]
    assert times(edit([], "new", start=1.0, end=4.0)) == [("new", 1.0, 4.0)]


def test_punctuation_alone_touches_no_word():
    items = spoken("no pain today")
    result = edit(items, "no, pain today.")
    assert [i["id"] for i in result] == ["m0", "h0", "m1", "m2", "h1"]
    assert result[1]["start"] is result[1]["end"] is None


def test_engine_tokens_that_typing_would_group_otherwise_stay():
    items = [word(0, "Dr", 0.0, 1.0), mark(1, "."), word(2, "type 2", 1.0, 2.0)]
    items += [word(3, "old", 2.0, 3.0)]
    assert edit(items, "Dr. type 2 old") == items
    result = edit(items, "Dr. type 2 new")
    assert result[:3] == items[:3]
    assert result[3]["content"] == "new"
    assert text_of(edit(items, "Dr. type 3 old")) == "Dr. type 3 old"


def test_a_cleared_text_leaves_nothing():
    assert edit(spoken("no pain"), " \n ") == []


@given(st.data())
def test_whatever_is_typed(data):
    items = data.draw(item_lists())
    text = data.draw(typed_texts(items))
    snapshot = [dict(item) for item in items]
    result = edit(items, text, start=0.0, end=30.0)
    assert text_of(result) == normalise(text)
    assert items == snapshot
    assert result == edit(items, text, start=0.0, end=30.0)
    assert edit(result, text) == result

    kept = {item["id"]: item for item in items}
    for item in result:
        if item["id"] in kept:
            assert item == kept[item["id"]]
        else:
            assert (item["by"], item["confidence"]) == ("human", None)
            assert (item["start"] is None) == (item["type"] == "punctuation")
    assert len({item["id"] for item in result}) == len(result)
    order = [item["id"] for item in result if item["id"] in kept]
    assert order == sorted(order, key=lambda i: int(i[1:]))

    spoken_items = [item for item in result if item["type"] == "pronunciation"]
    starts = [item["start"] for item in spoken_items]
    assert starts == sorted(starts)
    assert all(item["start"] <= item["end"] for item in spoken_items)


@given(st.integers(2, 40), st.data())
def test_words_outside_the_edit_never_move(size, data):
    items = [word(n, f"w{n}", n * 1.0, n + 0.7) for n in range(size)]
    low = data.draw(st.integers(0, size))
    high = data.draw(st.integers(low, size))
    typed = data.draw(st.lists(st.sampled_from(["new", "words", "only."]), max_size=5))
    words = [i["content"] for i in items]
    result = edit(items, " ".join([*words[:low], *typed, *words[high:]]), end=float(size))
    assert result[:low] == items[:low]
    assert result[len(result) - (size - high) :] == items[high:]
    for item in result[low : len(result) - (size - high)]:
        if item["type"] == "pronunciation":
            assert item["start"] >= (items[low - 1]["end"] if low else 0.0)
            assert item["end"] <= (items[high]["start"] if high < size else float(size))


def test_a_long_monotonous_text_is_quick():
    items = [word(n, "and", float(n), n + 0.5) for n in range(1000)]
    before = time.perf_counter()
    edit(items, " ".join(["and then"] * 800))
    assert time.perf_counter() - before < 3
