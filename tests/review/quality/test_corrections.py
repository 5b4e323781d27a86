"""Which corrections are offered as terms."""

import pytest

from review.quality.corrections import pairs, row
from tests.review.quality.test_places import machine, signed

COLUMNS = ("Phrase", "IPA", "SoundsLike", "DisplayAs")


def found(said: str, written: str, *names: str) -> list[tuple[str, str]]:
    (items,) = machine(said)
    for n, item in enumerate(items):
        item |= {"start": float(n), "end": n + 0.5}
    document = signed([items], written)
    return [(pair.heard, pair.written) for pair in pairs(items, document, names)]


@pytest.mark.parametrize(
    ("said", "written", "expected"),
    [
        ("takes low start an daily", "takes losartan daily", [("low start an", "losartan")]),
        ("has a cackle", "has crackles", [("a cackle", "crackles")]),
        ("takes fifty milligrams", "takes fifteen milligrams", [("fifty", "fifteen")]),
        ("takes 50 mg", "takes 15 mg", []),  # no letters
        ("it is so", "at is so", []),  # too short for a term
        ("no pain at all today", "no at all today", []),  # nothing written instead
        ("a b c d e pain", "losartan pain", []),  # too much on one side
        ("Losartan daily", "losartan daily", []),  # no difference to the ear
    ],
)
def test_what_could_be_a_term(said, written, expected):
    assert found(said, written) == expected


def test_names_of_patient_and_author_are_kept_out():
    assert found("seen by Dr Carlo", "seen by Dr Carla", "Carla Example") == []
    assert found("Pauline has pain", "Paula has pain", "Paula Probe") == []


def test_when_it_was_said():
    (items,) = machine("takes low start an daily")
    for n, item in enumerate(items):
        item |= {"start": float(n), "end": n + 0.5}
    (pair,) = pairs(items, signed([items], "takes losartan daily"))
    assert (pair.start, pair.end) == (1.0, 3.5)


def test_a_row_of_the_table_never_says_what_it_sounds_like():
    assert row("losartan", COLUMNS) == "losartan\t\t\t"
    assert row("atrial fibrillation", COLUMNS) == "atrial-fibrillation\t\t\t"
    assert row("beta-blocker", COLUMNS) == "beta-blocker\t\t\tbeta-blocker"
    assert row("losartan", ("DisplayAs", "Phrase", "IPA", "SoundsLike")) == "\tlosartan\t\t"
