"""Suspected adverse drug events as files: CSV, and FHIR R4 AdverseEvent resources. Pure."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

COLUMNS = (
    *("id", "state", "drug", "reaction", "cue", "evidence", "mrn", "patient", "birth_date"),
    *("author", "encounter_date", "signed_at", "document", "start", "end"),
    *("causality", "reason", "decided_by", "decided_at"),
)
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
CAUSALITY = "http://terminology.hl7.org/CodeSystem/adverse-event-causality-assess"
CODES = {
    "certain": ("Certain", "Certain"),
    "probable": ("Probably-Likely", "Probably/Likely"),
    "possible": ("Possible", "Possible"),
}
URI = "urn:ietf:rfc:3986"
Row = Mapping[str, str]


def csv_text(rows: Iterable[Row]) -> str:
    """RFC 4180 with a header; rows have COLUMNS as texts. No cell is run as a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([cell(row[name]) for name in COLUMNS])
    return out.getvalue()


def cell(text: str) -> str:
    return "'" + text if text.startswith(FORMULA_STARTS) else text


def bundle(rows: Sequence[Row], *, at: str) -> dict[str, Any]:
    """A collection of AdverseEvent resources; rows as for csv_text, with `patient_id` and
    `decider_id`, accepted ones only; `at` is ISO 8601."""
    resources = [adverse_event(row) for row in rows]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": at,
        "entry": [{"fullUrl": f"urn:uuid:{each['id']}", "resource": each} for each in resources],
    }


def adverse_event(row: Row) -> dict[str, Any]:
    """One resource. The drug is contained: it is a name that was said, and no coded product."""
    made: dict[str, Any] = {
        "resourceType": "AdverseEvent",
        "id": row["id"],
        "contained": [{"resourceType": "Medication", "id": "drug", "code": {"text": row["drug"]}}],
        "identifier": {"system": URI, "value": f"urn:uuid:{row['id']}"},
        "actuality": "actual",
        "event": {"text": row["reaction"]},
        "subject": _subject(row),
        "detected": row["signed_at"],
        "recordedDate": row["decided_at"],
        "recorder": {"display": row["decided_by"]},
        "suspectEntity": [{"instance": {"reference": "#drug"}}],
        "referenceDocument": [{"reference": f"DocumentReference/{row['document']}"}],
    }
    code, display = CODES[row["causality"]]
    assessed = {"coding": [{"system": CAUSALITY, "code": code, "display": display}]}
    causality: dict[str, Any] = {"assessment": assessed, "author": made["recorder"]}
    if row["reason"]:
        assessed["text"] = row["reason"]
    made["suspectEntity"][0]["causality"] = [causality]
    return made


def _subject(row: Row) -> dict[str, Any]:
    if not row["patient_id"]:
        return {"display": "Not assigned"}
    return {
        "reference": f"Patient/{row['patient_id']}",
        "identifier": {"value": row["mrn"]},
        "display": row["patient"],
    }
