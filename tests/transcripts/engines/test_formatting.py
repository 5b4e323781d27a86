"""Spoken numbers and marks in writing: the traps first, then what is expected, then what holds."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transcripts.engines.said import line, lines
from transcripts.engines.formatting import written
from transcripts.engines.spoken import listed, said, split, text_of


def shown(text: str, type: str = "DICTATION", specialty: str = "FAMILYMEDICINE") -> str:
    result = written(lines(text), type=type, specialty=specialty)
    starts = {True: "¶ ", False: ""}
    return " | ".join(
        starts["paragraph" in one] + ("↵ " if "new_line" in one else "") + text_of(one["items"])
        for one in result
    )


@pytest.mark.parametrize(
    "text",
    [
        "take one twenty milligram tablet",  # one of 20 mg, or 120 mg?
        "levothyroxine one twenty five micrograms",
        "take two hundred milligram tablets",  # two of 100 mg, or tablets of 200 mg?
        "five five milligrams",
        "no one came. one of them had one day off, this one another",
        "in two weeks, for three days, every four to six hours",
        "nine out of ten patients",
        "twenty thirty minutes",
        "nineteen ninety nine milligrams",
        "take two one hundred milligram tablets",
        "creatinine of one forty two",
        "fifth metatarsal of the fifth toe",
        "twenty four seven and fifty fifty",
        "five gram negative rods",
        "you may first notice it. You may five times",
        "several hundred and a hundred people",
        "two and a half weeks",
        "half a tablet",
        "5 mg and 8.1% and 148/86",
        "this type one would expect",
        "one hundred five hundred milligrams",
    ],
)
def test_numbers_with_two_readings_and_in_prose_stay_words(text):
    assert shown(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "She has regular menstrual period.",
        "For a period of time.",
        "She has no period.",
        "over a two week period.",
        "Her last period was in May.",
        "She had a heavy period.",
        "through the febrile period.",
        "Period pain, period cramps.",
        "colon cancer in the sigmoid colon.",
        "Family history colon cancer.",
        "Examination of the colon.",
        "a new line was placed. Place new line in the left arm.",
        "He is in a comma. A comma shaped scar.",
        "She began a new paragraph.",
        "That is a question mark.",
        "It came to a full stop.",
        "Comma first. Nothing before it.",
        "new paragraph the patient",
    ],
)
def test_words_that_only_look_like_commands_stay(text):
    assert shown(text) == text


def test_a_conversation_has_no_commands_but_figures():
    text = "no pain, period. New paragraph. It was fifteen milligrams"
    assert shown(text, type="CONVERSATION") == "no pain, period. New paragraph. It was 15 mg"


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("fifteen milligrams", "15 mg"),
        ("20 milligrams", "20 mg"),
        ("fifteen mg", "15 mg"),
        ("twenty-five micrograms", "25 mcg"),
        ("one thousand milligrams", "1,000 mg"),
        ("a hundred milligrams", "100 mg"),
        ("point five milligrams", "0.5 mg"),
        ("at this point five milligrams", "at this point 5 mg"),
        ("zero point one two five milligrams", "0.125 mg"),
        ("five to ten milligrams", "5 to 10 mg"),
        ("one to two tablets", "1 to 2 tablets"),
        ("one and a half tablets", "1.5 tablets"),
        ("ten units of insulin", "10 units of insulin"),
        ("one hundred and forty milligrams per deciliter", "140 mg/dL"),
        ("eight point one percent", "8.1%"),
        ("one hundred forty eight over eighty six", "148/86"),
        ("one forty eight over eighty six", "148/86"),
        ("148 over 86", "148/86"),
        ("visual acuity is twenty twenty", "visual acuity is 20/20"),
        ("a two over six systolic murmur", "a 2/6 systolic murmur"),
        ("pain is seven out of ten", "pain is 7/10"),
        ("two plus edema", "2+ edema"),
        ("three by four centimeters", "3 x 4 cm"),
        ("type two diabetes, stage three b", "type 2 diabetes, stage 3b"),
        ("hemoglobin A one C", "hemoglobin A1c"),
        ("vitamin b twelve and covid nineteen", "vitamin B12 and COVID-19"),
        ("a sixty two year old, a five year old", "a 62 year old, a 5 year old"),
        ("sixty-two-year-old", "62-year-old"),
        ("eight to twelve weeks", "8 to 12 weeks"),
        ("born in nineteen seventy", "born in 1970"),
        ("in twenty twenty four", "in 2024"),
        ("on May fifth twenty twelve", "on May 5th 2012"),
        ("May five twenty twelve", "May 5 2012"),
        ("creatinine one point oh", "creatinine 1.0"),
        ("twenty-twenty vision", "20/20 vision"),
        ("from a stand point five milligrams", "from a stand point 5 mg"),
        ("ten-milligram tablet", "10 mg tablet"),
        ("fifty milligrams per kilogram per day", "50 mg/kg per day"),
        ("at eight thirty a m", "at 8:30 a.m."),
        ("MRN three zero zero seven seven", "MRN 30077"),
        ("gravida two para one", "gravida 2 para 1"),
        ("Apgars were eight and nine", "Apgars were 8 and 9"),
        ("weight is one eighty pounds", "weight is 180 lbs"),
        ("between one hundred and two hundred", "between 100 and 200"),
    ],
)
def test_measurements_are_written_in_figures(text, result):
    assert shown(text) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("no pain period she denies fever", "no pain. She denies fever"),
        ("no pain, period. She", "no pain. She"),
        ("heart rate is regular period.", "heart rate is regular."),
        ("metformin twice a day period.", "metformin twice a day."),
        (
            "No complaints at this time period.|New paragraph Exam",
            "No complaints at this time. | ¶ Exam",
        ),
        ("on the left period.|New paragraph. Plan", "on the left. | ¶ Plan"),
        ("fever comma chills comma cough", "fever, chills, cough"),
        ("plan colon follow up", "plan: follow up"),
        ("Plan, colon, follow up", "Plan: follow up"),
        ("Assessment new line one hypertension", "Assessment | ↵ One hypertension"),
        ("pain|Comma fever|period.", "pain, | fever."),
        ("pain open paren acute close paren now", "pain (acute) now"),
        ("stage three period new paragraph plan", "stage 3. | ¶ Plan"),
        ("he took fifteen new paragraph next", "he took 15 | ¶ Next"),
    ],
)
def test_commands_of_a_dictation_are_carried_out(text, result):
    assert shown(text) == result


def test_an_item_in_figures_keeps_what_was_said_its_time_and_its_least_confidence():
    one = line("takes fifteen milligrams daily")
    one["items"][1] |= {"confidence": 0.4, "raw_confidence": 0.3, "marks": ["no_speech"]}
    one["items"][1]["alternatives"] = [
        {"content": "fifty", "confidence": 0.3},
        {"content": "fishing", "confidence": 0.1},
    ]
    item = written([one], type="CONVERSATION", specialty="")[0]["items"][1]
    assert (item["content"], item["spoken"]) == ("15 mg", "fifteen milligrams")
    assert (item["start"], item["end"]) == (0.5, 1.4)
    assert (item["confidence"], item["raw_confidence"]) == (0.4, 0.3)
    assert item["marks"] == ["no_speech"]
    assert item["alternatives"] == [
        {"content": "50 mg", "confidence": 0.3},
        {"content": "fishing milligrams", "confidence": 0.1},
    ]


def test_other_readings_of_a_line_are_written_too_and_split_with_it_or_dropped():
    one = line("took fifteen milligrams new paragraph plan")
    one["alternatives"] = [
        line("took fifty milligrams new paragraph plans")["items"],
        line("took fifty milligrams new paragraf plans")["items"],
    ]
    first, second = written([one], type="DICTATION", specialty="")
    assert [text_of(reading) for reading in first["alternatives"]] == ["took 50 mg"]
    assert [text_of(reading) for reading in second["alternatives"]] == ["Plans"]


def test_a_break_splits_the_times_and_says_so_on_line_and_item():
    first, second = written([line("pain new paragraph plan")], type="DICTATION", specialty="")
    assert first["items"][-1]["spoken"] == "pain new paragraph"
    assert (first["start"], first["end"]) == (0.0, 1.4)
    assert second["paragraph"] is True and second["items"][0]["starts"] == "paragraph"
    assert (second["start"], second["end"]) == (1.5, 2.0)


def test_a_command_does_not_reach_into_another_channel():
    given_lines = [line("pain", channel=0), line("Comma fever", start=5.0, channel=1)]
    result = written(given_lines, type="DICTATION", specialty="")
    assert [text_of(one["items"]) for one in result] == ["pain", "Comma fever"]


WORDS = sorted(
    listed(
        "zero one two five nine ten fifteen twenty twenty-five forty hundred thousand and "
        "point oh a  over out of by to or half plus percent milligrams milligram mg units "
        "tablets weeks old year  type stage may March fifth first second period comma colon "
        "new line paragraph open close paren  Plan plan pain she The full stop question mark "
        "at this 20 148 8.1 1,000 A one C am m b diabetes  between sixty-two-year-old . , ? : "
    )
)
TEXTS = st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)
LINES = st.lists(TEXTS, min_size=1, max_size=3).map("|".join).map(lines)
KINDS = st.sampled_from(["DICTATION", "CONVERSATION"])


@settings(max_examples=400, deadline=None)
@given(LINES, KINDS)
def test_no_word_is_lost_times_run_on_and_twice_is_once(given_lines, kind):
    before = copy.deepcopy(given_lines)
    result = written(given_lines, type=kind, specialty="FAMILYMEDICINE")
    assert given_lines == before
    assert written(copy.deepcopy(result), type=kind, specialty="FAMILYMEDICINE") == result
    items = [item for one in result for item in one["items"]]
    assert [w for item in items for w in split(said(item))] == [
        w for one in before for item in one["items"] for w in split(said(item))
    ]
    now = 0.0
    for one in result:
        assert one["start"] <= one["end"] and "_from" not in one
        for item in one["items"]:
            assert item["content"]
            if item["type"] == "punctuation":
                assert item["start"] is item["end"] is item["confidence"] is None
                continue
            assert now <= item["start"] <= item["end"] and item["confidence"] == 0.9
            now = item["start"]
