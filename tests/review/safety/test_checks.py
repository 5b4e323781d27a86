"""Each check: what it must leave alone, then what it must find."""

import pytest

from review.safety import (
    allergy,
    contradiction,
    dose_range,
    drug,
    laterality,
    negation,
    no_speech,
    number_sound,
    question,
    sound_alike,
    unknown_word,
    yes_no,
)
from tests.review.safety.texts import document, found, said


@pytest.mark.parametrize(
    "text", ["He takes aspirin.", "Give 20 milligrams.", "Twenty tablets of nothing known."]
)
def test_a_drug_without_a_dose_and_a_dose_without_a_drug_are_no_pair(text: str) -> None:
    assert found(document(text), drug) == []


def test_a_drug_is_marked_with_dose_unit_and_route() -> None:
    text = "He takes lisinopril twenty milligrams by mouth every day."
    assert found(document(text), drug) == ["lisinopril twenty milligrams by mouth"]
    made = document("Doctor: How much metformin?", "Patient: Five hundred milligrams.")
    assert [(m.segment, said(made, m)) for m in drug.find(made)] == [
        ("s0", "metformin"),
        ("s1", "Five hundred milligrams"),
    ]


@pytest.mark.parametrize(
    "text",
    ["Fifteen years old.", "Fifty five milligrams.", "See you in fourteen days.", "Room 15."],
)
def test_numbers_that_measure_nothing_or_are_longer_are_left_alone(text: str) -> None:
    assert found(document(text), number_sound) == []


@pytest.mark.parametrize(
    ("text", "words", "other"),
    [
        ("Take fifteen milligrams.", "fifteen", "fifty"),
        ("Take 50 mg.", "50", "15"),
        ("Amoxicillin for fourteen days.", "fourteen", "forty"),
        ("Thirty units at night.", "Thirty", "Thirteen"),
    ],
)
def test_teens_and_tens_beside_a_unit_show_the_other_number(
    text: str, words: str, other: str
) -> None:
    made = document(text)
    (mark,) = number_sound.find(made)
    assert (said(made, mark), mark.alternatives, mark.critical) == (words, (other,), True)


@pytest.mark.parametrize(
    "text",
    [
        "Lisinopril 20 mg daily.",
        "Levothyroxine 88 micrograms every morning.",
        "Metformin one thousand milligrams twice a day.",
        "Insulin glargine 12 units at bedtime.",
        "Two tablets of ibuprofen.",
        "Amoxicillin 90 mg per kilogram.",
    ],
)
def test_usual_doses_are_left_alone(text: str) -> None:
    assert found(document(text), dose_range) == []


@pytest.mark.parametrize(
    "text",
    [
        "Levothyroxine 88 milligrams every morning.",
        "Lisinopril 200 mg daily.",
        "Warfarin fifty milligrams daily.",
        "Insulin glargine 1,200 units at bedtime.",
        "Twenty tablets of ibuprofen.",
        "Rituximab 50,000 mg.",
    ],
)
def test_a_slip_of_a_digit_or_a_unit_is_marked(text: str) -> None:
    assert len(dose_range.find(document(text))) == 1


@pytest.mark.parametrize(
    "text", ["She left the room.", "All right, that's right.", "Right now he is well."]
)
def test_words_that_are_no_side(text: str) -> None:
    assert found(document(text), laterality) == []


def test_sides_beside_a_part_or_a_finding() -> None:
    text = "Left knee pain. Crackles at the right lung base. Bilateral edema."
    assert found(document(text), laterality) == ["Left", "right", "Bilateral"]


@pytest.mark.parametrize(
    "text",
    [
        "Left knee pain. The left knee is swollen.",
        "Left knee. Right hip.",
        "The left knee is more swollen than the right knee.",
    ],
)
def test_sides_that_do_not_contradict(text: str) -> None:
    assert found(document(text), contradiction) == []


def test_the_side_said_less_often_is_marked() -> None:
    made = document("Left knee pain.", "The left knee is swollen.", "We will image the right knee.")
    (mark,) = contradiction.find(made)
    assert (mark.segment, said(made, mark), mark.alternatives) == ("s2", "right", ("left",))


def test_what_denies_is_marked_once_for_all_that_it_denies() -> None:
    made = document("He denies chest pain, dyspnea or edema.")
    (mark,) = negation.find(made)
    assert said(made, mark) == "denies"
    assert "chest pain, dyspnea, edema" in mark.sentence
    assert found(document("No improvement in her cough."), negation) == []


def test_an_answer_that_denies_is_marked_in_the_answer() -> None:
    made = document("Doctor: Any fever?", "Patient: No.")
    (mark,) = negation.find(made)
    assert (mark.segment, said(made, mark)) == ("s1", "No")


@pytest.mark.parametrize(
    "lines",
    [
        ("Doctor: Any fever?", "Patient: No."),
        ("Doctor: Any fever?", "Patient: Yes."),
        ("Doctor: How is your garden?", "Patient: It is fine."),
    ],
)
def test_clear_answers_need_no_second_look(lines: tuple[str, ...]) -> None:
    assert found(document(*lines), question) == []


def test_a_no_that_was_dropped_leaves_a_finding_without_an_answer() -> None:
    made = document("Doctor: Any chest pain?", "Doctor: I will listen to your lungs.")
    assert found(made, question) == ["chest pain"]
    made = document("Doctor: Any fever, chills, or cough?", "Patient: Fever at night.")
    assert found(made, question) == ["chills", "cough", "Fever"]


def test_allergies() -> None:
    assert found(document("I am allergic to penicillin. It gave me a rash."), allergy) == [
        "allergic penicillin"
    ]
    assert found(document("No known drug allergies."), allergy) == ["No allergies"]
    assert found(document("He takes penicillin."), allergy) == []


def test_sounds_for_yes_and_no() -> None:
    made = document("Doctor: Any fever?", "Patient: Uh-uh.")
    assert found(made, yes_no) == ["Uh-uh"]
    made = document("Doctor: Do you smoke?", "Patient: Mm-hm.")
    (mark,) = yes_no.find(made)
    assert (said(made, mark), mark.alternatives) == ("Mm-hm", ("uh-uh",))
    assert found(document("Patient: No, thank you."), yes_no) == []


def test_names_that_sound_alike_are_shown_and_the_text_left_alone() -> None:
    made = document("Start hydroxyzine 25 mg.")
    (mark,) = sound_alike.find(made)
    assert mark.alternatives == ("hydralazine", "hydromorphone")
    assert "hydrOXYzine" in mark.sentence
    assert "hydroxyzine" in made.text
    assert found(document("Start lisinopril 20 mg."), sound_alike) == []


def test_words_that_nobody_spoke_are_one_mark_a_run() -> None:
    silent = {"marks": ["no_speech"]}
    made = document("Thanks for watching today", watching=silent, today=silent)
    assert found(made, no_speech) == ["watching today"]


def test_unknown_words_offer_near_names_and_never_alarm() -> None:
    unsure = {"confidence": 0.4}
    made = document("He takes lisinoprol daily", lisinoprol=unsure)
    (mark,) = unknown_word.find(made)
    assert mark.alternatives[0] == "lisinopril"
    assert not mark.critical
    for text, changes in (
        ("He takes lisinopril daily", {"lisinopril": unsure}),
        ("He takes lisinoprol daily", {"lisinoprol": {"confidence": 0.97}}),
        ("He takes lisinoprol daily", {"lisinoprol": {"confidence": None, "by": "human"}}),
        ("It was raining yesterday", {"raining": unsure}),
    ):
        assert found(document(text, **changes), unknown_word) == []
