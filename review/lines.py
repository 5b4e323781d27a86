"""The text of a review as JSON: segments with their flags, and entries of the log."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from review import order
from review.enums import FlagState
from review.models import Edit, Flag, Review, Segment
from review.models.review import in_text
from review.timing import text_of
from transcripts.models import MachineSegment, User
from transcripts.statements import written_once

OF_SEGMENT = (
    *("id", "machine_id", "origins", "position", "removed", "start", "end", "speaker"),
    *("channel", "text", "version", "edited_by_id"),
)
OF_FLAG = (
    *("id", "segment_id", "items", "reason", "state", "critical", "sentence"),
    *("alternatives", "note"),
)
REQUIRED = {"id", "type", "content", "start", "end", "confidence", "by"}


def written(value: Any) -> bytes:
    """As compact JSON."""
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)


def segment_dict(row: Segment) -> dict[str, Any]:
    """A segment without its flags, as documents have it; times in seconds."""
    return _facts(row) | {
        "paragraph": bool(row.items) and row.items[0].get("starts") == "paragraph",
        "items": [_item(item) for item in row.items],
    }


def _facts(row: Segment) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "position": _number(row.position),
        "start": float(row.start),
        "end": float(row.end),
        "speaker": row.speaker or None,
        "channel": row.channel,
        "version": row.version,
        "text": row.text,
    }


def _number(position: Decimal) -> int | float:
    found = float(position)
    return int(found) if found.is_integer() else found


def _item(item: dict[str, Any]) -> dict[str, Any]:
    """An item without what no document shows."""
    return {k: v for k, v in item.items() if k != "raw_confidence" and (v or k in REQUIRED)}


def segment(
    row: Segment, flags: Sequence[Flag], machine: dict[int, MachineSegment]
) -> dict[str, Any]:
    """A segment with its flags, and what the machine said and could have said; by index."""
    said = [machine[index] for index in row.origins if index in machine]
    whole = bool(said) and said[0].start == row.start and said[-1].end == row.end
    readings = said[0].alternatives if whole and len(said) == 1 else []
    words = {item["id"]: item for item in row.items} if flags else {}
    made = _facts(row) | {
        "items": row.items,
        "alternatives": [text_of(items) for items in readings],
        "flags": [_flag(flag, words) for flag in flags],
        "edited_by": row.edited_by.name if row.edited_by else None,
    }
    if row.removed:
        return made | {"removed": True}
    if not said or (row.version == 1 and row.machine_id):
        return made
    text = _said(row, said, whole)
    return made if text == row.text else made | {"machine_text": text}


def _said(row: Segment, said: list[MachineSegment], whole: bool) -> str:
    """The machine's words where the segment stands; a part of a line has those of its time."""
    items = [item for line in said for item in line.items]
    if whole:
        return text_of(items)
    within, inside = [], False
    for item in items:
        if item["start"] is not None:
            inside = float(row.start) <= item["start"] < float(row.end)
        within += [item] if inside else []
    return text_of(within)


def _flag(flag: Flag, words: dict[str, dict[str, Any]]) -> dict[str, Any]:
    made = {"id": str(flag.id), "items": flag.items, "reason": flag.reason, "state": flag.state}
    if flag.state == FlagState.OPEN:
        effort = order.effort(flag.reason, [words[pk] for pk in flag.items if pk in words])
        made |= {"wrong": round(effort.wrong, 4), "seconds": round(effort.seconds, 1)}
        made["worth"] = round(effort.worth, 6)
    if flag.critical or flag.sentence:
        made |= {"critical": flag.critical, "sentence": flag.sentence}
        made["alternatives"] = flag.alternatives
    return made | {"note": flag.note} if flag.note else made


def touched(rows: list[Segment], flags: Iterable[Flag] | None = None) -> list[dict[str, Any]]:
    """Segments with their flags, in the given order. Two queries, one where `flags` are given."""
    by_segment: dict[Any, list[Flag]] = {row.pk: [] for row in rows}
    for flag in Flag.objects.filter(segment__in=by_segment) if flags is None else flags:
        by_segment[flag.segment_id].append(flag)
    indexes = {index for row in rows for index in row.origins}
    said = _said_at(rows[0].transcript_id, list(indexes)) if indexes else []
    machine = {line.index: line for line in said}
    return [segment(row, by_segment[row.pk], machine) for row in rows]


def segments(review: Review) -> list[dict[str, Any]]:
    """All segments in order with their flags, to be `written`. Four queries.

    Words go from the database into the JSON as they are written there: to read 10,000 of them and
    write them again took four times as long as all else. Only those of segments with open flags are
    read.
    """
    flags: dict[Any, list[Any]] = {}
    for flag in _bare(_flags(review.pk)):
        flags.setdefault(flag.segment_id, []).append(flag)
    rows = _bare(_text(review.pk, review.transcript_id))
    people = User.objects.in_bulk({row.edited_by_id for row in rows} - {None})
    for row in rows:
        row.edited_by = people.get(row.edited_by_id)
        opened = any(flag.state == FlagState.OPEN for flag in flags.get(row.id, ()))
        row.items = orjson.loads(row.words) if opened else []
    changed = {index for row in rows if row.version > 1 for index in row.origins}
    changed |= {index for row in rows if row.machine_id is None for index in row.origins}
    said = _told(review.transcript_id, list(changed)) if review.transcript_id else []
    machine = {line.index: line for line in said}
    return [
        segment(row, flags.get(row.id, ()), machine) | {"items": orjson.Fragment(row.words)}
        for row in rows
    ]


@written_once
def _flags(review: UUID) -> QuerySet[Flag]:
    return Flag.objects.filter(review=review).order_by("id").values(*OF_FLAG)


@written_once
def _text(review: UUID, transcript: UUID | None) -> QuerySet[Segment]:
    rows = Segment.objects.filter(in_text(transcript), review=review)
    return rows.order_by("position").values(*OF_SEGMENT, words=Cast("items", TextField()))


def _bare(rows: Iterable[dict[str, Any]]) -> list[Any]:
    """Rows with the attributes of their models, of which a long text has thousands."""
    return [SimpleNamespace(**row) for row in rows]


@written_once
def _told(transcript: Any, changed: list[int]) -> QuerySet[MachineSegment]:
    """Those of changed lines, and those that could have been said otherwise."""
    told = Q(index__in=changed.each("int")) | ~Q(alternatives=[])
    return MachineSegment.objects.filter(told, transcript=transcript)


@written_once
def _said_at(transcript: Any, indexes: list[int]) -> QuerySet[MachineSegment]:
    return MachineSegment.objects.filter(transcript=transcript, index__in=indexes.each("int"))


def edit(row: Edit, before: str, after: str, *, undone: bool) -> dict[str, Any]:
    """One entry of a history; before and after are texts, or speakers' labels."""
    return {
        "seq": row.seq,
        "kind": row.kind,
        "label": row.get_kind_display(),
        "by": row.by.name,
        "at": row.at.isoformat(),
        "before": before,
        "after": after,
        "undone": undone,
    }
