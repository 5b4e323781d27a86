"""Documents on their way out: every form, marked while unsigned, on record, the same each time."""

import json

import pytest
from fhir.resources.R4B.bundle import Bundle

from review.models import AuditEvent
from review.release import letter
from review.wire import DOWNLOADS, SIGNED_DOWNLOADS
from tests.rows import signed

pytestmark = pytest.mark.django_db
FORMS = [form for form, _ in DOWNLOADS]
SIGNED_FORMS = [form for form, _ in SIGNED_DOWNLOADS]


def get(browser, review, form):
    return browser.get(f"/recordings/{review.recording_id}/document.{form}")


@pytest.mark.parametrize("form", ["exe", "PDF", "html"])
def test_other_forms_do_not_exist(cast, as_, review, form):
    assert get(as_(cast.clinician), review, form).status_code == 404


@pytest.mark.parametrize("form", SIGNED_FORMS)
def test_what_only_signed_documents_have_does_not_exist_before(cast, as_, review, form):
    assert get(as_(cast.clinician), review, form).status_code == 404


@pytest.mark.parametrize("form", [form for form in FORMS if form not in ("pdf", "docx")])
def test_a_draft_says_so_in_every_form(cast, as_, review, form):
    answer = get(as_(cast.clinician), review, form)
    assert letter.DRAFT in answer.content.decode() and "-draft" in answer["Content-Disposition"]
    assert AuditEvent.objects.filter(action="draft.released", detail={"form": form}).exists()


@pytest.mark.parametrize("form", [*FORMS, *SIGNED_FORMS])
def test_a_signed_document_is_the_same_bytes_each_time(cast, as_, review, form):
    signed(review, cast)
    browser = as_(cast.clinician)
    first = get(browser, review, form)
    assert first.status_code == 200 and letter.DRAFT not in first.content.decode("latin-1")
    assert first.content == get(browser, review, form).content
    assert AuditEvent.objects.filter(action="document.released", detail={"form": form}).count() == 2


def test_a_file_name_says_nothing_about_the_patient(cast, as_, review):
    for form in FORMS:
        name = get(as_(cast.clinician), review, form)["Content-Disposition"]
        assert "Probe" not in name and "10001" not in name


def test_the_fhir_document_is_valid(cast, as_, review):
    signed(review, cast)
    Bundle.model_validate(json.loads(get(as_(cast.clinician), review, "fhir").content))
