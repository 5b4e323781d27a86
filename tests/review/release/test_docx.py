"""The Word copy: what the PDF says, marked while unsigned, the same bytes each time."""

import io
import zipfile

import pytest
from docx import Document

from review.release import docx, letter
from review.release.canonical import document
from tests.review.release.sample import segment, signed, values, visit


def opened(data):
    return Document(io.BytesIO(data))


def body(made):
    cells = [cell.text for table in made.tables for row in table.rows for cell in row.cells]
    return "\n".join([*[p.text for p in made.paragraphs], *cells])


def test_a_draft_says_so_at_the_head_of_every_page():
    made = opened(docx.render(document(**values(visit(9))), signature=None))
    assert letter.DRAFT in [p.text for p in made.sections[0].header.paragraphs]
    assert letter.NOT_SIGNED in body(made)


def test_a_signed_copy_names_signer_time_and_meaning_and_has_no_draft_mark():
    doc, signature = signed()
    made = opened(docx.render(doc, signature=signature))
    for value in ("Ana Reyes, MD, Family Medicine", "24 Nov 2025, 11:19:05 UTC", doc["meaning"]):
        assert value in body(made)
    assert letter.DRAFT not in "".join(p.text for p in made.sections[0].header.paragraphs)


def test_every_page_names_the_patient_and_counts_pages():
    section = opened(docx.render(document(**values()), signature=None)).sections[0]
    assert "Lena Müller" in section.header.paragraphs[0].text
    assert {"PAGE", "NUMPAGES"} <= set(section.footer._element.xml.replace('"', " ").split())


def test_all_paragraphs_are_there():
    doc = document(**values(visit(4)))
    text = body(opened(docx.render(doc, signature=None)))
    assert all(paragraph.text in text for paragraph in letter.paragraphs(doc))


def test_control_characters_do_no_harm():
    doc = document(**values([segment(0, "A\u0008b \u0000 <w:p/> & c")]))
    assert "<w:p/> & c" in body(opened(docx.render(doc, signature=None)))


def test_the_same_document_gives_the_same_bytes():
    doc, signature = signed()
    first = docx.render(doc, signature=signature)
    assert first == docx.render(doc, signature=signature)
    dates = {m.date_time for m in zipfile.ZipFile(io.BytesIO(first)).infolist()}
    assert dates == {(2025, 11, 24, 11, 19, 5)} or dates == {(2025, 11, 24, 11, 19, 4)}


def test_another_documents_signature_is_refused():
    _, signature = signed()
    with pytest.raises(ValueError):
        docx.render(signed(author="Somebody else")[0], signature=signature)
