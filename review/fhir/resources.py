"""FHIR R4 resources of the endpoint, from rows: DocumentReference, Composition, the capabilities.

A resource's id is that of the signed document or addendum. What a document Bundle looks like is in
review.release.fhir, an AuditEvent in review.audit.fhir.
"""

from typing import Any

from review import copies
from review.models import Review, Signature
from review.release import fhir, letter, text


def listed(signature: Signature) -> dict[str, Any]:
    """As document_reference, without the text: that is read document by document."""
    made = document_reference(signature)
    made["content"] = made["content"][1:]
    return made


def document_reference(signature: Signature) -> dict[str, Any]:
    """The DocumentReference of a signed document or addendum, with its printed text attached.

    Raises copies.Unverified, as all that prints a document here.
    """
    document, block = copies.verified(signature)
    made = fhir.document_reference(
        document, block, text.render(document, signature=block), relates(document)
    )
    number = document["document"]["id"]
    made["id"] = number
    if getattr(signature, "superseded", False):
        made["status"] = "superseded"
    made["subject"] = subject(document, signature.review)
    made["author"] = [{"display": letter.one_line(document["signer"]["name"])}]
    made["authenticator"] = made["author"][0]
    made["custodian"] = {"display": letter.one_line(document["practice"]["name"])}
    del made["context"]
    made["content"].append(
        {
            "attachment": {
                "contentType": "application/fhir+json",
                "url": f"Composition/{number}/$document",
                "title": letter.one_line(document["document"]["title"]),
                "creation": document["signed_at"],
            }
        }
    )
    return made


def relates(document: dict[str, Any]) -> list[tuple[str, str]]:
    """What a document replaces or appends, as (code, document id)."""
    parent = document["document"].get("parent_id")
    if parent is None:
        return []
    return [("replaces" if document["kind"] == "amendment" else "appends", parent)]


def subject(document: dict[str, Any], review: Review) -> dict[str, Any]:
    """The patient by record number and name, as they were signed."""
    who = document["patient"]
    if not who:
        return {"display": "Not assigned"}
    return {
        "reference": f"Patient/{review.recording.patient_id}",
        "identifier": {"value": letter.one_line(who["mrn"])},
        "display": letter.one_line(who["name"]),
    }


def composition_bundle(signature: Signature) -> dict[str, Any]:
    """The document Bundle of a signed document or addendum."""
    document, block = copies.verified(signature)
    related = dict(relates(document))
    return fhir.bundle(
        document,
        signature=block,
        text=text.render(document, signature=block),
        replaces=related.get("replaces"),
        appends=related.get("appends"),
    )


def capability(base: str, version: str) -> dict[str, Any]:
    """The CapabilityStatement: what this endpoint can be asked."""

    def searched(name: str, kind: str) -> dict[str, str]:
        return {"name": name, "type": kind}

    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-11-24",
        "kind": "instance",
        "software": {"name": "Countersign", "version": version},
        "implementation": {"description": "Signed clinical documents", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "rest": [
            {
                "mode": "server",
                "security": {
                    "description": "SMART Backend Services: client credentials with a signed JWT "
                    "(private_key_jwt, RS384 or ES384), or with the key's secret.",
                    "extension": [
                        {
                            "url": "http://fhir-registry.smarthealthit.org/StructureDefinition/"
                            "oauth-uris",
                            "extension": [{"url": "token", "valueUri": f"{base}/token"}],
                        }
                    ],
                    "service": [
                        {
                            "coding": [
                                {
                                    "system": "http://terminology.hl7.org/CodeSystem/"
                                    "restful-security-service",
                                    "code": "SMART-on-FHIR",
                                }
                            ]
                        }
                    ],
                },
                "resource": [
                    {
                        "type": "DocumentReference",
                        "interaction": [{"code": "read"}, {"code": "search-type"}],
                        "searchParam": [
                            searched("patient", "reference"),
                            searched("patient.identifier", "token"),
                            searched("date", "date"),
                            searched("status", "token"),
                            searched("identifier", "token"),
                        ],
                    },
                    {
                        "type": "Composition",
                        "operation": [
                            {
                                "name": "document",
                                "definition": "http://hl7.org/fhir/OperationDefinition/"
                                "Composition-document",
                            }
                        ],
                    },
                    {
                        "type": "AuditEvent",
                        "interaction": [{"code": "search-type"}],
                        "searchParam": [
                            searched("date", "date"),
                            searched("patient", "reference"),
                        ],
                    },
                ],
            }
        ],
    }
