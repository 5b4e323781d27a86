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
    "actor": {"id", "display"},
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
    if seq < 1:
        raise ValueError("seq starts at 1")
    early, actor = dict(row), dict(row.get("actor", {}))
    time, role = early.pop("time", ""), actor.pop("role", ...)
    if role is ... or not _TIME.fullmatch(time):
        raise ValueError("a row has an actor's role, and a UTC time with microseconds and Z")
    one, two, three, four, five = frame(early | {"actor": actor})
    canonical = f"{one}{_text(role)}{two}{prev_hash}{three}{seq}{four}{time}{five}"
    return canonical, digest(canonical)


def frame(row: dict[str, Any]) -> tuple[str, str, str, str, str]:
    """The canonical text around what is known only when the row's turn has come.

    `row` has the keys of CONTENT but `time`, its actor no `role`. Between the five pieces belong
    the role as JSON, the hash of the row before, the row's number, and the time. Errors as of seal.
    """
    _check(row)
    said = {name: _text(value) for name, value in row.items()}
    return (
        f'{{"action":{said["action"]},"actor":{said["actor"][:-1]},"role":',
        f'}},"detail":{said["detail"]},"object":{said["object"]},"outcome":{said["outcome"]},'
        f'"patient":{said["patient"]},"practice":{said["practice"]},"prev_hash":"',
        f'","request":{said["request"]},"seq":',
        ',"time":"',
        f'","v":{VERSION}}}',
    )


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


def _text(value: Any) -> str:
    return rfc8785.dumps(value).decode()


def _check(row: dict[str, Any]) -> None:
    if {"time", *row} != set(CONTENT) or "time" in row:
        raise ValueError(f"an audit row has exactly these keys: {', '.join(CONTENT)}")
    for name, keys in _SHAPES.items():
        if set(row[name]) != keys:
            raise ValueError(f"{name} of an audit row has exactly these keys: {sorted(keys)}")
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
