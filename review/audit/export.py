"""Audit rows as files: CSV for a spreadsheet, JSON Lines for a machine, FHIR for other systems.

Pure and streaming: one row in, one piece of text out. At the end stand signed checkpoints, which
verify.py compares with the rows. Choosing rows, and recording that they left, is in exporting.py.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from review.audit import fhir
from review.audit.chain import Row

COLUMNS = (
    "seq",
    "time",
    "practice",
    "actor",
    "action",
    "object",
    "outcome",
    "patient",
    "prev_hash",
    "hash",
    "canonical",
)
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
CHECKPOINT = "checkpoint"


@dataclass(frozen=True, slots=True)
class Pin:
    """A signed checkpoint: the statement as it was signed, the signature in base64, the key."""

    statement: str
    signature: str
    key_id: str


_compact = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


class _Line:
    """A file for csv.writer that hands the line back instead of keeping it."""

    def write(self, text: str) -> str:
        return text


def csv_rows(rows: Iterable[Row]) -> Iterator[str]:
    """RFC 4180 lines with CRLF, the header first. Actor and object are JSON, no patient is empty.

    A cell that a spreadsheet would run as a formula begins with an apostrophe.
    """
    writer = csv.writer(_Line(), lineterminator="\r\n")
    yield writer.writerow(COLUMNS)
    for row in rows:
        yield writer.writerow([cell(getattr(row, name)) for name in COLUMNS])


def csv_pin(pin: Pin) -> str:
    """A checkpoint as one more line of the same width."""
    cells = [CHECKPOINT, *[""] * 7, pin.key_id, pin.signature, pin.statement]
    return csv.writer(_Line(), lineterminator="\r\n").writerow([cell(each) for each in cells])


def jsonl_rows(rows: Iterable[Row]) -> Iterator[str]:
    """One JSON object a line with every column of the row."""
    encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
    for row in rows:
        yield (
            encode(
                {
                    "seq": row.seq,
                    "time": row.time,
                    "practice": row.practice,
                    "actor": row.actor,
                    "action": row.action,
                    "object": row.object,
                    "outcome": row.outcome,
                    "patient": row.patient,
                    "detail": row.detail,
                    "request": row.request,
                    "prev_hash": row.prev_hash,
                    "hash": row.hash,
                    "canonical": row.canonical,
                }
            )
            + "\n"
        )


def jsonl_pin(pin: Pin) -> str:
    """A checkpoint as one JSON object a line."""
    said = {CHECKPOINT: pin.statement, "signature": pin.signature, "key_id": pin.key_id}
    return json.dumps(said) + "\n"


def fhir_rows(rows: Iterable[Row]) -> Iterator[str]:
    """One AuditEvent a line (NDJSON)."""
    encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
    for row in rows:
        yield encode(fhir.resource(row)) + "\n"


def fhir_pin(pin: Pin) -> str:
    """A checkpoint as Provenance with the signature over the statement."""
    said = json.loads(pin.statement)
    chain_id = f"{said['practice']}-{said['size']}"
    made = {
        "resourceType": "Provenance",
        "id": chain_id,
        "extension": [
            {"url": "urn:countersign:checkpoint", "valueString": pin.statement},
            {"url": "urn:countersign:key", "valueString": pin.key_id},
        ],
        "target": [{"reference": f"AuditEvent/{chain_id}"}],
        "recorded": said["time"],
        "agent": [{"who": {"display": "Countersign"}}],
        "signature": [
            {
                "type": [
                    {"system": "urn:iso-astm:E1762-95:2013", "code": "1.2.840.10065.1.12.1.14"}
                ],
                "when": said["time"],
                "who": {"display": "Countersign"},
                "sigFormat": "application/octet-stream",
                "data": pin.signature,
            }
        ],
    }
    return json.dumps(made) + "\n"


def cell(value: Any) -> str:
    """A value as a CSV cell: objects as JSON, nothing for None, and no formula."""
    if value is None:
        return ""
    text = _compact(value) if isinstance(value, dict) else str(value)
    return "'" + text if text.startswith(FORMULA_STARTS) else text


FORMS = {
    "csv": (csv_rows, csv_pin),
    "jsonl": (jsonl_rows, jsonl_pin),
    "fhir": (fhir_rows, fhir_pin),
}
