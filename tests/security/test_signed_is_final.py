"""A signed text stays as it was by every way in; and every way out says who signed, when and what.

Numbers 10 and 12 of docs/security.md's table of tests.
"""

import io
import json
from uuid import uuid4

import pytest
from django.contrib import admin
from django.urls import reverse
from pypdf import PdfReader

from review import documents, integrity, queries
from review.models import Edit, Flag, Review, Segment
from review.views.operations import KINDS
from tests import rows
from transcripts.models import MachineSegment, Patient, Recording, Transcript

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume async"),
]


@pytest.fixture
def signed(cast) -> Review:
    review = rows.review(cast)
    rows.signed(review, cast)
    return queries.review_or_404(cast.clinician, review.recording_id)


def test_no_route_changes_a_signed_text(cast, as_, signed):
    browser, url = as_(cast.clinician), f"/recordings/{signed.recording_id}/"
    before, edits = documents.build(signed)["segments"], Edit.objects.count()
    for kind in KINDS:
        answer = browser.post(
            f"{url}operations", json.dumps(operation(kind, signed)), content_type="application/json"
        )
        assert answer.status_code == 403, (kind, answer.content)
    job = signed.recording.jobs.first()
    for path, data in (
        (f"{url}details/", {"mrn": "777", "patient_name": "Other", "specialty": "PEDIATRICS"}),
        (f"{url}again/", {}),
        (f"{url}again/accept", {"carry": "on"}),
        (f"{url}questions/", {"flag": str(uuid4()), "words": "insulin"}),
        (f"{url}sign/", {"password": "x", "shown": "x"}),
        (f"/jobs/{job.pk}/retry", {}),
    ):
        answer = browser.post(path, data)
        assert answer.status_code in (302, 403, 404, 409, 422), (path, answer.status_code)
    assert Edit.objects.count() == edits
    fresh = queries.review_or_404(cast.clinician, signed.recording_id)
    assert documents.build(fresh)["segments"] == before and integrity.problems(fresh) == []


def operation(kind: str, review: Review) -> dict[str, object]:
    """A well-formed operation of this kind, with more keys than any one needs."""
    one, two = review.text.order_by("position")[:2]
    return {
        "op_id": str(uuid4()),
        "kind": kind,
        "segment": str(one.pk),
        "base_version": one.version,
        "with": str(two.pk),
        "with_base_version": two.version,
        "text": "Patient takes insulin.",
        "items": [one.items[0]["id"]],
        "at": 3,
        "note": "Who?",
        "token": "pain",
        "match_case": False,
        "expect_count": 1,
        "speaker": "spk_0",
        "name": "Dr. No",
        "expect": None,
        "from": "spk_0",
        "into": "spk_1",
        "edit": Edit.objects.filter(review=review).values_list("seq", flat=True).first(),
    } | ({"from": 0, "to": 7, "expect": one.text[:7]} if kind == "replace_range" else {})


@pytest.mark.parametrize(
    "model", [Segment, Flag, Edit, Review, Recording, Patient, Transcript, MachineSegment]
)
def test_the_operators_pages_change_nothing_clinical(cast, as_, signed, model):
    if model not in admin.site._registry:
        return
    cast.manager.user.is_staff = cast.manager.user.is_superuser = True
    cast.manager.user.save()
    browser = as_(cast.manager)
    row = model.objects.first()
    address = reverse(
        f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.pk]
    )
    assert browser.post(address, {"text": "x", "name": "x"}).status_code in (403, 404)
    gone = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_delete", args=[row.pk])
    assert browser.post(gone, {"post": "yes"}).status_code in (403, 404)


@pytest.mark.parametrize("form", ["screen", "print", "txt", "pdf", "fhir", "proof"])
def test_every_form_says_who_signed_when_and_what_it_means(cast, as_, signed, form):
    browser, url = as_(cast.editor), f"/recordings/{signed.recording_id}/"
    path = {"screen": "state", "print": "print/"}.get(form, f"document.{form}")
    content = browser.get(url + path).content
    text = content.decode("utf-8", "replace")
    if form == "pdf":
        text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    if form == "proof":  # the signed bytes are a text within the package
        text = json.dumps(json.loads(text)).replace("\\", "")
    signature = signed.attested
    day = signature.signed_at
    assert ("Carla" if form == "screen" else "Carla Example, MD") in text
    assert f"{day:%Y-%m-%d}" in text or f"{day:%-d %B %Y}" in text or f"{day:%-d %b %Y}" in text
    said = ("author-attested", "Author", "author")
    assert any(each in text for each in said)
    assert signature.sha256 in text
