"""The FHIR document: valid R4, complete references, and the same bytes each time."""

import base64
import json

import pytest
from fhir.resources.R4B.bundle import Bundle

from review.release import fhir, text
from tests.review.release.sample import segment, signed

OTHER = "0198f1c2-77aa-7000-8000-0242ac129999"


def bundle(doc, signature, **rest):
    return json.loads(
        fhir.render(doc, signature=signature, text=text.render(doc, signature=signature), **rest)
    )


def resource(made, kind):
    return next(e["resource"] for e in made["entry"] if e["resource"]["resourceType"] == kind)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"patient": None, "encounter_date": None},
        {"type": "CONVERSATION", "segments": [segment(0, "A & B < C > D \u0001", speaker="spk_0")]},
    ],
    ids=["usual", "no patient", "markup in the text"],
)
def test_every_document_is_valid_r4(changes):
    doc, signature = signed(**changes)
    made = bundle(doc, signature)
    Bundle.model_validate(made)
    assert made["entry"][0]["resource"]["resourceType"] == "Composition"
    ids = {entry["fullUrl"] for entry in made["entry"]}
    assert set(references(made)) <= ids


def references(value):
    if isinstance(value, dict):
        if "reference" in value:
            yield value["reference"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_who_signed_when_and_with_which_meaning_is_in_it():
    doc, signature = signed()
    made = bundle(doc, signature)
    attester = resource(made, "Composition")["attester"][0]
    assert (attester["mode"], attester["time"]) == ("legal", doc["signed_at"])
    assert resource(made, "Practitioner")["name"] == [{"text": "Ana Reyes"}]
    assert resource(made, "Provenance")["signature"][0]["data"] == signature["signature"]


def test_the_attachment_is_the_printed_text():
    doc, signature = signed()
    attachment = resource(bundle(doc, signature), "DocumentReference")["content"][0]["attachment"]
    assert base64.b64decode(attachment["data"]).decode() == text.render(doc, signature=signature)


def test_an_amendment_replaces_and_an_addendum_appends():
    doc, signature = signed()
    replaced = resource(bundle(doc, signature, replaces=OTHER), "Composition")
    assert replaced["status"] == "amended" and replaced["relatesTo"][0]["code"] == "replaces"
    made = bundle(doc, signature, appends=OTHER)
    Bundle.model_validate(made)
    appended = resource(made, "DocumentReference")
    assert appended["docStatus"] == "final"
    assert appended["relatesTo"][0]["target"]["identifier"]["value"] == f"urn:uuid:{OTHER}"


def test_the_same_document_gives_the_same_bytes():
    doc, signature = signed()
    assert bundle(doc, signature) == bundle(doc, signature)


def test_another_documents_signature_is_refused():
    _, signature = signed()
    with pytest.raises(ValueError):
        fhir.bundle(signed(author="Somebody else")[0], signature=signature, text="")
