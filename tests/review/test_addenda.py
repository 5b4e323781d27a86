"""Addenda and amendments: signed like the document, which stays as it was and goes with them."""

import json

import pytest
from django.db import DatabaseError, transaction

from review import copies
from review.actions import addenda, destinations, outbox
from review.models import Addendum, AuditEvent, Delivery, Review, Signature
from review.policies import Refused
from review.release import canonical, verify
from tests.cast import PASSWORD
from tests.review.receivers import hl7_listener
from tests.rows import signed

pytestmark = pytest.mark.django_db
LATE = {"kind": "addendum", "reason": "Result came in later.", "text": "Potassium was 4.1."}


@pytest.fixture
def document(review, cast):
    signed(review, cast)
    return Review.objects.get()


def page(document) -> str:
    return f"/recordings/{document.recording_id}/addendum/"


def draft(document, by, **changes):
    return addenda.draft(review=document, by=by, **(LATE | changes))


def sign_it(browser, where, password=PASSWORD):
    shown = browser.get(where).context["hash"]
    return browser.post(where, {"password": password, "shown": shown})


def add(document, cast, as_, **changes):
    """A signed addendum, through the pages."""
    browser = as_(cast.clinician)
    answer = browser.post(page(document), LATE | changes)
    assert sign_it(browser, answer.url).status_code == 302
    return Addendum.objects.latest("id")


# What is refused


@pytest.mark.parametrize("who", ["editor", "colleague", "manager"])
def test_only_the_author_adds_to_a_document(cast, document, who):
    with pytest.raises(Refused):
        draft(document, getattr(cast, who))


def test_an_unsigned_document_is_changed_itself(cast, review, as_):
    with pytest.raises(Refused, match="Only a signed document"):
        draft(review, cast.clinician)
    assert as_(cast.clinician).get(page(review)).status_code == 403
    with pytest.raises(DatabaseError, match="Only a signed document"), transaction.atomic():
        Addendum.objects.create(review=review, author=cast.clinician, **LATE)


@pytest.mark.parametrize("missing", ["reason", "text"])
def test_an_addendum_says_what_and_why(cast, document, as_, missing):
    assert as_(cast.clinician).post(page(document), LATE | {missing: " "}).status_code == 422
    with pytest.raises(Refused):
        draft(document, cast.clinician, **{missing: " \r\n "})
    with pytest.raises(DatabaseError, match="says_what_and_why"), transaction.atomic():
        Addendum.objects.create(review=document, author=cast.clinician, **(LATE | {missing: ""}))


def test_without_the_password_nothing_is_added(cast, document, as_):
    browser = as_(cast.clinician)
    where = browser.post(page(document), LATE).url
    assert sign_it(browser, where, "wrong").status_code == 422
    assert Signature.objects.count() == 1 and Review.objects.get().state == "signed"


def test_a_draft_that_changed_after_it_was_read_is_shown_again(cast, document, as_):
    browser = as_(cast.clinician)
    where = browser.post(page(document), LATE).url
    before = browser.get(where).context["hash"]
    draft(document, cast.clinician, text="Potassium was 5.9.")
    answer = browser.post(where, {"password": PASSWORD, "shown": before})
    assert answer.status_code == 409 and "5.9" in answer.content.decode()
    assert Signature.objects.count() == 1


# Drafts


def test_a_draft_is_kept_and_written_anew(cast, document, as_):
    browser = as_(cast.clinician)
    browser.post(page(document), LATE)
    assert "Potassium was 4.1." in browser.get(page(document)).content.decode()
    browser.post(page(document), LATE | {"text": "Potassium was 4.2."})
    assert Addendum.objects.get().text == "Potassium was 4.2."


def test_a_draft_can_be_thrown_away_once(cast, document, as_):
    made = draft(document, cast.clinician)
    where = f"{page(document)}{made.pk}/discard"
    assert as_(cast.clinician).post(where).status_code == 302
    assert not Addendum.objects.exists()
    assert as_(cast.clinician).post(where).status_code == 404


def test_an_amendment_begins_with_the_signed_text(cast, document, as_):
    form = as_(cast.clinician).get(page(document) + "?kind=amendment").context["form"]
    assert "Patient takes lisinopril daily." in form.initial["text"]


# What is signed


