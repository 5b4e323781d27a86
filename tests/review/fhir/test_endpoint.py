"""The FHIR endpoint: tokens from access keys, signed documents only, one practice, valid R4."""

import base64
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from fhir.resources.R4B.auditevent import AuditEvent as FhirAuditEvent
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from fhir.resources.R4B.documentreference import DocumentReference

from review import documents
from review.actions import addenda, sign
from review.fhir import access
from review.models import AuditEvent, Review, Signature
from review.release import canonical
from tests import rows
from tests.cast import PASSWORD
from tests.rows import ignored_triggers, signed
from transcripts.actions import keys
from transcripts.models import AccessKey

pytestmark = pytest.mark.django_db


def new_key(cast, *scopes, practice=None):
    return keys.create(
        practice=practice or cast.practice, by=cast.manager.user, label="EHR", scopes=scopes
    )


def ask_token(client, key, secret, **changes):
    basic = base64.b64encode(f"{key.access_key_id}:{secret}".encode()).decode()
    values = {"grant_type": "client_credentials"} | changes
    return client.post("/fhir/token", values, headers={"Authorization": f"Basic {basic}"})


@pytest.fixture
def get(cast, client):
    """A GET under a token of the practice for all that there is."""
    key, secret = new_key(cast, "documents.read", "audit.read")
    token = ask_token(client, key, secret).json()["access_token"]

    def get(path):
        return client.get(f"/fhir/{path}", headers={"Authorization": f"Bearer {token}"})

    return get


@pytest.fixture
def document(cast, review):
    signed(review, cast)
    return Review.objects.get(pk=review.pk)


def amended(document, cast):
    """An amendment of the document, signed."""
    draft = addenda.draft(
        review=document, kind="amendment", reason="Wrong dose.", text="New.", by=cast.clinician
    )
    with transaction.atomic():
        row = sign.locked(document)
        preview = documents.follow_up(
            row, meaning=documents.meaning_of(draft), addendum=draft, by=cast.clinician
        )
    shown = documents.content_digest(preview)
    sign.sign_addendum(addendum=draft, by=cast.clinician, password=PASSWORD, shown=shown)
    return draft


# Tokens


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"scope": "system/Patient.rs"}, 400, "invalid_scope"),
        ({"scope": "system/AuditEvent.rs"}, 400, "invalid_scope"),
    ],
)
def test_a_token_that_cannot_be_had_is_refused_in_oauths_words(
    cast, client, changes, status, error
):
    key, secret = new_key(cast, "documents.read")
    answer = ask_token(client, key, secret, **changes)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_a_wrong_secret_and_an_unknown_client_look_alike(cast, client):
    key, secret = new_key(cast, "documents.read")
    wrong = ask_token(client, key, "wrong")
    unknown = ask_token(client, AccessKey(access_key_id="AKIANOBODY"), secret)
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.content == unknown.content
    assert AuditEvent.objects.filter(action="key.refused").count() == 1


