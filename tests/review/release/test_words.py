"""The words as CSV: one a row, and nothing that a spreadsheet would run."""

import csv
import io

from review.release import letter, words
from review.release.canonical import document
from tests.review.release.sample import segment, signed, values


def table(doc, signature=None):
    return list(csv.DictReader(io.StringIO(words.render(doc, signature=signature))))


def test_each_word_has_its_times_and_its_confidence():
    first = table(document(**values()))[0]
    assert (first["word"], first["start"], first["end"]) == ("Blood", "0.000", "0.500")
    assert first["confidence"] == "0.4300"


def test_every_row_says_whether_it_was_signed():
    assert {row["status"] for row in table(document(**values()))} == {letter.DRAFT}
    doc, signature = signed()
    assert {row["status"] for row in table(doc, signature)} == {f"signed {signature['sha256']}"}


def test_no_cell_is_a_formula():
    doc = document(**values([segment(0, '=HYPERLINK("x") +1 -2 @sum')]))
    for row in table(doc):
        assert not any(value.startswith(("=", "+", "-", "@", "\t", "\r")) for value in row.values())
