"""Signing: by the author, with the password, of exactly what was shown; and then it is final."""

import json
import re
import stat
from uuid import uuid4

import pytest
from django.conf import settings as configured
from django.db import DatabaseError, connection, transaction

from review.actions import edit, sign
from review.actions.operation import Done
from review.models import AuditEvent, Review, Signature, SigningKey
from review.policies import NO_TRANSCRIPT, Refused
from review.release import canonical
from tests import rows
from tests.cast import PASSWORD
from tests.factories import about
from tests.rows import resolve, shown, shown_now, signed, together
from transcripts.actions import recordings
from transcripts.models import Recording

real_commits = pytest.mark.django_db(transaction=True)


@pytest.fixture
def resolved(review, cast):
    resolve(review, cast.editor)
    return review


def url(review) -> str:
    return f"/recordings/{review.recording_id}/sign/"


def refusals() -> list[dict]:
    return list(
        AuditEvent.objects.filter(action="document.sign_refused").values("detail", "outcome")
    )


def attempt(browser, review, password=PASSWORD, digest=None):
    with transaction.atomic():
        digest = digest or shown(review)
    return browser.post(url(review), {"password": password, "shown": digest})


# What is refused


def test_after_a_wrong_password_the_same_page_takes_the_right_one(resolved, cast, as_):
    browser = as_(cast.clinician)
    page = browser.get(url(resolved)).content.decode()
    for password, status in (("not mine", 422), (PASSWORD, 302)):
        given = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
        answer = browser.post(url(resolved), given | {"password": password})
        assert answer.status_code == status
        page = answer.content.decode()


@pytest.mark.parametrize("password", ["wrong", ""])
def test_without_the_right_password_nothing_is_signed(cast, as_, resolved, password):
    answer = attempt(as_(cast.clinician), resolved, password=password)
    assert answer.status_code == 422 and not Signature.objects.exists()
    assert Review.objects.get().state == "ready_to_sign"


def test_a_wrong_password_is_on_record(cast, as_, resolved):
    attempt(as_(cast.clinician), resolved, password="wrong")
    assert refusals() == [{"detail": {"reason": "NotProven"}, "outcome": "denied"}]


def test_passwords_cannot_be_guessed_at_the_signature(cast, as_, resolved):
    browser = as_(cast.clinician)
    codes = [attempt(browser, resolved, password=f"guess {n}").status_code for n in range(11)]
    assert 429 in codes
    assert attempt(browser, resolved).status_code == 429 and not Signature.objects.exists()


def test_open_marked_words_are_counted_in_the_refusal(cast, as_, review):
    answer = as_(cast.clinician).post(url(review), {"password": PASSWORD, "shown": "x"})
    assert answer.status_code == 403
    assert "2 marked words are still open" in answer.content.decode()
    assert refusals() == [{"detail": {"reason": "Refused"}, "outcome": "denied"}]


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        ("editor", "Only a clinician can sign."),
        ("manager", "Only a clinician can sign."),
        ("uploader", "Only the author of the recording can sign it."),
    ],
)
def test_who_is_not_the_author_cannot_sign(cast, as_, resolved, who, sentence):
    if who == "uploader":
        # A colleague who sees the recording because they uploaded it is still not its author.
        type(resolved.recording).objects.update(uploaded_by=cast.colleague.user)
    member = cast.colleague if who == "uploader" else getattr(cast, who)
    browser = as_(member)
    for answer in (browser.get(url(resolved)), attempt(browser, resolved)):
        assert answer.status_code == 403 and sentence in answer.content.decode()
    assert not Signature.objects.exists() and len(refusals()) == 1


def test_a_recording_without_an_author_cannot_be_signed(cast, as_, resolved):
    type(resolved.recording).objects.update(author=None)
    answer = attempt(as_(cast.clinician), resolved)
    assert answer.status_code == 403 and "no author yet" in answer.content.decode()


def test_a_waiting_recording_cannot_be_signed(cast, as_):
    review = Review.objects.get(recording=rows.recording(cast))
    answer = as_(cast.clinician).post(url(review), {"password": PASSWORD, "shown": "x"})
    assert answer.status_code == 403 and NO_TRANSCRIPT in answer.content.decode()


def test_what_changed_since_it_was_shown_is_not_signed_but_shown_again(cast, as_, resolved):
    browser = as_(cast.clinician)
    before = browser.get(url(resolved)).context["hash"]
    segment = resolved.segments.last()
    edit.replace_text(
        review=resolved,
        segment_id=segment.pk,
        base_version=segment.version,
        text="Follow up in ten weeks.",
        op_id=uuid4(),
        by=cast.editor,
    )
    answer = attempt(browser, resolved, digest=before)
    assert answer.status_code == 409 and not Signature.objects.exists()
    assert answer.context["hash"] != before and "ten weeks" in answer.content.decode()
    assert refusals() == [{"detail": {"reason": "Changed"}, "outcome": "denied"}]
    assert attempt(browser, resolved, digest=answer.context["hash"]).status_code == 302


