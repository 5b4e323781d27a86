"""Taking an edit back, and taking that back: both are edits of their own with inverse changes."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.dateparse import parse_datetime

from review import replay
from review.actions.operation import Conflict, Done, Operation, begin
from review.actions.rows import flag_state, heirs, state
from review.enums import Action, EditKind
from review.models import Edit, Flag, Review, Segment
from review.policies import Refused
from transcripts.models import Membership

UNDONE = "This is undone already."
OLDER = "This was done upon an older transcript and stays in its log."


@transaction.atomic
def undo(*, review: Review, edit_seq: int, op_id: UUID, by: Membership) -> Done:
    """Takes an edit back; where that is an undo itself, the edit is done again.

    Raises Refused, Conflict where something it changed has changed since, or Edit.DoesNotExist.
    """
    work = begin(review, op_id, by, early=True)
    if work.earlier:
        return work.repeated()
    edit = work.review.edits.select_related("undone_by").get(seq=edit_seq)
    if hasattr(edit, "undone_by"):
        raise Refused(UNDONE)
    changes = replay.inverted(edit.changes)
    segments = _segments(work, edit, changes)
    flags = _flags(work, changes)
    names = dict(work.review.speakers)
    _check(changes, segments, flags, names)
    for change in changes:
        kind, key = replay.key(change)
        if kind == "segment":
            _set_segment(segments[key], change["after"])
        elif kind == "flag":
            _set_flag(work, flags, key, change)
        else:
            names = {k: v for k, v in {**names, **change["after"]}.items() if v is not None}
    _follow(work, list(segments.values()))
    if edit.kind == EditKind.UNDO:
        kind, action = EditKind.REDO, Action.EDIT_REDONE
    else:
        kind, action = EditKind.UNDO, Action.EDIT_UNDONE
    return work.finish(kind, action, undoes=edit, names=names)


def _segments(work: Operation, edit: Edit, changes: list[replay.Change]) -> dict[str, Segment]:
    """The segments that are to change, in the order in which the edit touched them."""
    wanted = {UUID(change["segment"]) for change in changes if "segment" in change}
    wanted |= set(edit.touched)
    rows = work.review.segments.select_related("edited_by").in_bulk(wanted)
    if any(row.transcript_id != work.review.transcript_id for row in rows.values()):
        raise Refused(OLDER)
    ordered = [rows[pk] for pk in dict.fromkeys([*edit.touched, *wanted])]
    work.hold(*ordered)
    return {str(row.pk): row for row in ordered}


def _flags(work: Operation, changes: list[replay.Change]) -> dict[str, Flag]:
    keys = [change["flag"] for change in changes if "flag" in change]
    found = Flag.objects.filter(review=work.review, pk__in=keys) if keys else ()
    return {str(flag.pk): work.know_flag(flag) for flag in found}


def _check(
    changes: list[replay.Change],
    segments: dict[str, Segment],
    flags: dict[str, Flag],
    names: dict[str, str],
) -> None:
    """Raises Conflict unless everything still is as the edit left it."""
    for change in changes:
        kind, key = replay.key(change)
        now: replay.Fields | None = names
        if kind == "segment":
            now = state(segments[key])
        elif kind == "flag":
            now = flag_state(flags[key]) if key in flags else None
        if not replay.fits(change, now):
            rows = list(segments.values())
            gone = [row for row in rows if row.removed]
            holders = [heir for row in gone for heir in heirs(row.review, row)]
            raise Conflict(list({row.pk: row for row in [*rows, *holders]}.values()))


def _follow(work: Operation, segments: list[Segment]) -> None:
    """Flags raised since the edit go with their words; those whose words are gone are corrected."""
    home = {item["id"]: segment.pk for segment in segments for item in segment.items}
    for flag in work.flags_of(*segments):
        homes = {home.get(item) for item in flag.items}
        if len(homes) == 1 and None not in homes:
            flag.segment_id = homes.pop()
    work.correct_what_is_gone(*segments)


def _set_segment(segment: Segment, fields: replay.Fields) -> None:
    for name, value in fields.items():
        exact = name in ("position", "start", "end")
        setattr(segment, name, Decimal(value) if exact else value)


def _set_flag(work: Operation, flags: dict[str, Flag], key: str, change: replay.Change) -> None:
    fields: dict[str, Any] | None = change["after"]
    if fields is None:
        work.drop_flag(flags[key])
        return
    if key not in flags:
        flags[key] = work.raise_flag(Flag(pk=UUID(key), review=work.review))
    flag = flags[key]
    for name, value in fields.items():
        if name in ("segment", "resolved_by", "play"):
            setattr(flag, f"{name}_id", value and UUID(value))
        elif name == "resolved_at":
            flag.resolved_at = value and parse_datetime(value)
        else:
            setattr(flag, name, value)
