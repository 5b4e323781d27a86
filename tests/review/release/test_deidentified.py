"""The de-identified copy: categories instead of names, and a word of warning at both ends."""

from review.release import deidentified, letter
from review.release.canonical import document
from tests.review.release.sample import segment, values
from transcripts.engines import phi


def copy(*texts, signed=True):
    lines = [segment(n, text, start=9.0 * n) for n, text in enumerate(texts)]
    doc = document(**values(lines))
    found = phi.detect(lines)
    return deidentified.render(doc, lines=lines, entities=found, signed=signed)


def test_what_is_found_becomes_its_category():
    made = copy("Mr. Walter Brandt came on March 3, 2024. Call 555-123-4567.")
    assert "Brandt" not in made and "555" not in made and "2024" not in made
    assert "[NAME]" in made and "[DATE]" in made


def test_the_patients_own_name_and_number_go_wherever_they_stand():
    made = copy("lena says the pain is better", "Müller's record is MRN-004821")
    for word in ("lena", "Müller", "004821"):
        assert word not in made


def test_the_copy_says_that_a_person_must_check_it_and_whether_it_is_a_draft():
    assert copy("Fine.").count("A PERSON MUST CHECK IT") == 2
    assert letter.DRAFT in copy("Fine.", signed=False) and letter.DRAFT not in copy("Fine.")


def test_who_the_document_is_about_is_not_in_it():
    made = copy("Blood pressure was 120/80.")
    assert "120/80" in made and "Ana Reyes" not in made and "Lakeside" not in made