@pytest.mark.parametrize("header", ["", "Basic !", "Basic /w==", "Bearer x", "Bearer "])
def test_rubbish_instead_of_credentials_is_no_error(client, header):
    answer = client.post(
        "/fhir/token", {"grant_type": "client_credentials"}, headers={"Authorization": header}
    )
    assert answer.status_code == 401
    answer = client.get("/fhir/DocumentReference", headers={"Authorization": header})
    assert answer.status_code == 401 and answer["WWW-Authenticate"] == "Bearer"
    assert answer.json()["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("end", ["revoked_at", "expires_at"])
def test_a_tokens_life_ends_with_its_key(get, document, end):
    assert get("DocumentReference").status_code == 200
    AccessKey.objects.update(**{end: timezone.now() - timedelta(seconds=1)})
    assert get("DocumentReference").status_code == 401


def test_a_token_runs_out(get, document, monkeypatch):
    monkeypatch.setattr(access, "SECONDS", -1)
    assert get("DocumentReference").status_code == 401


def test_a_key_for_aws_clients_reads_no_audit_log(cast, client):
    key, secret = new_key(cast)
    granted = ask_token(client, key, secret).json()
    assert "AuditEvent" not in granted["scope"] and "DocumentReference" in granted["scope"]
    answer = client.get(
        "/fhir/AuditEvent", headers={"Authorization": f"Bearer {granted['access_token']}"}
    )
    assert answer.status_code == 403


def test_who_asks_too_often_is_told_to_wait(get, document, monkeypatch):
    monkeypatch.setattr(access, "CALLS_A_SECOND", 0)
    answer = get("DocumentReference")
    assert answer.status_code == 429 and answer.json()["issue"][0]["code"] == "throttled"


# Documents


def test_only_signed_documents_are_there(get, cast, review):
    assert get("DocumentReference").json()["total"] == 0
    assert get(f"DocumentReference/{review.pk}").status_code == 404
    assert get(f"Composition/{review.pk}/$document").status_code == 404
    signed(review, cast)
    assert get("DocumentReference").json()["total"] == 1


def test_another_practices_documents_do_not_exist(cast, client, document):
    key, secret = new_key(cast, "documents.read", practice=cast.outsider.practice)
    token = ask_token(client, key, secret).json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    for path in (f"DocumentReference/{document.pk}", f"Composition/{document.pk}/$document"):
        assert client.get(f"/fhir/{path}", headers=bearer).status_code == 404
    assert client.get("/fhir/DocumentReference", headers=bearer).json()["total"] == 0


def test_what_is_read_is_valid_and_on_record(get, document):
    DocumentReference.model_validate(get(f"DocumentReference/{document.pk}").json())
    Bundle.model_validate(get(f"Composition/{document.pk}/$document").json())
    Bundle.model_validate(get("DocumentReference").json())
    forms = AuditEvent.objects.filter(action="document.released").values_list("detail", flat=True)
    assert {detail["form"] for detail in forms} == {"fhir", "fhir_reference"}
    assert AuditEvent.objects.filter(action="fhir.searched").count() == 1


def test_an_amendment_is_a_document_of_its_own_that_replaces(get, cast, document):
    draft = amended(document, cast)
    made = get(f"DocumentReference/{draft.pk}").json()
    DocumentReference.model_validate(made)
    assert made["relatesTo"][0]["code"] == "replaces" and made["docStatus"] == "amended"
    bundle = get(f"Composition/{draft.pk}/$document").json()
    Bundle.model_validate(bundle)
    assert bundle["entry"][0]["resource"]["status"] == "amended"
    assert get("DocumentReference").json()["total"] == 2


def test_what_an_amendment_replaces_is_superseded(get, cast, document):
    draft = amended(document, cast)
    assert get(f"DocumentReference/{document.pk}").json()["status"] == "superseded"
    for status, ids in (
        ("current", {str(draft.pk)}),
        ("superseded", {str(document.pk)}),
        ("current,superseded", {str(draft.pk), str(document.pk)}),
        ("entered-in-error", set()),
    ):
        found = get(f"DocumentReference?status={status}").json()["entry"]
        assert {entry["resource"]["id"] for entry in found} == ids
        assert all(entry["resource"]["status"] in status for entry in found)


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("patient.identifier=10001", 1),
        ("patient.identifier=urn:x|10001", 1),
        ("patient.identifier=2", 0),
        ("status=current", 1),
        ("status=superseded", 0),
        ("date=ge2020-01-01&date=lt2099-01-01", 1),
        ("date=le2020-01-01", 0),
        ("date=gt2020-01-01T10:00:00Z", 1),
        ("identifier=nothing", 0),
    ],
)
def test_documents_are_found(get, document, query, total):
    assert get(f"DocumentReference?{query}").json()["total"] == total


def test_documents_of_a_patient_are_found_by_its_id(get, document):
    patient = document.recording.patient_id
    assert get(f"DocumentReference?patient=Patient/{patient}").json()["total"] == 1


@pytest.mark.parametrize(
    "query",
    ["date=yesterday", "date=2026-13-40", "patient=x", "color=red", "_count=-1", "_offset=9" * 40],
)
def test_a_search_that_makes_no_sense_is_answered_with_what_is_wrong(get, document, query):
    answer = get(f"DocumentReference?{query}")
    assert answer.status_code == 400
    assert answer.json()["issue"][0]["diagnostics"]


