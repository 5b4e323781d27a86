"""The PDF copy, read back with another library."""

import io
import os
import subprocess
import sys

import pytest
from pypdf import PdfReader

from review.release import pdf
from review.release.canonical import document
from review.release.glyphs import complete, markup
from tests.review.release.sample import segment, signed, values, visit

DRAFT = "DRAFT — NOT FOR PATIENT CARE"


def read(data):
    reader = PdfReader(io.BytesIO(data))
    return reader, [" ".join(page.extract_text().split()) for page in reader.pages]


def test_a_short_letter_is_one_page_with_everything_on_it():
    doc, signature = signed()
    _, (page,) = read(pdf.render(doc, signature=signature))
    for said in (
        "Lakeside Family Practice",
        "Diabetes follow-up",
        "Lena Müller",
        "04 Mar 1961",
        "MRN-004821",
        "Blood pressure was 120/80, A1c 7.9.",
        "Electronically signed",
        "Ana Reyes, MD, Family Medicine",
        "CA A-104233",
        "24 Nov 2025, 11:19:05 UTC",
        "I have read this document and attest",
        signature["sha256"],
        signature["key_id"],
        "Page 1 of 1",
    ):
        assert said in page
    assert "DRAFT" not in page


def test_a_long_letter_has_numbered_pages_that_name_the_patient():
    doc, signature = signed(segments=visit(), type="CONVERSATION")
    _, pages = read(pdf.render(doc, signature=signature))
    assert len(pages) >= 6
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page
        assert "Lena Müller" in page
        assert "MRN-004821" in page
        assert doc["document"]["id"] in page
    assert sum(page.count("Her A1c is 7.9%") for page in pages) == 180
    assert signature["sha256"] in pages[-1]
    assert "DRAFT" not in "".join(pages)


@pytest.mark.parametrize("count", [1, 20])
def test_every_page_of_an_unsigned_copy_is_a_draft_twice(count):
    for doc in (document(**values(visit(count))), signed(segments=visit(count))[0]):
        reader, pages = read(pdf.render(doc, signature=None))
        assert all(page.count(DRAFT) >= 2 for page in pages)
        assert "Not signed." in pages[-1]
        assert "Electronically signed" not in "".join(pages)
        assert reader.metadata.subject == DRAFT


def test_the_watermark_lies_across_the_page():
    reader, _ = read(pdf.render(document(**values()), signature=None))
    turned = []

    def see(text, user, matrix, font, size):
        if abs(user[1]) > 0.1:
            turned.append((text.strip(), size))

    reader.pages[0].extract_text(visitor_text=see)
    assert any(DRAFT in text and size > 30 for text, size in turned)


@pytest.mark.parametrize(("page", "size"), [("letter", (612, 792)), ("a4", (595, 842))])
def test_page_sizes(page, size):
    reader, _ = read(pdf.render(document(**values()), signature=None, page=page))
    assert tuple(round(v) for v in reader.pages[0].mediabox[2:]) == size


def test_the_same_document_is_the_same_bytes():
    doc, signature = signed(segments=visit(10))
    assert pdf.render(doc, signature=signature) == pdf.render(doc, signature=signature)
    assert pdf.render(doc, signature=None) == pdf.render(doc, signature=None)


def test_another_process_makes_the_same_bytes():
    code = (
        "import hashlib; from review.release import pdf; from review.release.canonical import *;"
        "from tests.review.release.sample import *;"
        "made = pdf.render(document(**values(visit(5))), signature=None);"
        "print(hashlib.sha256(made).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.getcwd(), "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    assert len(seen) == 1


def test_properties_say_what_it_is_and_nothing_about_the_patient():
    doc, signature = signed(title="Lena Müller, MRN-004821")
    reader, _ = read(pdf.render(doc, signature=signature))
    info = reader.metadata
    assert info.title == "Dictation 0198f1c2-77aa-7000-8000-0242ac120002"
    assert info.author == "Ana Reyes, MD"
    assert info.creation_date.isoformat() == "2025-11-24T11:19:05+00:00"
    assert reader.trailer["/Root"]["/Lang"] == "en-US"
    assert "Müller" not in str(info)
    assert "MRN" not in str(info)


def test_text_beyond_western_europe_can_be_read_back():
    said = "Señora Łukaszewska — 37.2 °C, 2.1 µg, 5 μg, ≤ 60, ≥ 7, α-blocker → stop, ½, 5′ <b> & x"
    doc, signature = signed(segments=[segment(0, said)])
    _, (page,) = read(pdf.render(doc, signature=signature))
    # Both code points of the micro sign read back as one letter or the other.
    assert said.replace("μ", "µ") in page.replace("μ", "µ")
    assert "lack are written" not in page


def test_no_line_ends_between_a_number_and_its_unit():
    said = "take 1,000 mg of it at 37.2 °C with 140 mg/dL, 98 % and 5 mL or 3 meals daily. " * 60
    doc, signature = signed(segments=[segment(0, "one " * n + said) for n in range(8)])
    lines = [
        line.strip()
        for page in PdfReader(io.BytesIO(pdf.render(doc, signature=signature))).pages
        for line in page.extract_text().splitlines()
    ]
    assert not [line for line in lines if line.startswith(("mg", "°C", "mL", "%"))]
    assert [line for line in lines if line.startswith("meals")]


def test_no_character_is_dropped_in_silence():
    doc, signature = signed(segments=[segment(0, "Жанна said 中 to Wołoszyńska.")])
    _, (page,) = read(pdf.render(doc, signature=signature))
    assert "Жанна said [U+4E2D] to Wołoszyńska." in page
    assert "typefaces of this letter lack" in page


def test_markup_is_text():
    assert markup("José Łucja") == "José Łucja"
    assert markup("a<b & 中") == "a&lt;b &amp; [U+4E2D]"
    assert complete("José Łucja ≤ α Ж")
    assert not complete("中")


def test_very_long_words_and_names_stay_on_the_page():
    doc, signature = signed(
        segments=[segment(0, "x" * 500)],
        practice_name="Practice " * 12,
        title="Title " * 30,
        patient={"mrn": "M" * 40, "name": "Name " * 20, "birth_date": None},
    )
    reader, pages = read(pdf.render(doc, signature=signature))
    assert "".join(pages).count("x") >= 500
    assert len(reader.pages) == 1
