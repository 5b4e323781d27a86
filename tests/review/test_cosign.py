"""Two-step signing: a resident's document is final once another clinician co-signed it."""

import html
import json

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.db import DatabaseError, transaction

from review.actions import edit, sign
from review.enums import ATTESTATIONS, SIGNINGS, TRANSITIONS, Meaning, State
from review.fhir import search
from review.models import AuditEvent, Review, Signature
from review.policies import Refused, meanings
from review.release import letter, verify
from tests.cast import PASSWORD
from tests.rows import resolve, shown
from transcripts.models import Membership

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(review, cast):
    """Signed by its author, who needs a co-signature."""
    Membership.objects.filter(pk=cast.clinician.pk).update(cosigned=True)
    cast.clinician.refresh_from_db()
    resolve(review, cast.editor)
    with transaction.atomic():
        digest = shown(review)
    sign.sign(review=review, by=cast.clinician, password=PASSWORD, shown=digest)
    return Review.objects.get()


def url(review) -> str:
    return f"/recordings/{review.recording_id}/sign/"


def decide(browser, review, **given):
    values = {"meaning": "co-signed", "reason": "", "password": PASSWORD} | given
    return browser.post(url(review), values | {"shown": browser.get(url(review)).context["hash"]})


# Before the co-signature


def test_a_document_that_waits_for_its_co_signature_is_a_draft(cast, as_, waiting):
    assert waiting.state == "cosigning"
    copy = as_(cast.clinician).get(f"/recordings/{waiting.recording_id}/document.txt")
    said = copy.content.decode()
    assert letter.DRAFT in said and "a co-signature is still awaited" in said
    for form in ("fhir", "proof"):
        copy = as_(cast.clinician).get(f"/recordings/{waiting.recording_id}/document.{form}")
        assert copy.status_code == 404


def test_its_text_is_frozen(cast, waiting):
    segment = waiting.segments.first()
    with pytest.raises(Refused, match="signed"):
        edit.replace_text(
            review=waiting,
            segment_id=segment.pk,
            base_version=segment.version,
            text="Other.",
            op_id="00000000-0000-4000-8000-000000000001",
            by=cast.editor,
        )
    with pytest.raises(DatabaseError, match="signed"), transaction.atomic():
        waiting.segments.update(text="Other.")


@pytest.mark.parametrize(
    ("who", "sentence"),
    [("clinician", "needs a co-signature itself"), ("editor", "Only a clinician")],
)
def test_who_may_not_co_sign_reads_why(cast, as_, waiting, who, sentence):
    answer = as_(getattr(cast, who)).get(url(waiting))
    assert answer.status_code == 403 and sentence in answer.content.decode()
    assert not Signature.objects.filter(number=2).exists()


def test_another_practice_does_not_see_it(cast, as_, waiting):
    assert as_(cast.outsider).get(url(waiting)).status_code == 404


@pytest.mark.parametrize(("who", "there"), [("colleague", True), ("outsider", False)])
def test_who_can_co_sign_finds_it_among_what_is_to_be_signed(cast, as_, waiting, who, there):
    page = as_(getattr(cast, who)).get("/?state=ready_to_sign").content.decode()
    assert ("Awaiting co-signature" in page) is there


# Co-signing


def test_a_co_signature_makes_it_final(cast, as_, waiting):
    assert decide(as_(cast.colleague), waiting).status_code == 302
    first, second = Signature.objects.order_by("number")
    assert Review.objects.get().state == "signed" and second.meaning == "co-signed"
    assert json.loads(second.document)["prior_signature"] == first.sha256
    copy = as_(cast.clinician).get(f"/recordings/{waiting.recording_id}/document.txt")
    said = copy.content.decode()
    assert letter.DRAFT not in said and "Co-signed" in said and "Colin Example" in said
    proof = as_(cast.clinician).get(f"/recordings/{waiting.recording_id}/document.proof")
    assert len(verify.check(proof.content)) == 2


def test_the_co_signer_sees_who_signed_before(cast, as_, waiting):
    page = as_(cast.colleague).get(url(waiting)).content.decode()
    assert "Carla Example" in page and "Patient takes lisinopril" in page


def test_a_document_is_returned_with_a_reason(cast, as_, waiting):
    assert decide(as_(cast.colleague), waiting, meaning="rejected").status_code == 422
    decide(as_(cast.colleague), waiting, meaning="rejected", reason="The dose is missing.")
    returned = Signature.objects.get(number=2)
    assert Review.objects.get().state == "in_review" and returned.meaning == "rejected"
    assert json.loads(returned.document)["reason"] == "The dose is missing."
    assert AuditEvent.objects.filter(action="document.rejected").count() == 1


def test_a_returned_document_is_changed_and_signed_again(cast, as_, waiting):
    decide(as_(cast.colleague), waiting, meaning="rejected", reason="The dose is missing.")
    review = Review.objects.get()
    segment = review.segments.first()
    edit.replace_text(
        review=review,
        segment_id=segment.pk,
        base_version=segment.version,
        text="Patient takes lisinopril 10 mg daily.",
        op_id="00000000-0000-4000-8000-000000000002",
        by=cast.editor,
    )
    with transaction.atomic():
        digest = shown(review)
    third = sign.sign(review=review, by=cast.clinician, password=PASSWORD, shown=digest)
    assert third.number == 3
    decide(as_(cast.colleague), waiting)
    copy = as_(cast.clinician).get(f"/recordings/{waiting.recording_id}/document.txt")
    assert "10 mg" in copy.content.decode() and Review.objects.get().state == "signed"
    # Over FHIR, what was returned is gone.
    assert [row.number for row in search.documents(cast.practice, {})] == [3]


