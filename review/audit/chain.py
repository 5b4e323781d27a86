"""The hash chain of the audit log: how a row is sealed and how a chain is checked.

Pure: rows come in and go out as values. Writing rows lives in record.py, exports in export.py, and
verify.py checks an exported file without this module.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import rfc8785

GENESIS = "0" * 64
VERSION = 1
CONTENT = (
    "time",
    "practice",
    "actor",
    "action",
    "object",
    "outcome",
    "detail",
    "patient",
    "request",
)
MAX_CODE = 128

_SHAPES = {
    "actor": {"id", "display", "role"},
    "object": {"type", "id", "version"},
    "request": {"ip", "user_agent", "request_id", "session"},
}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


@dataclass(frozen=True, slots=True)
class Row:
    """One row as stored. `time` is ISO 8601 UTC with microseconds and Z; hashes are hex."""

    seq: int
    time: str
    practice: str
    actor: dict[str, Any]
    action: str
    object: dict[str, Any]
    outcome: str
    detail: dict[str, Any]
    patient: str | None
    request: dict[str, Any]
    prev_hash: str
    hash: str
    canonical: str


@dataclass(frozen=True, slots=True)
class Break:
    """The first row that does not hold, and why, in one plain sentence part."""

    seq: int
    reason: str


def stamp(moment: datetime) -> str:
    """A moment with a time zone as the `time` of a row. ValueError when it has no zone."""
    if moment.tzinfo is None:
        raise ValueError("an audit time needs a time zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def seal(row: dict[str, Any], *, seq: int, prev_hash: str) -> tuple[str, str]:
    """Canonical text (RFC 8785) and SHA-256 hex of a row that has exactly the keys of CONTENT.

    `seq` starts at 1 and `prev_hash` at GENESIS. TypeError for floats and other values without an
    exact JSON form; ValueError for missing or unknown keys, a malformed time, or a detail that is
    text where only ids, numbers and codes may stand.
    """
    _check(row)
    if seq < 1:
        raise ValueError("seq starts at 1")
    canonical = _canonical(row, seq=seq, prev_hash=prev_hash)
    return canonical, digest(canonical)


def digest(canonical: str) -> str:
    """SHA-256 hex of the UTF-8 bytes of a canonical text."""
    return hashlib.sha256(canonical.encode()).hexdigest()


def first_break(rows: Iterable[Row], *, seq: int = 0, prev_hash: str = GENESIS) -> Break | None:
    """The first row, in the given order, that breaks the chain; None when all hold.

    `seq` and `prev_hash` name the row before the first one, for a check that goes on from a pinned
    head. Rows cut off at the end leave a whole chain: compare the last hash with a pinned head.
    """
    for row in rows:
        reason = _reason(row, seq + 1, prev_hash)
        if reason:
            return Break(row.seq, reason)
        seq, prev_hash = row.seq, row.hash
    return None


def _reason(row: Row, seq: int, prev_hash: str) -> str | None:
    if row.seq != seq:
        return f"expected seq {seq}: rows are missing, repeated or out of order"
    if digest(row.canonical) != row.hash:
        return "the hash is not the SHA-256 of the canonical text"
    if row.prev_hash != prev_hash:
        return "prev_hash is not the hash of the row before"
    return _column_difference(row)


def _column_difference(row: Row) -> str | None:
    columns = {name: getattr(row, name) for name in CONTENT}
    try:
        if _canonical(columns, seq=row.seq, prev_hash=row.prev_hash) == row.canonical:
            return None
        stated = json.loads(row.canonical)
        for name in ("seq", *CONTENT, "prev_hash"):
            if rfc8785.dumps(getattr(row, name)) != rfc8785.dumps(stated[name]):
                return f"column {name} differs from the canonical text"
    except (ValueError, TypeError, KeyError):
        return "the canonical text or a column is not a well-formed audit row"
    return "the canonical text is not in canonical form"


def _canonical(row: dict[str, Any], *, seq: int, prev_hash: str) -> str:
    content = {name: row[name] for name in CONTENT}
    return rfc8785.dumps({"v": VERSION, "seq": seq, **content, "prev_hash": prev_hash}).decode()


def _check(row: dict[str, Any]) -> None:
    wrong = set(row) ^ set(CONTENT)
    if wrong:
        raise ValueError(f"an audit row has exactly these keys: {', '.join(CONTENT)}")
    for name, keys in _SHAPES.items():
        if set(row[name]) != keys:
            raise ValueError(f"{name} of an audit row has exactly these keys: {sorted(keys)}")
    if not _TIME.fullmatch(row["time"]):
        raise ValueError("time of an audit row is ISO 8601 UTC with microseconds and Z")
    _refuse_inexact(row)
    _refuse_text(row["detail"])


def _refuse_inexact(value: Any) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise TypeError("keys of an audit row are strings")
            _refuse_inexact(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _refuse_inexact(inner)
    elif not (value is None or isinstance(value, str | int)):
        raise TypeError(f"{type(value).__name__} has no exact form in an audit row")


def _refuse_text(value: Any) -> None:
    # Free text is where a patient's name would slip in. The value itself stays out of the error.
    if isinstance(value, dict):
        for inner in value.values():
            _refuse_text(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _refuse_text(inner)
    elif isinstance(value, str) and (len(value) > MAX_CODE or any(map(str.isspace, value))):
        raise ValueError("detail of an audit row holds ids, numbers and codes, never text")
