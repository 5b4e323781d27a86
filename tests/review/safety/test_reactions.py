"""Drugs and reactions that a text joins, and what only stands beside each other."""

import json
from pathlib import Path

import pytest

from review.safety import reactions, signed
from review.safety.document import Document, Seg
from transcripts.engines.entities import LocalLanguage
from transcripts.engines.turns import turns_of

TEXTS = [
    json.loads(line)
    for line in (Path(__file__).parents[2] / "text/reactions.jsonl").read_text().splitlines()
]


def document(text: str) -> Document:
    turns = turns_of(text)
    segments = tuple(Seg(str(n), who, a, b, ()) for n, (a, b, who) in enumerate(turns))
    return Document(text, segments, LocalLanguage().detect_clinical(text, turns)["Entities"])


@pytest.mark.parametrize("row", TEXTS, ids=lambda row: row["text"][:50])
def test_what_a_text_says_of_a_drug(row):
    found = {(one.drug, one.reaction) for one in reactions.find(document(row["text"]))}
    assert found == {tuple(pair) for pair in row["pairs"]}


def test_a_drug_and_a_reaction_are_told_of_once_with_their_sentences():
    text = "He was started on lisinopril. Since then he has a cough. Since then the cough is bad."
    (found,) = reactions.find(document(text))
    assert (found.drug, found.reaction) == ("lisinopril", "cough")
    assert found.evidence.startswith("He was started on lisinopril. Since then he has a cough.")
    assert "since then" in found.cue


def test_a_text_without_any_mark_is_read_in_a_window_and_not_as_a_whole():
    text = " ".join(["the patient takes aspirin and has a cough from lisinopril every day"] * 300)
    found = reactions.find(document(text))
    assert ("lisinopril", "cough") in {(one.drug, one.reaction) for one in found}
    assert all(len(one.evidence.split()) <= 120 for one in found)


def signed_text(text: str, words: list[str]) -> dict:
    return {
        "document": {"type": "DICTATION"},
        "segments": [{"id": "s", "speaker": None, "channel": None, "text": text}],
        "words": [
            [f"w{n}", word, f"{n}.000" if word.isalpha() else None, f"{n}.500", None, "machine"]
            for n, word in enumerate(words)
        ],
    }


def test_the_signed_text_is_read_with_its_marks_and_times():
    words = ["Since", "starting", "amlodipine", ",", "she", "has", "nausea", "."]
    made = signed.document(
        signed_text("Since starting amlodipine, she has nausea.", words),
        LocalLanguage().detect_clinical,
    )
    assert made.text == "Since starting amlodipine, she has nausea."
    (found,) = reactions.find(made)
    assert (found.words[0].start, found.words[-1].end_time) == (0.0, 6.5)


def test_an_amendment_is_read_without_times():
    follow_up = {"document": {"type": "DICTATION"}, "text": "Rash from amoxicillin."}
    (found,) = reactions.find(signed.document(follow_up, LocalLanguage().detect_clinical))
    assert (found.drug, found.words[0].start) == ("amoxicillin", None)
