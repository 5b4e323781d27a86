"""Clinical entities: what must not be found, then what must, and what it belongs to."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.bench import entities as bench
from transcripts.engines.entities import LocalLanguage, NotAvailable

TEXTS = Path(__file__).parents[2] / "text"
engine = LocalLanguage()


def found(text: str, turns: Any = None) -> dict[str, dict[str, Any]]:
    return {e["Text"]: e for e in engine.detect_entities_v2(text, turns)["Entities"]}


def traits(text: str, name: str, turns: Any = None) -> set[str]:
    return {trait["Name"] for trait in found(text, turns)[name]["Traits"]}


def parts(text: str, name: str) -> list[tuple[str, str]]:
    return [(a["Type"], a["Text"]) for a in found(text)[name]["Attributes"]]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "?!",
        "Please come back on Monday, all right? That's right.",
        "She left the hospital right away.",
        "We talked about the weather and the garden.",
    ],
)
def test_nothing_clinical_gives_nothing(text: str) -> None:
    assert engine.detect_entities_v2(text)["Entities"] == []


def test_what_this_engine_lacks_is_said_and_never_an_empty_success() -> None:
    for method in (engine.infer_rx_norm, engine.infer_snomedct):
        with pytest.raises(NotAvailable, match="not available in this engine"):
            method("aspirin")


def test_offsets_are_code_points_also_behind_letters_beyond_the_basic_plane() -> None:
    text = "😀 naïve — he takes lisinopril 20 mg daily."
    one = found(text)["lisinopril"]
    assert text[one["BeginOffset"] : one["EndOffset"]] == "lisinopril"
    assert [text[a["BeginOffset"] : a["EndOffset"]] for a in one["Attributes"]] == [
        "20 mg",
        "daily",
    ]


def test_a_strength_without_a_drug_is_unmapped() -> None:
    answer = engine.detect_entities_v2("Give him 500 milligrams now.")
    assert [u["Attribute"]["Text"] for u in answer["UnmappedAttributes"]] == ["500 milligrams"]


@pytest.mark.parametrize(
    ("text", "drug", "wanted"),
    [
        (
            "amoxicillin five hundred milligrams three times a day for ten days",
            "amoxicillin",
            [
                ("STRENGTH", "five hundred milligrams"),
                ("FREQUENCY", "three times a day"),
                ("DURATION", "for ten days"),
            ],
        ),
        (
            "Two puffs of albuterol every four hours as needed.",
            "albuterol",
            [
                ("DOSAGE", "Two"),
                ("FORM", "puffs"),
                ("FREQUENCY", "every four hours"),
                ("FREQUENCY", "as needed"),
            ],
        ),
        (
            "Metoprolol succinate 50 mg p.o. once daily.",
            "Metoprolol succinate",
            [("STRENGTH", "50 mg"), ("ROUTE_OR_MODE", "p.o."), ("FREQUENCY", "once daily")],
        ),
        (
            "Doctor: How much metformin do you take? Patient: A thousand milligrams twice a day.",
            "metformin",
            [("STRENGTH", "A thousand milligrams"), ("FREQUENCY", "twice a day")],
        ),
        (
            "Start a 7 day course of doxycycline.",
            "doxycycline",
            [("DURATION", "7 day")],
        ),
    ],
)
def test_a_dose_belongs_to_its_drug(text: str, drug: str, wanted: list[tuple[str, str]]) -> None:
    got = parts(text, drug)
    if text.startswith("Doctor"):
        wanted = [(kind, part.removeprefix("A ")) for kind, part in wanted]
        got = [(kind, part.removeprefix("A ")) for kind, part in got]
    assert got == wanted


@pytest.mark.parametrize(
    ("text", "name", "negated"),
    [
        ("No improvement in her cough.", "cough", False),
        ("She is not sure about the rash.", "rash", False),
        ("He denies chest pain but has palpitations.", "palpitations", False),
        ("No fever, chills or night sweats.", "night sweats", True),
        ("There is no evidence of pneumonia.", "pneumonia", True),
        ("Rapid strep negative, pneumonia ruled out.", "pneumonia", True),
        ("no cough he takes aspirin for his headache", "headache", False),
        ("Doctor: Any nausea or vomiting? Patient: Nope.", "vomiting", True),
        ("Doctor: Any nausea? Patient: A little.", "nausea", False),
        ("Doctor: Do you have asthma? Patient: Uh-uh.", "asthma", True),
        ("Doctor: Any fever? Patient: No fever, just a cough.", "cough", False),
        ("Any fever? No.", "fever", True),
        ("Doctor: Any fever? Doctor: Any cough? Patient: No.", "cough", True),
    ],
)
def test_negation_in_the_sentence_and_over_the_answer(text: str, name: str, negated: bool) -> None:
    every = [e for e in engine.detect_entities_v2(text)["Entities"] if e["Text"] == name]
    assert {"NEGATION" in {t["Name"] for t in e["Traits"]} for e in every} == {negated}


def test_turns_may_be_given_and_need_no_labels() -> None:
    asked, answered = "Any chest pain?", "No."
    text = f"{asked} {answered}"
    turns = [(0, len(asked), "spk_0"), (len(asked) + 1, len(text), "spk_1")]
    assert "NEGATION" in traits(text, "chest pain", turns)


def test_whose_and_when_and_how_sure() -> None:
    assert "PERTAINS_TO_FAMILY" in traits("Her mother had breast cancer.", "breast cancer")
    assert "PERTAINS_TO_FAMILY" not in traits("Mother reports he has a fever.", "fever")
    assert "HYPOTHETICAL" in traits("Come back if you have a fever.", "fever")
    assert "LOW_CONFIDENCE" in traits("This is possibly pneumonia.", "pneumonia")
    assert "PAST_HISTORY" in traits("She has a history of migraine.", "migraine")


def test_sides_tests_values_and_times() -> None:
    assert parts("Pain in the left knee.", "knee") == [("DIRECTION", "left")]
    assert parts("Blood pressure today is 148 over 86.", "Blood pressure") == [
        ("TEST_VALUE", "148 over 86")
    ]
    assert found("A cough for about three weeks.")["three weeks"]["Type"] == "TIME_TO_DX_NAME"
    assert "X-ray" in found("Order a chest X-ray.").popitem()[0]


def test_icd_candidates_come_with_their_code_best_first() -> None:
    answer = engine.infer_icd10_cm("He has hypertension and type two diabetes.")
    codes = [e["ICD10CMConcepts"][0]["Code"][:3] for e in answer["Entities"]]
    assert codes == ["I10", "E11"]


def test_health_information_is_marked_with_comprehends_types() -> None:
    answer = engine.detect_phi("Dictation for Karen Lindqvist, call back on 555-013-8841.")
    assert [(e["Type"], e["Text"]) for e in answer["Entities"]] == [
        ("NAME", "Karen Lindqvist"),
        ("PHONE_OR_FAX", "555-013-8841"),
    ]


def test_the_figures_of_the_document_hold() -> None:
    """What docs/safety.md says of recall; `python -m tests.bench.entities` prints all of it."""
    rows = [
        json.loads(line)
        for line in (TEXTS / "nlp_held_out.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    counts = bench.score(rows, lambda line: None)
    share = {name: c["caught"] / c["wanted"] for name, c in counts.items()}
    assert share["MEDICATION"] >= 0.97
    assert share["MEDICAL_CONDITION"] >= 0.88
    assert share["negation"] >= 0.95
