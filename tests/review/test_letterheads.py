"""The practice's letterhead: whoever signs under it keeps it, whatever comes later."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from PIL import Image

from review import copies
from review.actions import letterheads
from review.models import AuditEvent, Letterhead, Review, Signature
from review.policies import Refused
from tests.rows import signed

pytestmark = pytest.mark.django_db


def picture(kind="PNG", size=(40, 20), color=(200, 30, 30, 128)):
    out = io.BytesIO()
    made = Image.new("RGBA" if kind == "PNG" else "RGB", size, color[: 4 if kind == "PNG" else 3])
    made.save(out, kind)
    return out.getvalue()


def change(cast, **given):
    values = {"name": "Hill Practice", "address": "1 Main Street\nSpringfield", "phone": "555-0100"}
    values |= {"logo": None} | given
    return letterheads.change(practice=cast.practice, by=cast.manager.user, **values)


# What is refused


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 40,
        picture()[:60],
        b"GIF89a" + b"\x00" * 50,
        b"x" * (letterheads.LOGO_BYTES + 1),
        picture(size=(letterheads.LOGO_SIDE + 1, 1)),
    ],
    ids=["svg", "broken", "cut", "gif", "large", "wide"],
)
def test_what_is_no_small_picture_is_no_logo(cast, data):
    with pytest.raises(Refused):
        change(cast, logo=data)
    assert not Letterhead.objects.exists()


def test_a_bomb_is_refused_before_it_is_drawn(cast):
    huge = picture().replace((40).to_bytes(4, "big"), (60_000).to_bytes(4, "big"), 1)
    with pytest.raises(Refused):
        change(cast, logo=huge)


@pytest.mark.parametrize("given", [{"name": " \n"}, {"address": "a\n" * 7}])
def test_a_letterhead_has_a_name_and_fits(cast, given):
    with pytest.raises(Refused):
        change(cast, **given)


def test_only_managers_change_it(cast, as_):
    for who in (cast.clinician, cast.editor, cast.auditor, cast.outsider):
        assert as_(who).get("/letterhead/").status_code == 403


# What is kept


def test_a_logo_is_drawn_anew_and_carries_nothing_along(cast):
    out = io.BytesIO()
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Comment", "secret")
    Image.new("RGB", (2000, 100), "red").save(out, "PNG", pnginfo=info)
    made = change(cast, logo=out.getvalue())
    assert b"secret" not in bytes(made.logo)
    with Image.open(io.BytesIO(bytes(made.logo))) as kept:
        assert kept.size == (800, 40) and kept.format == "PNG" and kept.mode == "RGB"


def test_a_change_is_a_new_version_and_on_record(cast, as_):
    browser = as_(cast.manager)
    given = {"name": "Hill  Practice", "address": "1 Main Street\n\n", "phone": "1"}
    given |= {"logo": SimpleUploadedFile("l.jpg", picture("JPEG"), "image/jpeg")}
    assert browser.post("/letterhead/", given).status_code == 302
    assert (
        browser.post("/letterhead/", {"name": "Hill", "address": "", "phone": ""}).status_code
        == 302
    )
    second, first = Letterhead.objects.all()
    assert (first.name, first.address) == ("Hill Practice", "1 Main Street")
    assert second.number == 2 and bytes(second.logo) == bytes(first.logo)
    page = browser.get("/letterhead/")
    assert f"/letterhead/{second.pk}/logo" in page.content.decode()
    shown = browser.get(f"/letterhead/{second.pk}/logo")
    assert shown["Content-Type"] == "image/png" and shown.content.startswith(b"\x89PNG")
    assert as_(cast.outsider).get(f"/letterhead/{second.pk}/logo").status_code == 404
    browser.post("/letterhead/", {"name": "Hill", "no_logo": "on"})
    assert bytes(Letterhead.objects.first().logo) == b""
    changed = AuditEvent.objects.filter(action="letterhead.changed").order_by("seq")
    assert [row.detail["version"] for row in changed] == [1, 2, 3]
    with pytest.raises(DatabaseError), transaction.atomic():
        Letterhead.objects.update(name="Other")


def test_a_signed_document_keeps_the_letterhead_it_was_signed_under(cast, as_, review):
    change(cast, name="Old Name", logo=picture())
    signed(review, cast)
    browser, where = as_(cast.clinician), f"/recordings/{review.recording_id}/"
    before = {
        form: browser.get(f"{where}document.{form}").content for form in ("pdf", "docx", "txt")
    }
    assert b"Old Name" in before["txt"] and b"Springfield" in before["txt"]
    change(cast, name="New Name", logo=b"")
    for form, content in before.items():
        assert browser.get(f"{where}document.{form}").content == content
    page = browser.get(f"{where}print/").content.decode()
    assert "Old Name" in page and "New Name" not in page and "Electronically signed" in page
    assert copies.letterhead(Review.objects.get()).name == "Old Name"


def test_drafts_have_the_present_letterhead_and_the_mark(cast, as_, review):
    change(cast, name="New Name")
    page = as_(cast.editor).get(f"/recordings/{review.recording_id}/print/").content.decode()
    assert "New Name" in page and page.count("DRAFT — NOT FOR PATIENT CARE") >= 3
    assert AuditEvent.objects.get(action="draft.released").detail == {"form": "print"}


def test_what_was_signed_before_there_was_a_letterhead_goes_without(cast, as_, review):
    signed(review, cast)
    change(cast, name="New Name")
    text = (
        as_(cast.clinician).get(f"/recordings/{review.recording_id}/document.txt").content.decode()
    )
    assert text.startswith("Hill Practice\n\n") and Signature.objects.get().letterhead is None


def test_no_document_is_signed_under_another_practices_letterhead(cast, review):
    foreign = Letterhead.objects.create(
        practice=cast.outsider.practice, number=1, name="x", created_by=cast.outsider.user
    )
    signature = signed(review, cast)
    values = {
        field.attname: getattr(signature, field.attname)
        for field in Signature._meta.concrete_fields
        if not field.primary_key
    }
    values |= {"number": 2, "meaning": "reviewed", "letterhead_id": foreign.pk}
    with pytest.raises(DatabaseError, match="own practice"), transaction.atomic():
        Signature.objects.create(**values)
