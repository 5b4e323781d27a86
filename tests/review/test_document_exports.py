"""Long copies: made in the background, the same bytes, on record when they leave, never stale."""

import io

import pikepdf
import pytest
from django.core.management import CommandError, call_command

from review import printing
from review.actions import document_exports, exports
from review.models import AuditEvent, Export, Review
from tests.review.test_recipients import add
from tests.rows import ignored_triggers, signed

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume async"),
]


@pytest.fixture
def long(review, cast, monkeypatch):
    """A signed document; every document counts as long."""
    monkeypatch.setattr(exports.workers, "stopping", lambda: False)
    monkeypatch.setattr(printing, "takes_long", lambda review, form: True)
    signed(review, cast)
    return Review.objects.get()


def asked(browser, document, form="pdf"):
    answer = browser.get(f"/recordings/{document.recording_id}/document.{form}")
    assert answer.status_code == 302 and answer.url == "/exports/"
    return Export.objects.first()


def fetch(browser, export):
    return browser.get(f"/exports/{export.pk}/file")


def test_nothing_is_on_record_as_released_before_it_is_fetched(long, cast, as_):
    browser = as_(cast.editor)
    export = asked(browser, long)
    assert exports.sweep()
    assert not AuditEvent.objects.filter(action="document.released").exists()
    export.refresh_from_db()
    assert export.state == "ready" and export.done <= export.total
    answer = fetch(browser, export)
    body = b"".join(answer)
    assert answer["Content-Disposition"] == f'attachment; filename="document-{long.pk}.pdf"'
    assert body == printing.made(long, "pdf")
    assert AuditEvent.objects.get(action="document.released").detail == {"form": "pdf"}


def test_a_copy_from_before_an_amendment_is_not_handed_out(long, cast, as_):
    browser = as_(cast.editor)
    export = asked(browser, long, "docx")
    exports.sweep()
    add(long, cast)
    assert fetch(browser, export).status_code == 302
    assert "has changed since" in browser.get("/exports/").content.decode()
    assert not AuditEvent.objects.filter(action="document.released").exists()


def test_who_no_longer_sees_the_document_gets_no_copy(long, cast, as_):
    browser = as_(cast.clinician)
    export = asked(browser, long, "fhir")
    exports.sweep()
    type(long.recording).objects.filter(pk=long.recording_id).update(author=cast.colleague)
    assert fetch(browser, export).status_code == 302
    assert fetch(as_(cast.editor), export).status_code == 404


def test_a_real_length_decides(review):
    assert not printing.takes_long(review, "pdf")
    assert all(form in document_exports.FORMS for form, how in printing.FORMS.items() if how.slow)


def test_the_pdf_carries_what_anyone_can_check(review, cast, as_):
    from review.release import verify

    signed(review, cast)
    answer = as_(cast.editor).get(f"/recordings/{review.recording_id}/document.pdf")
    with pikepdf.open(io.BytesIO(answer.content)) as pdf:
        (attached,) = pdf.attachments.values()
        package = attached.get_file().read_bytes()
    assert verify.check(package)[0]["signer"]["name"] == "Carla Example, MD"


# In a folder, by a command


def exported(folder, **options):
    out = io.StringIO()
    options = {"by": "eve", "practice": "hill-practice"} | options
    call_command("export_documents", str(folder), stdout=out, stderr=out, **options)
    return out.getvalue()


def test_who_may_not_release_and_folders_that_are_not_there_are_refused(long, cast, tmp_path):
    with pytest.raises(CommandError, match="may not release"):
        exported(tmp_path, by="ada")
    with pytest.raises(CommandError, match="no folder"):
        exported(tmp_path / "nowhere")
    assert list(tmp_path.iterdir()) == []


def test_signed_documents_are_written_once_and_again_when_more_is_signed(long, cast, tmp_path):
    assert "1 would be written" in exported(tmp_path, dry_run=True)
    assert not AuditEvent.objects.filter(action="document.released").exists()
    assert "1 written, 0 there already" in exported(tmp_path)
    (file,) = tmp_path.iterdir()
    assert file.name == f"document-{long.pk}-1.pdf" and file.stat().st_mode & 0o777 == 0o600
    assert file.read_bytes() == printing.made(long, "pdf")
    event = AuditEvent.objects.get(action="document.released")
    assert (event.actor_id, event.detail) == (str(cast.editor.user_id), {"form": "pdf"})

    assert "0 written, 1 there already" in exported(tmp_path)
    add(long, cast)
    assert "1 written, 0 there already" in exported(tmp_path)
    assert "0 written, 0 there already" in exported(tmp_path, since="2100-01-01")


def test_what_does_not_verify_is_named_and_stays_inside(long, cast, tmp_path):
    with ignored_triggers("review_signature"):
        long.signatures.update(signature="A" * 86 + "==")
    with pytest.raises(CommandError, match="not what was signed"):
        exported(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert AuditEvent.objects.filter(action="document.unverified").exists()