def test_a_colleague_signs_that_they_reviewed_it(cast, as_, waiting):
    decide(as_(cast.colleague), waiting)
    browser, where = as_(cast.colleague), f"{url(waiting)}review/"
    digest = browser.get(where).context["hash"]
    assert browser.post(where, {"password": PASSWORD, "shown": digest}).status_code == 302
    assert Signature.objects.latest("number").meaning == "reviewed"
    assert "signed already" in browser.get(where).content.decode()
    assert "author has signed" in as_(cast.clinician).get(where).content.decode()


# Which meanings are offered, and what happens to others


@pytest.mark.parametrize("asked", ["author-attested", "reviewed", "amended"])
def test_a_meaning_that_is_not_open_is_refused_with_its_own_sentence(cast, as_, waiting, asked):
    sentence = meanings(waiting, cast.colleague)[Meaning(asked)]
    answer = decide(as_(cast.colleague), waiting, meaning=asked)
    assert answer.status_code == 403 and sentence in html.unescape(answer.content.decode())
    assert Signature.objects.count() == 1
    assert AuditEvent.objects.filter(action="document.sign_refused").count() == 1


@pytest.mark.parametrize("asked", ["", "sworn", "author-attested\x00"])
def test_no_meaning_and_an_unknown_one_sign_nothing(cast, as_, waiting, asked):
    assert decide(as_(cast.colleague), waiting, meaning=asked).status_code == 422
    assert Signature.objects.count() == 1


def test_where_more_than_one_is_open_each_is_shown_with_its_sentence(cast, as_, waiting):
    page = html.unescape(as_(cast.colleague).get(url(waiting)).content.decode())
    for meaning in (Meaning.CO_SIGNED, Meaning.REJECTED):
        assert f"{meaning.label}: {ATTESTATIONS[meaning]}" in page
    assert ATTESTATIONS[Meaning.REVIEWED] not in page


def test_the_transition_table_says_what_is_offered(cast, waiting):
    for state in State:
        waiting.state = state
        for who in (cast.clinician, cast.colleague, cast.editor, cast.manager, None):
            for meaning, refusal in meanings(waiting, who).items():
                assert refusal or state in SIGNINGS[meaning].states


def test_signatures_lead_only_where_the_states_may_go():
    for signing in SIGNINGS.values():
        for state in signing.states:
            for then in signing.leads_to:
                assert then == state or (state, then) in TRANSITIONS


# What SQL cannot do


@pytest.mark.parametrize("state", ["signed", "cosigning"])
def test_no_document_is_signed_without_a_signature(review, cast, state):
    resolve(review, cast.editor)
    with pytest.raises(DatabaseError, match="by its signature alone"), transaction.atomic():
        Review.objects.update(state=state)
        with transaction.get_connection().cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_nothing_of_a_signed_review_but_its_state_can_change(cast, as_, waiting):
    for change in ({"threshold": "0.10"}, {"edit_seq": 99}, {"state": "ready"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Review.objects.update(**change)


# The second factor


@pytest.fixture
def secret(cast):
    secret = generate_totp_secret()
    TOTP.activate(cast.clinician.user, secret)
    return secret


def code_of(secret) -> str:
    from allauth.mfa.totp.internal.auth import (
        format_hotp_value,
        hotp_value,
        yield_hotp_counters_from_time,
    )

    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def attempt(browser, review, **given):
    values = {"password": PASSWORD, "shown": browser.get(url(review)).context["hash"]} | given
    return browser.post(url(review), values)


def test_who_has_a_second_factor_needs_it_to_sign(cast, as_, review, secret):
    resolve(review, cast.editor)
    browser = as_(cast.clinician)
    for code in ("", "000000", "x" * 40):
        assert attempt(browser, review, code=code).status_code == 422
    assert not Signature.objects.exists()
    assert attempt(browser, review, code=code_of(secret)).status_code == 302
    assert json.loads(Signature.objects.get().document)["authenticated_by"] == ["password", "totp"]


def test_a_code_is_good_once(cast, as_, review, secret):
    resolve(review, cast.editor)
    code = code_of(secret)
    assert cache.add(f"allauth.mfa.totp.used?user={cast.clinician.user_id}&code={code}", "y", 30)
    assert attempt(as_(cast.clinician), review, code=code).status_code == 422


def test_a_recovery_code_does_as_well(cast, as_, review, secret):
    resolve(review, cast.editor)
    codes = RecoveryCodes.activate(cast.clinician.user).get_unused_codes()
    assert attempt(as_(cast.clinician), review, code=codes[0]).status_code == 302
    factors = json.loads(Signature.objects.get().document)["authenticated_by"]
    assert factors == ["password", "recovery_codes"]