def test_a_missing_key_says_what_to_do(cast, as_, resolved):
    other = rows.review(cast, mrn="2")
    key = signed(other, cast).key
    path = configured.KEYS / f"{key.key_id}.pem"
    kept = path.read_bytes()
    path.unlink()
    answer = attempt(as_(cast.clinician), resolved)
    path.write_bytes(kept)
    assert answer.status_code == 403 and "Ask the operator" in answer.content.decode()
    assert Signature.objects.count() == 1


def test_a_refused_signature_makes_no_key(cast, review):
    with pytest.raises(Refused):
        sign.sign(review=review, by=cast.clinician, password=PASSWORD, shown="x")
    assert not SigningKey.objects.exists()


# What a signature is


def test_a_signature_holds_over_the_exact_bytes_and_over_no_other(cast, review):
    signature = signed(review, cast)
    document, public = signature.document.encode(), signature.key.public_key
    assert canonical.verify(document, signature.signature, public)
    for place in range(0, len(document), max(1, len(document) // 40)):
        changed = document[:place] + bytes([document[place] ^ 1]) + document[place + 1 :]
        assert not canonical.verify(changed, signature.signature, public)


def test_a_signature_says_who_when_and_what_it_means(cast, review):
    content = json.loads(signed(review, cast).document)
    assert content["signer"] == {
        "id": str(cast.clinician.user_id),
        "name": "Carla Example, MD",
        "title": "Physician",
        "licence": "MD-1",
    }
    assert content["meaning"] == "author-attested" and content["signed_at"].endswith("Z")
    assert "accurate" in content["attestation"]


def test_the_private_key_is_a_file_for_its_owner_and_not_in_the_database(cast, review):
    key = signed(review, cast).key
    path = configured.KEYS / f"{key.key_id}.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o400
    assert stat.S_IMODE(path.parent.stat().st_mode) & 0o077 == 0
    secret = path.read_text().splitlines()[1]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            found = f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s'
            cursor.execute(found, [f"%{secret[:30]}%"])
            assert cursor.fetchone() == (0,), table


@real_commits
def test_two_first_signers_make_one_key(cast):
    reviews = [rows.review(cast, mrn=str(n)) for n in range(2)]
    for review in reviews:
        resolve(review, cast.editor)
    digests = [shown_now(review) for review in reviews]

    def call(n: int):
        return lambda: sign.sign(
            review=reviews[n], by=cast.clinician, password=PASSWORD, shown=digests[n]
        )

    first, second = together(call(0), call(1))
    assert first.key == second.key == SigningKey.objects.get()
    assert AuditEvent.objects.filter(action="signing_key.created").count() == 1


@real_commits
def test_one_document_is_signed_once(cast, review):
    resolve(review, cast.editor)
    digest = shown_now(review)
    call = lambda: sign.sign(review=review, by=cast.clinician, password=PASSWORD, shown=digest)  # noqa: E731
    results = together(*[call] * 4)
    assert sum(isinstance(result, Signature) for result in results) == 1
    assert sum(isinstance(result, Refused) for result in results) == 3
    assert Signature.objects.count() == 1


@real_commits
@pytest.mark.parametrize("_round", range(4))
def test_the_first_signature_of_a_practice_and_an_edit_do_not_block_each_other(cast, _round):
    """A new key's event takes the audit chain, which an edit takes after the review."""
    review = rows.review(cast)
    resolve(review, cast.editor)
    segment, digest = review.segments.last(), shown_now(review)
    edited, signature = together(
        lambda: edit.replace_text(
            review=review,
            segment_id=segment.pk,
            base_version=segment.version,
            text="Follow up never.",
            op_id=uuid4(),
            by=cast.editor,
        ),
        lambda: sign.sign(review=review, by=cast.clinician, password=PASSWORD, shown=digest),
    )
    assert (type(edited), type(signature)) in [(Done, sign.Changed), (Refused, Signature)]


@real_commits
@pytest.mark.parametrize("_round", range(6))
def test_a_signature_never_names_another_patient_than_the_recording_has(cast, _round):
    review = rows.review(cast)
    resolve(review, cast.editor)
    digest = shown_now(review)
    other = about(cast.clinician, mrn="2", patient_name="Petra Other")

    def describe() -> None:
        recording = Recording.objects.get(pk=review.recording_id)
        recordings.describe(recording=recording, about=other, by=cast.editor.user)

    described, signature = together(
        describe,
        lambda: sign.sign(review=review, by=cast.clinician, password=PASSWORD, shown=digest),
    )
    patient = Recording.objects.get().patient.name
    if isinstance(signature, Signature):
        assert json.loads(signature.document)["patient"]["name"] == patient == "Paula Probe"
        assert isinstance(described, Refused)
    else:
        assert isinstance(signature, sign.Changed)
        assert (described, patient) == (None, "Petra Other")


def test_whom_a_signed_document_is_about_cannot_change(cast, review):
    signed(review, cast)
    with pytest.raises(Refused, match="part of what was signed"):
        recordings.describe(
            recording=review.recording, about=about(cast.clinician, mrn="2"), by=cast.editor.user
        )
    assert Recording.objects.get().patient.mrn == "10001"


# What is final


FROZEN = {
    "segment text": "UPDATE review_segment SET text = 'other' WHERE review_id = %(review)s",
    "segment": "DELETE FROM review_segment WHERE review_id = %(review)s",
    "new segment": """INSERT INTO review_segment SELECT (jsonb_populate_record(s,
        jsonb_build_object('id', gen_random_uuid(), 'position', 99))).* FROM review_segment s
        WHERE review_id = %(review)s LIMIT 1""",
    "segment from elsewhere": """UPDATE review_segment SET review_id = %(review)s, position = 99
        WHERE review_id = %(other)s AND position = 0""",
    "flag state": "UPDATE review_flag SET state = 'corrected' WHERE review_id = %(review)s",
    "flag": "DELETE FROM review_flag WHERE review_id = %(review)s",
    "new flag": """INSERT INTO review_flag SELECT (jsonb_populate_record(f, jsonb_build_object(
        'id', gen_random_uuid()))).* FROM review_flag f WHERE review_id = %(review)s LIMIT 1""",
    "flag from elsewhere": """UPDATE review_flag SET review_id = %(review)s
        WHERE review_id = %(other)s""",
    "edit": "UPDATE review_edit SET seq = 99 WHERE review_id = %(review)s AND seq = 1",
    "no edit": "DELETE FROM review_edit WHERE review_id = %(review)s",
    "new edit": """INSERT INTO review_edit SELECT (jsonb_populate_record(e, jsonb_build_object(
        'id', gen_random_uuid(), 'op_id', gen_random_uuid(), 'seq', 99))).* FROM review_edit e
        WHERE review_id = %(review)s LIMIT 1""",
    "review state": "UPDATE review_review SET state = 'in_review' WHERE id = %(review)s",
    "review threshold": "UPDATE review_review SET threshold = 0 WHERE id = %(review)s",
    "review": "DELETE FROM review_review WHERE id = %(review)s",
    "signature": "UPDATE review_signature SET document = '{}' WHERE review_id = %(review)s",
    "signer": "UPDATE review_signature SET signed_at = now() WHERE review_id = %(review)s",
    "no signature": "DELETE FROM review_signature WHERE review_id = %(review)s",
    "new signature": """INSERT INTO review_signature SELECT (jsonb_populate_record(s,
        jsonb_build_object('id', gen_random_uuid(), 'number', 2))).* FROM review_signature s
        WHERE review_id = %(review)s""",
}


@pytest.mark.parametrize("statement", FROZEN.values(), ids=FROZEN)
def test_the_database_itself_refuses_to_change_what_is_signed(cast, review, statement):
    other = rows.review(cast, mrn="2")
    signed(review, cast)
    names = {"review": review.pk, "other": other.pk}
    with (
        pytest.raises(DatabaseError, match=r"signed|pgtrigger: (Cannot|Invalid)"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, names)


def test_an_unresolved_document_cannot_be_signed_behind_the_applications_back(cast, review):
    other = rows.review(cast, mrn="2")
    signed(other, cast)
    statement = """INSERT INTO review_signature SELECT (jsonb_populate_record(s, jsonb_build_object(
        'id', gen_random_uuid(), 'review_id', %s::text))).* FROM review_signature s"""
    with pytest.raises(DatabaseError, match="every marked word"), connection.cursor() as cursor:
        cursor.execute(statement, [str(review.pk)])


def test_a_signed_document_can_still_be_read_and_taken_away(cast, as_, review):
    signature = signed(review, cast)
    browser = as_(cast.clinician)
    assert browser.get(url(review)).status_code == 302
    state = browser.get(f"/recordings/{review.recording_id}/state").json()["review"]
    assert state["state"] == "signed" and not state["can_edit"] and not state["can_sign"]
    assert state["signed"]["sha256"] == signature.sha256
    text = browser.get(f"/recordings/{review.recording_id}/document.txt").content.decode()
    assert "DRAFT" not in text and "Carla Example, MD" in text


def test_a_draft_says_that_it_is_one(cast, as_, review):
    text = as_(cast.editor).get(f"/recordings/{review.recording_id}/document.txt").content.decode()
    assert "DRAFT" in text and "NOT FOR PATIENT CARE" in text.upper()
