"""Where a signed text and a blind second one differ, upon the machine's words."""

from hypothesis import given, settings
from hypothesis import strategies as st

from review.quality.places import changed, compare


def machine(*segments: str) -> list[list[dict]]:
    n, made = 0, []
    for segment in segments:
        made.append([])
        for word in segment.split():
            kind = "punctuation" if word in ".,?" else "pronunciation"
            made[-1].append({"id": f"m{n}", "type": kind, "content": word})
            n += 1
    return made


def signed(items: list[list[dict]], text: str) -> list[list]:
    """Words of a document: those that the machine said keep its ids, in order."""
    left = [(item["id"], item["content"]) for segment in items for item in segment]
    made = []
    for n, word in enumerate(text.split()):
        at = next((i for i, (_, content) in enumerate(left) if content == word), None)
        made.append([f"h{n}" if at is None else left[at][0], word])
        left = left if at is None else left[at + 1 :]
    return made


def found(said: list[str], first: str, second: list[str]) -> list[tuple]:
    """(machine, signed, second) at each place, with who changed it."""
    items = machine(*said)
    document = signed(items, first)
    ours = [item["content"] for segment in items for item in segment]
    typed = [segment.split() for segment in second]
    flat = [word for segment in typed for word in segment]
    texts = (ours, [word[1] for word in document], flat)
    made = []
    for place in compare(items, document, typed):
        spans = (place.machine, place.signed, place.second)
        parts = [" ".join(text[a:b]) for text, (a, b) in zip(texts, spans, strict=True)]
        who = "both" if place.same else f"{'1' * place.first_changed}{'2' * place.second_changed}"
        made.append((*parts, who))
    return made


SAID = ["patient takes hydralazine fifty milligrams daily .", "no chest pain"]


def test_the_same_correction_is_one_place_that_both_found():
    first = "patient takes hydroxyzine fifty milligrams daily . no chest pain"
    second = ["patient takes hydroxyzine fifty milligrams daily", "no chest pain ."]
    assert found(SAID, first, second) == [("hydralazine", "hydroxyzine", "hydroxyzine", "both")]


def test_words_that_touch_are_two_places_where_different_people_changed_them():
    first = "patient takes hydroxyzine fifty milligrams daily . no chest pain"
    second = ["patient takes hydralazine fifteen milligrams daily .", "no chest pain"]
    assert [place[3] for place in found(SAID, first, second)] == ["1", "2"]


def test_both_changed_a_place_and_do_not_agree():
    first = "patient takes hydroxyzine fifty milligrams daily . no chest pain"
    second = ["patient takes hydroxychloroquine fifty milligrams daily .", "no chest pain"]
    assert found(SAID, first, second) == [
        ("hydralazine", "hydroxyzine", "hydroxychloroquine", "12")
    ]


def test_words_left_out_and_words_added():
    first = "patient takes hydralazine fifty milligrams daily . chest pain"
    second = ["patient takes hydralazine fifty milligrams twice daily .", "no chest pain"]
    assert found(SAID, first, second) == [
        ("", "", "twice", "2"),
        ("no", "", "no", "1"),
    ]


def test_case_marks_hesitations_and_ways_of_writing_a_number_are_no_difference():
    first = "Patient takes hydralazine 50 mg daily . No chest pain ."
    second = ["um patient takes hydralazine fifty milligrams , daily", "No chest pain !"]
    assert found(SAID, first, second) == []


def test_an_error_that_the_first_review_brought_in():
    first = "patient takes hydralazine fifty milligrams daily . chest pain"
    assert found(SAID, first, SAID) == [("no", "", "no", "1")]


def test_everything_rewritten_is_one_place():
    assert found(["a b c"], "x y", ["v w"]) == [("a b c", "x y", "v w", "12")]
    assert found([""], "", [""]) == []


WORDS = st.lists(
    st.sampled_from(["alpha", "beta", "gamma", "two", "no", "2", "um", ","]), max_size=9
)


@given(st.lists(st.tuples(WORDS, WORDS), max_size=4), WORDS)
@settings(max_examples=30, deadline=None)
def test_a_text_against_itself_has_no_place_of_its_own(segments, first):
    said = [" ".join(ours) for ours, _ in segments]
    items = machine(*said)
    document = signed(items, " ".join(first))
    for place in compare(items, document, [line.split() for line in said]):
        assert place.first_changed and not place.second_changed and not place.same
    same = signed(items, " ".join(said))
    for place in compare(items, same, [theirs for _, theirs in segments]):
        assert place.second_changed and not place.first_changed


@given(st.lists(st.tuples(WORDS, WORDS), max_size=4), WORDS)
@settings(max_examples=30, deadline=None)
def test_places_are_in_order_and_never_overlap(segments, first):
    items = machine(*(" ".join(ours) for ours, _ in segments))
    document = signed(items, " ".join(first))
    last = [0, 0, 0]
    for place in compare(items, document, [theirs for _, theirs in segments]):
        for side, span in enumerate((place.machine, place.signed, place.second)):
            assert last[side] <= span.first <= span.last
            last[side] = span.last


def test_changes_of_a_signed_document_alone():
    items = machine("patient takes hydralazine fifty milligrams")
    document = signed(items, "patient takes hydroxyzine 50 mg at night")
    (wrong, more) = changed(items[0], document)
    assert (wrong, more) == (((2, 3), (2, 3)), ((5, 5), (5, 7)))
