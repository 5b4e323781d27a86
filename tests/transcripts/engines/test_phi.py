"""PHI by cues and formats: what must not be taken for it first."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transcripts.engines.said import line, lines
from transcripts.engines.formatting import written
from transcripts.engines.phi import detect


def found(text: str) -> list[tuple[str, str]]:
    return [(entity["type"], entity["content"]) for entity in detect(lines(text))]


@pytest.mark.parametrize(
    "text",
    [
        "Patient Denies chest pain. The patient is Stable and Afebrile.",
        "The patient is Caucasian. The patient is African American.",
        "Seen by Cardiology. Referred by Neurology.",
        "The patient takes Lisinopril. Patient Lisinopril Metformin",
        "She may return in two weeks. They march on.",
        "Blood pressure 148/86, for 3 weeks, 20 mg, A1c 8.1%",
        "the doctor said so. Doctor, please help",
        "the nurse called and the driver left",
        "he drives on the way to work, 5 Way",
        "patient is doing well today",
        "the record number of cases",
        "Heart rate 72 regular. WBC 12.5. T4 1.2",
        "a few days old rash",
    ],
)
def test_what_is_no_phi_is_not_marked(text):
    assert found(text) == []


def test_small_letters_alone_make_no_name():
    assert found("patient is doing well and patient is stable now") == []
    assert found("patient is feeling better 45 percent") == []


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("Dictation for Karen Lindqvist.", [("NAME", "Karen Lindqvist")]),
        ("Dictation for Karen Poe, MRN 30077.", [("NAME", "Karen Poe"), ("ID", "30077")]),
        ("Doctor: How are you? Patient: Any fever, Dr. Poe", [("NAME", "Poe")]),
        ("Hello, I am Doctor Evans. How is the knee?", [("NAME", "Evans")]),
        ("seen with Dr. O'Neil-Smith today", [("NAME", "O'Neil-Smith")]),
        ("Patient name is Maria Del Rio", [("NAME", "Maria Del Rio")]),
        ("patient is jim poe forty five year old", [("NAME", "jim poe"), ("AGE", "forty five")]),
        ("a 62-year-old man", [("AGE", "62-year-old")]),
        ("a 94 year old woman, aged 94", [("AGE", "94"), ("AGE", "94")]),
        ("call back on 555-013-8841", [("PHONE", "555-013-8841")]),
        ("call five five five oh one two two", [("PHONE", "five five five oh one two two")]),
        ("social security number is 123-45-6789", [("ID", "123-45-6789")]),
        ("license plate 7ABC123", [("ID", "7ABC123")]),
        ("seen on March 5th 2024", [("DATE", "March 5th 2024")]),
        ("the fifth of May", [("DATE", "fifth of May")]),
        ("born 01/31/1970", [("DATE", "01/31/1970")]),
        ("lives at 12 Old Mill Road", [("ADDRESS", "12 Old Mill Road")]),
        ("zip code 02139", [("ADDRESS", "02139")]),
        ("write to jane.doe@example.com", [("EMAIL", "jane.doe@example.com")]),
        ("mail jane at example dot com", [("EMAIL", "jane at example dot com")]),
        ("he works as a carpenter", [("PROFESSION", "carpenter")]),
    ],
)  # fmt: skip
def test_cues_and_formats_are_found(text, entities):
    assert found(text) == entities


def test_an_entity_has_aws_group_place_times_and_rule_strength():
    entity = detect([line("Hello"), line("Dr. Evans, MRN 30077", start=10.0)])[0]
    assert entity == {
        "line": 1,
        "items": [1, 1],
        "content": "Evans",
        "category": "PHI*-Personal*",
        "type": "NAME",
        "start": 10.5,
        "end": 10.9,
        "confidence": 0.9,
    }


def test_what_formatting_wrote_is_found_as_well():
    text = "MRN three zero zero seven seven, sixty two year old, May fifth"
    given_lines = written(lines(text), type="DICTATION", specialty="")
    kinds = [(e["type"], e["content"]) for e in detect(given_lines)]
    assert kinds == [("ID", "30077"), ("AGE", "62"), ("DATE", "May 5th")]


WORDS = ["patient", "is", "Dr.", "Evans", "MRN", "30077", "May", "5th", "12", "Old", "Road", "old"]
WORDS += ["year", "at", "dot", "forty", "five", "oh", "555-013-8841", "zip", "code", ".", ",", "of"]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=16).map(" ".join))
def test_entities_lie_inside_their_line_in_order_and_apart(text):
    given_lines = lines(text)
    last = -1
    for entity in detect(given_lines):
        first, end = entity["items"]
        items = given_lines[entity["line"]]["items"]
        assert last < first <= end < len(items) and 0 < entity["confidence"] <= 1
        assert (entity["start"], entity["end"]) == (items[first]["start"], items[end]["end"])
        last = end