def test_long_results_come_page_by_page(get, cast):
    for number in range(3):
        signed(rows.review(cast, mrn=f"m{number}"), cast)
    first = get("DocumentReference?_count=2&status=current").json()
    assert first["total"] == 3 and len(first["entry"]) == 2
    following = next(link["url"] for link in first["link"] if link["relation"] == "next")
    second = get(following.partition("/fhir/")[2]).json()
    assert len(second["entry"]) == 1 and len(second["link"]) == 1
    ids = {entry["resource"]["id"] for entry in first["entry"] + second["entry"]}
    assert len(ids) == 3


def test_a_page_takes_the_same_queries_however_many_documents(
    get, cast, django_assert_max_num_queries
):
    for number in range(4):
        signed(rows.review(cast, mrn=f"m{number}"), cast)
    with django_assert_max_num_queries(16):
        assert len(get("DocumentReference").json()["entry"]) == 4


# The audit log, and what the endpoint says of itself


def test_audit_rows_are_valid_audit_events(get, document):
    bundle = get("AuditEvent?_count=100").json()
    Bundle.model_validate(bundle)
    for entry in bundle["entry"]:
        made = entry["resource"]
        FhirAuditEvent.model_validate(made)
        assert len(made["agent"]) >= 2
    assert any("what" in each for e in bundle["entry"] for each in e["resource"]["entity"])


def test_the_endpoint_describes_itself_to_anyone(client):
    CapabilityStatement.model_validate(client.get("/fhir/metadata").json())
    smart = client.get("/fhir/.well-known/smart-configuration").json()
    assert smart["token_endpoint"].endswith("/fhir/token")


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_nothing_can_be_written(client, method, document):
    answer = getattr(client, method)(f"/fhir/DocumentReference/{document.pk}")
    assert answer.status_code == 405


# Documents that do not verify


@pytest.fixture
def tampered(document):
    """The document, with its stored text changed behind the program's back."""
    changed = Signature.objects.get()
    text = changed.document.replace("lisinopril", "lisinoprix")
    values = {"document": text, "sha256": canonical.digest(text.encode())}
    with ignored_triggers("review_signature"):
        Signature.objects.filter(pk=changed.pk).update(**values)
    return document


def test_what_does_not_verify_is_not_given_out(get, tampered):
    for path in (f"DocumentReference/{tampered.pk}", f"Composition/{tampered.pk}/$document"):
        answer = get(path)
        assert answer.status_code == 500 and answer.json()["resourceType"] == "OperationOutcome"
        assert "lisinoprix" not in answer.content.decode()
    assert AuditEvent.objects.filter(action="document.unverified").count() == 2
    assert not AuditEvent.objects.filter(action="document.released").exists()


def test_a_search_tells_of_the_others_only(get, cast, tampered):
    other = rows.review(cast, mrn="m2")
    signed(other, cast)
    bundle = get("DocumentReference").json()
    Bundle.model_validate(bundle)
    assert [entry["search"]["mode"] for entry in bundle["entry"]] == ["match", "outcome"]
    assert bundle["entry"][0]["resource"]["id"] == str(other.pk)
    searched = AuditEvent.objects.get(action="fhir.searched")
    assert searched.detail["documents"] == [str(other.pk)]


def test_what_the_endpoint_says_of_itself_is_true(client, get, document):
    stated = client.get("/fhir/metadata").json()["rest"][0]
    for resource in stated["resource"]:
        kind = resource["type"]
        for one in resource.get("searchParam", []):
            value = {"date": "2026-01-01", "patient": str(document.recording.patient_id)}
            answer = get(f"{kind}?{one['name']}={value.get(one['name'], 'current')}")
            assert answer.status_code == 200, (kind, one)
        for interaction in resource.get("interaction", []):
            if interaction["code"] == "read":
                assert get(f"{kind}/{document.pk}").status_code in (200, 404)
    smart = client.get("/fhir/.well-known/smart-configuration").json()
    assert "private_key_jwt" in smart["token_endpoint_auth_methods_supported"]
    assert smart["token_endpoint_auth_signing_alg_values_supported"] == ["RS384", "ES384"]
