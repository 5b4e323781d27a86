"""FHIR R4 resources of the endpoint, from rows: DocumentReference, Composition, AuditEvent.

A resource's id is that of the signed document or addendum, or the audit row's. What a document
Bundle looks like is in review.release.fhir.
"""

from typing import Any

from review import copies
from review.models import AuditEvent, Review, Signature
from review.release import fhir, letter, text

DCM = "http://dicom.nema.org/resources/ontology/DCM"
AUDIT_TYPES = "http://terminology.hl7.org/CodeSystem/audit-event-type"
AGENT_TYPES = "http://terminology.hl7.org/CodeSystem/extra-security-role-type"
OUTCOMES = {"success": "0", "denied": "4", "failure": "8"}


def document_reference(signature: Signature) -> dict[str, Any]:
    """The DocumentReference of a signed document or addendum, with its printed text attached."""
    document, block = copies.opened(signature)
    made = fhir.document_reference(
        document, block, text.render(document, signature=block), relates(document)
    )
    number = document["document"]["id"]
    made["id"] = number
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
    document, block = copies.opened(signature)
    related = dict(relates(document))
    return fhir.bundle(
        document,
        signature=block,
        text=text.render(document, signature=block),
        replaces=related.get("replaces"),
        appends=related.get("appends"),
    )


def audit_event(row: AuditEvent) -> dict[str, Any]:
    """An audit row as AuditEvent (IHE BALP): two agents, and the patient where one is concerned."""
    entities: list[dict[str, Any]] = []
    if row.patient:
        entities.append(
            {
                "what": {"reference": f"Patient/{row.patient}"},
                "type": {
                    "system": "http://terminology.hl7.org/CodeSystem/audit-entity-type",
                    "code": "1",
                },
                "role": {
                    "system": "http://terminology.hl7.org/CodeSystem/object-role",
                    "code": "1",
                },
            }
        )
    if row.object_id:
        entities.append({"what": {"identifier": {"value": row.object_id}}, "name": row.object_type})
    return {
        "resourceType": "AuditEvent",
        "id": f"{row.practice}-{row.seq}",
        "type": {"system": AUDIT_TYPES, "code": "rest"},
        "subtype": [{"system": "urn:countersign:action", "code": row.action}],
        "action": "E",
        "recorded": row.time.isoformat(),
        "outcome": OUTCOMES.get(row.outcome, "12"),
        "agent": [
            {
                "type": {"coding": [{"system": AGENT_TYPES, "code": "humanuser"}]},
                "who": {
                    "identifier": {"value": row.actor_id or "countersign"},
                    "display": row.actor_display,
                },
                "requestor": True,
            },
            {
                "type": {"coding": [{"system": DCM, "code": "110152"}]},
                "who": {"display": "Countersign"},
                "requestor": False,
            },
        ],
        "source": {"observer": {"display": "Countersign"}},
        "entity": entities,
        "extension": [{"url": "urn:countersign:hash", "valueString": row.hash}],
    }


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
                    "service": [
                        {
                            "coding": [
                                {
                                    "system": "http://terminology.hl7.org/CodeSystem/"
                                    "restful-security-service",
                                    "code": "OAuth",
                                }
                            ]
                        }
                    ]
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