def test_an_addendum_is_signed_and_the_document_stays_as_it_was(cast, document, as_):
    before = Signature.objects.get().document
    made = add(document, cast, as_)
    first, second = Signature.objects.order_by("number")
    assert first.document == before and Review.objects.get().state == "amended"
    said = json.loads(second.document)
    assert (said["kind"], said["text"], said["reason"]) == (
        "addendum",
        LATE["text"],
        LATE["reason"],
    )
    assert said["document"]["id"] == str(made.pk)
    assert said["document"]["parent_id"] == json.loads(before)["document"]["id"]
    assert said["prior_signature"] == first.sha256
    assert canonical.verify(second.document.encode(), second.signature, second.key.public_key)
    assert AuditEvent.objects.filter(action="document.amended").count() == 1


@pytest.mark.parametrize(
    "change", [{"text": "Other."}, {"reason": "Other."}, {"kind": "amendment"}]
)
def test_a_signed_addendum_never_changes(cast, document, as_, change):
    made = add(document, cast, as_)
    with pytest.raises(DatabaseError, match="This addendum is signed"), transaction.atomic():
        Addendum.objects.filter(pk=made.pk).update(**change)
    with pytest.raises(DatabaseError, match="This addendum is signed"), transaction.atomic():
        Addendum.objects.filter(pk=made.pk)._raw_delete("default")
    with pytest.raises(Refused, match="signed already"):
        addenda.discard(addendum=made, by=cast.clinician)


def test_several_additions_follow_one_another(cast, document, as_):
    add(document, cast, as_)
    add(document, cast, as_, kind="amendment", text="Everything anew.")
    chain = list(Signature.objects.order_by("number").values_list("sha256", "document"))
    for (sha256, _), (_, following) in zip(chain, chain[1:], strict=False):
        assert json.loads(following)["prior_signature"] == sha256
    assert Signature.objects.latest("number").meaning == "amended"


def test_the_package_of_it_all_verifies_outside(cast, document, as_):
    add(document, cast, as_)
    package = as_(cast.clinician).get(f"/recordings/{document.recording_id}/document.proof")
    documents_ = verify.check(package.content)
    assert [d.get("kind") for d in documents_] == [None, "addendum"]


# What others get


@pytest.mark.parametrize("form", ["txt", "pdf", "docx"])
def test_every_later_copy_shows_both(cast, document, as_, form):
    add(document, cast, as_)
    content, block, later = copies.copy_of(Review.objects.get())
    assert len(later) == 1
    answer = as_(cast.clinician).get(f"/recordings/{document.recording_id}/document.{form}")
    assert answer.status_code == 200
    if form == "txt":
        said = answer.content.decode()
        assert "An addendum follows" in said and "Patient takes lisinopril" in said
        assert said.count("Electronically signed") == 1 and said.count("Signed by") == 2
        assert said.index("Potassium was 4.1.") > said.index("Electronically signed")


def test_an_amended_document_says_so_at_its_head(cast, document, as_):
    add(document, cast, as_, kind="amendment")
    answer = as_(cast.clinician).get(f"/recordings/{document.recording_id}/document.txt")
    said = answer.content.decode()
    assert said.index("AMENDED") < said.index("Patient takes lisinopril")


@pytest.mark.parametrize(("kind", "trigger"), [("addendum", "T06"), ("amendment", "T10")])
def test_the_hospital_gets_it_under_its_own_number(cast, review, as_, settings, kind, trigger):
    settings.OUTBOUND = ["127.0.0.1"]
    with hl7_listener() as listener:
        destinations.create(
            practice=cast.practice,
            kind="mllp",
            label="EHR",
            address=listener.address,
            news=["document.signed", "document.amended"],
            by=cast.manager.user,
        )
        signed(review, cast)
        made = add(Review.objects.get(), cast, as_, kind=kind)
        while outbox.sweep():
            pass
    original, addition = listener.got
    assert str(original.segment("MSH")[9]).startswith("MDM^T02")
    assert str(addition.segment("MSH")[9]).startswith(f"MDM^{trigger}")
    txa = addition.segment("TXA")
    assert str(txa[12]).startswith(str(made.pk)) and str(txa[13]).startswith(str(review.pk))
    assert set(Delivery.objects.values_list("state", flat=True)) == {"delivered"}


def test_the_review_shows_what_was_added_and_to_whom_it_may_be_added(cast, document, as_):
    add(document, cast, as_)
    where = f"/recordings/{document.recording_id}/state"
    mine = as_(cast.clinician).get(where).json()["review"]["additions"]
    assert [each["label"] for each in mine["signed"]] == ["Addendum"]
    assert mine["addendum_url"] and not mine["cosign_url"]
    theirs = as_(cast.editor).get(where).json()["review"]["additions"]
    assert not any(theirs[url] for url in ("cosign_url", "review_url", "addendum_url"))
