"""A signed document as a FHIR R4 document Bundle (hl7.org/fhir/R4/documents.html).

Pure. The Composition says what was written, by whom and for whom; the DocumentReference carries the
printed text; the Provenance carries the signature. Ids are derived from the document's own, so that
the same document gives the same bytes every time.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from uuid import UUID, uuid5

from review.release import letter

LOINC = "http://loinc.org"
# Progress note for what is dictated, Patient Encounter note for what is said between two.
TYPES = {"DICTATION": ("11506-3", "Progress note"), "CONVERSATION": ("34109-9", "Note")}
SIGNATURE_TYPE = "urn:iso-astm:E1762-95:2013"
AUTHOR_SIGNATURE = ("1.2.840.10065.1.12.1.1", "Author's Signature")
COSIGNATURE = ("1.2.840.10065.1.12.1.2", "Coauthor's Signature")
MRN = "http://terminology.hl7.org/CodeSystem/v2-0203"
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
PARTICIPATION = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
DOCUMENTS = "urn:ietf:rfc:3986"

Resource = dict[str, Any]


def bundle(
    doc: Mapping[str, Any],
    *,
    signature: Mapping[str, str],
    text: str,
    replaces: str | None = None,
    appends: str | None = None,
) -> Resource:
    """The Bundle. `signature` as for text.render; `text` is the printed text copy.

    `replaces` and `appends` are the document ids of what this one amends or is an addendum to.
    ValueError when the signature is not that of `doc`.
    """
    letter.check(doc, signature)
    related = [("replaces", replaces), ("appends", appends)]
    relates = [(code, target) for code, target in related if target]
    entries = [
        composition(doc, signature, relates),
        patient(doc),
        practitioner(doc),
        encounter(doc),
        organization(doc),
        document_reference(doc, signature, text, relates),
        provenance(doc, signature),
    ]
    return {
        "resourceType": "Bundle",
        "id": _id(doc, "Bundle"),
        "identifier": {"system": DOCUMENTS, "value": f"urn:uuid:{doc['document']['id']}"},
        "type": "document",
        "timestamp": doc["signed_at"],
        "entry": [{"fullUrl": f"urn:uuid:{each['id']}", "resource": each} for each in entries],
    }


def render(doc: Mapping[str, Any], **rest: Any) -> bytes:
    """The Bundle as UTF-8 JSON; arguments as bundle()."""
    return json.dumps(bundle(doc, **rest), ensure_ascii=False, indent=1).encode()


def composition(
    doc: Mapping[str, Any], signature: Mapping[str, str], relates: Sequence[tuple[str, str]]
) -> Resource:
    """The Composition, attested by its signer in legal mode."""
    amended = any(code == "replaces" for code, _ in relates)
    made = {
        "resourceType": "Composition",
        "id": _id(doc, "Composition"),
        "identifier": {"system": DOCUMENTS, "value": f"urn:uuid:{doc['document']['id']}"},
        "status": "amended" if amended else "final",
        "type": _type(doc),
        "subject": _to(doc, "Patient"),
        "encounter": _to(doc, "Encounter"),
        "date": doc["signed_at"],
        "author": [_to(doc, "Practitioner")],
        "title": letter.one_line(doc["document"]["title"]),
        "confidentiality": "N",
        "attester": [
            {"mode": "legal", "time": doc["signed_at"], "party": _to(doc, "Practitioner")}
        ],
        "custodian": _to(doc, "Organization"),
        "section": [
            {
                "title": letter.label(doc["document"]["type"]),
                "text": {"status": "generated", "div": _narrative(doc)},
            }
        ],
    }
    if relates:
        made["relatesTo"] = [
            {
                "code": code,
                "targetIdentifier": {"system": DOCUMENTS, "value": f"urn:uuid:{target}"},
            }
            for code, target in relates
        ]
    return made


def patient(doc: Mapping[str, Any]) -> Resource:
    """The Patient; one without a name where nobody was named yet."""
    who = doc["patient"]
    made: Resource = {"resourceType": "Patient", "id": _id(doc, "Patient")}
    if not who:
        return made
    made["identifier"] = [
        {
            "type": {"coding": [{"system": MRN, "code": "MR"}]},
            "system": f"urn:uuid:{_uuid(doc['practice']['id'])}",
            "value": letter.one_line(who["mrn"]),
        }
    ]
    made["name"] = [{"text": letter.one_line(who["name"])}]
    if who["birth_date"]:
        made["birthDate"] = who["birth_date"]
    return made


def practitioner(doc: Mapping[str, Any]) -> Resource:
    """Who signed, with title and licence as printed."""
    signer = doc["signer"]
    made: Resource = {
        "resourceType": "Practitioner",
        "id": _id(doc, "Practitioner"),
        "name": [{"text": letter.one_line(signer["name"])}],
    }
    if signer["title"]:
        made["qualification"] = [{"code": {"text": letter.one_line(signer["title"])}}]
    if signer["licence"]:
        made["identifier"] = [
            {
                "type": {"coding": [{"system": MRN, "code": "MD"}]},
                "value": letter.one_line(signer["licence"]),
            }
        ]
    return made


def encounter(doc: Mapping[str, Any]) -> Resource:
    """The visit that was spoken of."""
    made: Resource = {
        "resourceType": "Encounter",
        "id": _id(doc, "Encounter"),
        "status": "finished",
        "class": {"system": ACT_CODE, "code": "AMB", "display": "ambulatory"},
        "subject": _to(doc, "Patient"),
    }
    if day := doc["document"]["encounter_date"]:
        made["period"] = {"start": day[:10]}
    return made


def organization(doc: Mapping[str, Any]) -> Resource:
    """The practice, custodian of the document."""
    return {
        "resourceType": "Organization",
        "id": _id(doc, "Organization"),
        "name": letter.one_line(doc["practice"]["name"]),
    }


def document_reference(
    doc: Mapping[str, Any],
    signature: Mapping[str, str],
    text: str,
    relates: Sequence[tuple[str, str]] = (),
) -> Resource:
    """The DocumentReference with the printed text attached; its hash is SHA-1, as FHIR has it."""
    data = text.encode()
    made = {
        "resourceType": "DocumentReference",
        "id": _id(doc, "DocumentReference"),
        "masterIdentifier": {"system": DOCUMENTS, "value": f"urn:uuid:{doc['document']['id']}"},
        "identifier": [{"system": "urn:countersign:sha256", "value": signature["sha256"]}],
        "status": "current",
        "docStatus": "amended" if any(code == "replaces" for code, _ in relates) else "final",
        "type": _type(doc),
        "subject": _to(doc, "Patient"),
        "date": doc["signed_at"],
        "author": [_to(doc, "Practitioner")],
        "authenticator": _to(doc, "Practitioner"),
        "custodian": _to(doc, "Organization"),
        "content": [
            {
                "attachment": {
                    "contentType": "text/plain; charset=utf-8",
                    "language": "en-US",
                    "data": base64.b64encode(data).decode(),
                    "size": len(data),
                    "hash": base64.b64encode(
                        hashlib.sha1(data, usedforsecurity=False).digest()
                    ).decode(),
                    "title": letter.one_line(doc["document"]["title"]),
                    "creation": doc["signed_at"],
                }
            }
        ],
        "context": {"encounter": [_to(doc, "Encounter")]},
    }
    if relates:
        made["relatesTo"] = [
            {
                "code": code,
                "target": {
                    "identifier": {"system": DOCUMENTS, "value": f"urn:uuid:{target}"},
                },
            }
            for code, target in relates
        ]
    return made


def provenance(doc: Mapping[str, Any], signature: Mapping[str, str]) -> Resource:
    """The Provenance: the Ed25519 signature over the canonical document, and by whom."""
    code, display = COSIGNATURE if doc["meaning"] == "co-signed" else AUTHOR_SIGNATURE
    return {
        "resourceType": "Provenance",
        "id": _id(doc, "Provenance"),
        "target": [_to(doc, "Composition"), _to(doc, "DocumentReference")],
        "recorded": doc["signed_at"],
        "agent": [
            {
                "type": {"coding": [{"system": PARTICIPATION, "code": "legal"}]},
                "who": _to(doc, "Practitioner"),
                "onBehalfOf": _to(doc, "Organization"),
            }
        ],
        "signature": [
            {
                "type": [{"system": SIGNATURE_TYPE, "code": code, "display": display}],
                "when": doc["signed_at"],
                "who": _to(doc, "Practitioner"),
                "targetFormat": "application/json",
                "sigFormat": "application/octet-stream",
                "data": signature["signature"],
            }
        ],
    }


def _type(doc: Mapping[str, Any]) -> Resource:
    code, display = TYPES[doc["document"]["type"]]
    return {"coding": [{"system": LOINC, "code": code, "display": display}]}


def _narrative(doc: Mapping[str, Any]) -> str:
    """The text as the XHTML that a narrative allows."""
    blocks = [
        f"<p>{f'<b>{escape(p.speaker)}:</b> ' if p.speaker else ''}{escape(_plain(p.text))}</p>"
        for p in letter.paragraphs(doc)
    ]
    return f'<div xmlns="http://www.w3.org/1999/xhtml">{"".join(blocks)}</div>'


def _plain(text: str) -> str:
    return "".join(char for char in text if char.isprintable())


def _to(doc: Mapping[str, Any], kind: str) -> Resource:
    return {"reference": f"urn:uuid:{_id(doc, kind)}"}


def _id(doc: Mapping[str, Any], kind: str) -> str:
    return str(uuid5(UUID(doc["document"]["id"]), kind))


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return str(uuid5(UUID(int=0), text))
