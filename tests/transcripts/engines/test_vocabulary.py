"""AWS's vocabulary table: every rule that can be broken, then what a table is good for."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transcripts.engines.said import line, lines
from transcripts.engines import specialties
from transcripts.engines.spoken import said, split, text_of
from transcripts.engines.vocabulary import Term, VocabularyError, display, hotwords, parse

HEADER = "Phrase\tIPA\tSoundsLike\tDisplayAs\n"


def problems(text: bytes | str) -> list[tuple[int, str]]:
    with pytest.raises(VocabularyError) as error:
        parse(text)
    return error.value.problems


@pytest.mark.parametrize(
    ("text", "line_number", "words"),
    [
        (b"", 1, "empty"),
        (b"\n\n", 1, "empty"),
        (HEADER, 1, "no row"),
        (HEADER.encode() + b"ok\nab\xff\n", 3, "UTF-8"),
        (HEADER.encode() + b"a" * 60_000, 1, "50 KB"),
        ("\ufeff" + HEADER + "a\n", 1, "byte order mark"),
        (HEADER.replace("\n", "\r\n") + "a\r\n", 1, "LF"),
        (HEADER + "a\rb\n", 2, "LF"),
        ("Phrase\tIPA\tSoundsLike\na\n", 1, "DisplayAs is missing"),
        ("Phrase\tIPA\tSoundsLike\tDisplayAs\tIPA\na\n", 1, "IPA is there 2 times"),
        ("Phrase,IPA,SoundsLike,DisplayAs\na\n", 1, "parted by tabs"),
        ("phrase\tIPA\tSoundsLike\tDisplayAs\na\n", 1, "“phrase” is not a column"),
        ("Phrase \tIPA\tSoundsLike\tDisplayAs\na\n", 1, "spaces around"),
        (HEADER + "\t\t\tA1c\n", 2, "Phrase is missing"),
        (HEADER + "a\n\nb\n", 3, "line is empty"),
        (HEADER + "a\tə\tay\t\n", 2, "both given"),
        (HEADER + "a\t\t\t\tb\n", 2, "5 cells"),
        (HEADER + "a" * 256 + "\n", 2, "256 characters"),
        (HEADER + "a\t\t\t" + "x" * 256 + "\n", 2, "DisplayAs has 256"),
        (HEADER + "atrial fibrillation\n", 2, "join words with hyphens"),
        (HEADER + "a\t\tlis in opel\t\n", 2, "SoundsLike contains a space"),
        (HEADER + "vitamin-b12\n", 2, "numbers as words"),
        (HEADER + "café\n", 2, "“é”"),
        (HEADER + "a-\n", 2, "without a word on both sides"),
        (HEADER + "A.B\n", 2, "A.B.C."),
        (HEADER + "mr.smith\n", 2, "A.B.C."),
        (HEADER + "a \n", 2, "space at its beginning or end"),
        (HEADER + "a\t\t\tb \n", 2, "DisplayAs has a space"),
        (HEADER + "a\t\t\tb\u200bc\n", 2, "invisible"),
        (HEADER + "a\t\t\tb\x00c\n", 2, "invisible"),
    ],
)
def test_each_broken_rule_is_told_with_its_line(text, line_number, words):
    assert any(number == line_number and words in sentence for number, sentence in problems(text))


def test_all_problems_are_told_at_once_in_order():
    found = problems(HEADER + "a b\nok\n\t\t\tX\nc\tə\tsee\t\nd1\n")
    assert [number for number, _ in found] == [2, 4, 5, 6]


def test_a_good_table_is_read_whatever_the_order_of_its_columns():
    text = "DisplayAs\tSoundsLike\tIPA\tPhrase\n"
    text += "lisinopril\tlisten-opel\t\tlisinopril\nA1c\t\t\tA.one.C."
    assert problems(text) == [
        (3, "Write initials in Phrase as A.B.C., with a dot after each letter.")
    ]
    text = text.replace("A.one.C.", "A.-one-C.")
    assert parse(text) == [
        Term("lisinopril", "", "listen-opel", "lisinopril"),
        Term("A.-one-C.", "", "", "A1c"),
    ]


def test_short_rows_apostrophes_initials_and_spaces_in_ipa_and_display_are_good():
    rows = "Crohn's-disease\nC.B.C.\t\t\tcomplete blood count\nF.B.I.-s\nmetoprolol\tm ə t\t\t\n"
    terms = parse(HEADER + rows)
    assert [term.spoken for term in terms] == ["Crohn's disease", "CBC", "FBI s", "metoprolol"]


def test_hotwords_put_the_vocabulary_first_without_doubles_and_within_bounds():
    terms = [Term("Lisinopril"), Term("atrial-fibrillation"), Term("T.S.H.")]
    words = hotwords(terms, "FAMILYMEDICINE")
    assert words[:3] == ("Lisinopril", "atrial fibrillation", "TSH")
    assert len({word.lower() for word in words}) == len(words)
    assert len(" ".join(words).split()) <= 120
    many = [Term("x" + "a" * (n + 1)) for n in range(200)]
    assert hotwords(many, "OBGYN") == tuple(term.phrase for term in many[:120])
    assert hotwords([], "ASTROLOGY") == ()


@pytest.mark.parametrize("specialty", ["FAMILYMEDICINE", "INTERNALMEDICINE", "OBGYN", "PEDIATRICS"])
def test_every_specialty_has_terms_and_forms(specialty):
    assert len(set(specialties.bias(specialty))) == len(specialties.bias(specialty)) >= 80
    assert specialties.forms(specialty)["a one c"] == "A1c"


TERMS = [
    Term("hemoglobin-A.-one-C.", display_as="HbA1c"),
    Term("A.-one-C.", display_as="A1c"),
    Term("lisinopril", sounds_like="listen-opel"),
    Term("T.S.H.", display_as="TSH level"),
    Term("C.B.C."),
    Term("metoprolol", display_as="metoprolol"),
]


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("HEMOGLOBIN a one c today", "HbA1c today"),
        ("the A one C is", "the A1c is"),
        ("a one, c", "a one, c"),  # not across a mark
        ("takes Listen Opel daily", "takes lisinopril daily"),
        ("takes listen-opel daily", "takes lisinopril daily"),
        ("tsh and T S H and T.S.H", "TSH level and TSH level and T.S.H"),
        ("cbc", "cbc"),  # without DisplayAs a phrase stays as it was recognised
        ("Metoprolol helps. Listen opel too", "Metoprolol helps. Lisinopril too"),
        ("takes Metoprolol", "takes metoprolol"),
        ("lisinoprilat", "lisinoprilat"),  # whole words only
        ("a pre-A one C check", "a pre-A one C check"),
    ],
)
def test_display_forms_are_put_in_place_of_what_was_recognised(text, result):
    assert [text_of(one["items"]) for one in display(lines(text), TERMS)] == [result]


def test_a_replaced_phrase_keeps_words_time_and_least_confidence():
    one = line("the A one C is")
    one["items"][2] |= {"confidence": 0.2, "raw_confidence": 0.1}
    item = display([one], TERMS)[0]["items"][1]
    assert (item["content"], item["spoken"]) == ("A1c", "A one C")
    assert (item["start"], item["end"]) == (0.5, 1.9)
    assert (item["confidence"], item["raw_confidence"]) == (0.2, 0.1)


def test_other_readings_of_a_line_are_shown_alike():
    one = line("listen opal")
    one["alternatives"] = [line("listen opel")["items"]]
    shown = display([one], TERMS)[0]
    assert [text_of(reading) for reading in shown["alternatives"]] == ["lisinopril"]
    assert text_of(shown["items"]) == "listen opal"


WORDS = ["A", "one", "C", "hemoglobin", "listen", "opel", "listen-opel", "tsh", "T", "S", "H", ","]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join).map(lines))
def test_no_word_is_lost_and_twice_is_once(given_lines):
    before = copy.deepcopy(given_lines)
    result = display(given_lines, TERMS)
    assert given_lines == before and display(result, TERMS) == result
    after = [word for one in result for item in one["items"] for word in split(said(item))]
    assert after == [w for one in before for item in one["items"] for w in split(said(item))]
    times = [i["start"] for one in result for i in one["items"] if i["start"] is not None]
    assert times == sorted(times)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200) | st.binary(max_size=200))
def test_any_file_is_read_or_refused_with_lines(given_file):
    try:
        assert parse(given_file)
    except VocabularyError as error:
        assert error.problems and all(number >= 1 and s for number, s in error.problems)
