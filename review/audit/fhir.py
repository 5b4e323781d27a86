"""Audit rows as FHIR R4 AuditEvent, with the fields of IHE's Basic Audit Log Patterns (BALP).

Pure: one row in, one resource out. The sealed text goes along as an extension, so that a file of
resources can be checked like any other export.
"""

from functools import lru_cache
from typing import Any

from review.audit.chain import Row

DCM = "http://dicom.nema.org/resources/ontology/DCM"
TYPES = "http://terminology.hl7.org/CodeSystem/audit-event-type"
REST = "http://hl7.org/fhir/restful-interaction"
ENTITY_TYPES = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
OBJECT_ROLES = "http://terminology.hl7.org/CodeSystem/object-role"
BALP_ENTITIES = "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType"
SOURCE_TYPES = "http://terminology.hl7.org/CodeSystem/security-source-type"
REASONS = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
ACTIONS = "urn:countersign:action"
OUTCOMES = {"success": "0", "denied": "4", "failure": "8"}

# What kind of event it is, by the beginning of the action's name; the first that fits.
KINDS: tuple[tuple[str, str, str], ...] = (
    ("login", "110114", "User Authentication"),
    ("logout", "110114", "User Authentication"),
    ("session", "110114", "User Authentication"),
    ("mfa", "110114", "User Authentication"),
    ("password", "110114", "User Authentication"),
    ("audit", "110101", "Audit Log Used"),
    ("access.denied", "110113", "Security Alert"),
    ("key.", "110113", "Security Alert"),
    ("signing_key", "110113", "Security Alert"),
    ("member", "110113", "Security Alert"),
    ("person", "110113", "Security Alert"),
    ("emergency", "110113", "Security Alert"),
    ("recording.uploaded", "110107", "Import"),
    ("export", "110106", "Export"),
    ("draft.released", "110106", "Export"),
    ("document.released", "110106", "Export"),
    ("news.delivered", "110106", "Export"),
    ("fhir.searched", "110112", "Query"),
)
PATIENT_RECORD = ("110110", "Patient Record")
ACTIVITY = ("110100", "Application Activity")
# What was done, by the last word of the action's name; anything else is an execution.
_CREATED = ("created", "uploaded", "added", "drafted", "opened", "begun", "requested")
_READ = ("viewed", "played", "fetched", "searched", "downloaded", "released", "previewed")
_READ += ("exported", "verified", "listed")
_UPDATED = ("edited", "changed", "confirmed", "replaced", "split", "merged", "renamed", "undone")
_UPDATED += ("redone", "updated", "tagged", "described", "corrected", "moved", "switched", "kept")
_UPDATED += ("taken", "rotated", "scheduled")
_DELETED = ("deleted", "discarded", "removed", "expired", "revoked", "ended", "erased")
VERBS = {
    verb: code
    for code, verbs in (("C", _CREATED), ("R", _READ), ("U", _UPDATED), ("D", _DELETED))
    for verb in verbs
}
INTERACTIONS = {"C": "create", "R": "read", "U": "update", "D": "delete"}


def resource(row: Row) -> dict[str, Any]:
    """The row as an AuditEvent: who, from where, by which system, about whom and what."""
    action = VERBS.get(row.action.rpartition(".")[2], "E")
    who, client = row.actor, row.request
    made: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "id": f"{row.practice}-{row.seq}",
        "extension": [
            {"url": "urn:countersign:seq", "valueString": str(row.seq)},
            {"url": "urn:countersign:hash", "valueString": row.hash},
            {"url": "urn:countersign:prev-hash", "valueString": row.prev_hash},
            {"url": "urn:countersign:canonical", "valueString": row.canonical},
        ],
        "type": _type(row.action, bool(row.patient)),
        "subtype": _subtypes(row, action),
        "action": action,
        "recorded": row.time,
        "outcome": OUTCOMES.get(row.outcome, "12"),
        "agent": _agents(
            who["id"], who["display"], who["role"], client["user_agent"], client["ip"]
        ),
        "source": {
            "observer": {"display": "Countersign", "identifier": {"value": "countersign"}},
            "type": [{"system": SOURCE_TYPES, "code": "4", "display": "Application Server"}],
        },
    }
    if "emergency" in row.detail:
        made["purposeOfEvent"] = [
            {"coding": [{"system": REASONS, "code": "BTG", "display": "break the glass"}]}
        ]
    if entities := _entities(row):
        made["entity"] = entities
    return made


@lru_cache(512)
def _type(action: str, about_patient: bool) -> dict[str, str]:
    kinds = (kind[1:] for kind in KINDS if action.startswith(kind[0]))
    code, display = next(kinds, PATIENT_RECORD if about_patient else ACTIVITY)
    return {"system": DCM, "code": code, "display": display}


def _subtypes(row: Row, action: str) -> list[dict[str, str]]:
    own = [{"system": ACTIONS, "code": row.action}]
    rest = INTERACTIONS.get(action)
    return own + [{"system": REST, "code": rest, "display": rest}] if rest else own


@lru_cache(512)
def _agents(
    who: str | None, name: str, role: str | None, user_agent: str | None, ip: str | None
) -> list[dict[str, Any]]:
    """The person where there is one, the client they used, and this server.

    Exactly one is the requestor. The same few come again and again, so what was made is kept.
    """
    person = who is not None
    client: dict[str, Any] = {
        "type": _coded(DCM, "110153", "Source Role ID"),
        "who": {"display": user_agent or "Countersign"},
        "requestor": not person,
    }
    if ip:
        client["network"] = {"address": ip, "type": "2"}
    server = {
        "type": _coded(DCM, "110152", "Destination Role ID"),
        "who": {"display": "Countersign"},
        "requestor": False,
    }
    if not person:
        return [client, server]
    user: dict[str, Any] = {
        "type": _coded(
            "http://terminology.hl7.org/CodeSystem/v3-ParticipationType",
            "IRCP",
            "information recipient",
        ),
        "who": {"identifier": {"value": who}, "display": name},
        "requestor": True,
    }
    if role:
        user["role"] = [{"text": role}]
    return [user, client, server]


def _entities(row: Row) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if row.patient:
        found.append(
            {
                "what": {"reference": f"Patient/{row.patient}"},
                "type": {"system": ENTITY_TYPES, "code": "1", "display": "Person"},
                "role": {"system": OBJECT_ROLES, "code": "1", "display": "Patient"},
            }
        )
    if row.object["id"]:
        thing: dict[str, Any] = {
            "what": {"identifier": {"value": row.object["id"]}},
            "type": {"system": ENTITY_TYPES, "code": "2", "display": "System Object"},
            "role": {"system": OBJECT_ROLES, "code": "4", "display": "Domain Resource"},
        }
        if row.object["type"]:
            thing["name"] = row.object["type"]
        if row.object["version"]:
            thing["detail"] = [{"type": "version", "valueString": str(row.object["version"])}]
        found.append(thing)
    if row.request["request_id"]:
        found.append(
            {
                "what": {"identifier": {"value": row.request["request_id"]}},
                "type": {"system": BALP_ENTITIES, "code": "XrequestId"},
            }
        )
    return found


def _coded(system: str, code: str, display: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": display}]}
