"""The PDF as an archive's: structure, metadata, fonts, colours, and the signed data in it."""

import io
import re

import pikepdf
import pytest

from review.release import archive, letter, pdf
from review.release.canonical import document
from tests.review.release.sample import segment, signed, values, visit

PACKAGE = b'{"format":"x"}\n'


@pytest.fixture(scope="module")
def made():
    doc, signature = signed(segments=visit(20), type="CONVERSATION")
    head = letter.Letterhead("Hill Practice", "1 Main Street", "555", _logo())
    return pdf.render(doc, signature=signature, signed=PACKAGE, head=head)


def _logo():
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (60, 20), "navy").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def opened(made):
    with pikepdf.open(io.BytesIO(made)) as file:
        yield file


def test_the_file_is_whole(opened):
    assert opened.check_pdf_syntax() == []
    assert opened.pdf_version == "1.7" and not opened.is_encrypted


def test_it_is_tagged_from_the_first_heading_to_the_signature(made):
    tags = list(archive.elements(made))
    assert tags[0] == ("Document", "")
    assert ("Figure", "Logo of Hill Practice") in tags
    assert [tag for tag, _ in tags].count("H1") == 1
    assert {tag for tag, _ in tags} == {"Document", "P", "Figure", "H1", "Table", "TR", "TH", "TD"}


def test_everything_drawn_is_in_the_structure_or_decoration(opened):
    for page in opened.pages:
        depth, text_outside, seen = 0, 0, []
        for operands, operator in pikepdf.parse_content_stream(page):
            name = str(operator)
            if name in ("BDC", "BMC"):
                depth += 1
                if name == "BDC":
                    seen.append(int(operands[1].MCID))
            elif name == "EMC":
                depth -= 1
            elif name in ("Tj", "TJ", "Do", "f", "S", "B"):
                text_outside += depth != 1
        assert depth == 0 and text_outside == 0 and seen == list(range(len(seen)))


def test_every_mark_leads_to_its_element_and_back(opened):
    root = opened.Root.StructTreeRoot
    numbers = list(root.ParentTree.Nums)
    parents = {int(numbers[n]): numbers[n + 1] for n in range(0, len(numbers), 2)}
    for page in opened.pages:
        of_page = parents[int(page.obj.StructParents)]
        assert page.obj.Tabs == "/S"
        for number, element in enumerate(of_page):
            marks = [k for k in element.K if k.get("/MCID") is not None]
            assert any(int(m.MCID) == number and m.Pg.objgen == page.obj.objgen for m in marks)


def test_tables_say_which_cell_names_which(opened):
    waiting, scopes = list(opened.Root.StructTreeRoot.K), []
    while waiting:
        one = waiting.pop()
        waiting += [kid for kid in one.get("/K", []) if kid.get("/S") is not None]
        if one.S == "/TH":
            scopes.append(str(one.A.Scope))
        if one.S == "/TR":
            assert {str(kid.S) for kid in one.K} <= {"/TH", "/TD"}
    assert scopes.count("/Row") >= 10 and scopes.count("/Column") == 1


def test_language_title_and_metadata_agree(opened):
    assert opened.Root.Lang == "en-US" and opened.Root.MarkInfo.Marked
    assert opened.Root.ViewerPreferences.DisplayDocTitle
    xmp = opened.Root.Metadata.read_bytes().decode()
    assert "<pdfaid:part>3<" in xmp and "<pdfaid:conformance>A<" in xmp
    info = opened.docinfo
    for name in ("/Title", "/Author", "/Subject", "/Producer"):
        assert str(info[name]) in xmp
    assert "2025-11-24T11:19:05+00:00" in xmp and "20251124111905" in str(info["/CreationDate"])
    assert "Müller" not in xmp and "MRN" not in xmp


def test_every_font_is_embedded_and_can_be_read_back(opened):
    fonts = [obj for obj in opened.objects if isinstance(obj, pikepdf.Dictionary)]
    fonts = [obj for obj in fonts if obj.get("/Type") == "/Font"]
    assert fonts
    for font in fonts:
        assert "/FontFile2" in font.FontDescriptor and "/ToUnicode" in font
        assert re.match(r"/[A-Z]{6}\+DejaVuSans", str(font.BaseFont))


def test_colours_have_a_profile(opened):
    (intent,) = opened.Root.OutputIntents
    assert intent.S == "/GTS_PDFA1" and int(intent.DestOutputProfile.N) == 3
    assert intent.DestOutputProfile.read_bytes()[36:40] == b"acsp"


def test_the_signed_data_is_an_associated_file(opened):
    (one,) = opened.Root.AF
    assert one.AFRelationship == "/Source" and str(one.UF).endswith(".json")
    assert one.EF.F.read_bytes() == PACKAGE and one.EF.F.Subtype == "/application/json"
    assert list(opened.attachments) == [str(one.UF)]


def test_a_draft_is_tagged_and_says_what_it_is_where_it_is_read():
    made = pdf.render(document(**values(visit(20))), signature=None)
    with pikepdf.open(io.BytesIO(made)) as file:
        assert "/AF" not in file.Root and len(file.pages) > 1
        assert letter.DRAFT in file.Root.Metadata.read_bytes().decode()
    assert next(archive.elements(made)) == ("Document", "")


def test_the_same_document_is_the_same_bytes(made):
    doc, signature = signed(segments=[segment(0, "Wołoszyńska, Жанна, Ηλέκτρα: ½ ≤ 5 µg → stop.")])
    first = pdf.render(doc, signature=signature, signed=PACKAGE)
    assert first == pdf.render(doc, signature=signature, signed=PACKAGE)


def test_progress_is_told():
    told = []
    doc, signature = signed(segments=visit(20))
    pdf.render(doc, signature=signature, progress=lambda done, total: told.append((done, total)))
    assert told and told == sorted(told) and told[-1][0] <= told[-1][1]
