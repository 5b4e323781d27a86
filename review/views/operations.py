"""The operations that the review screen sends: read from JSON, handed on, answered."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET, require_POST

from review import lines, queries, wire
from review.actions import edit, flags, speakers, structure, undo
from review.actions.operation import Conflict, Done
from review.enums import Action, EditKind
from review.models import Edit, Segment
from review.permissions import Permission, refusal
from review.policies import Refused, edit_refusal
from review.views.screen import readable
from transcripts import events
from transcripts.access import logged_in_script
from transcripts.models import Membership
from transcripts.views.answers import problem

MAX_NUMBER = 2**31 - 1
MAX_STRING = 100_000
Body = dict[str, Any]


@logged_in_script
@require_POST
def operations(request: HttpRequest, recording_id: UUID) -> JsonResponse:
    """One operation. 200 with what it touched, 409 with what is there now, 403, 422."""
    review = readable(request, recording_id, queries.bare_review_or_404)
    member = request.membership
    if refusal(member, Permission.EDIT):
        raise PermissionDenied(edit_refusal(review, member))
    try:
        body = json.loads(request.body)
        action, read = KINDS[body["kind"]]
        given = {"op_id": UUID(str(body["op_id"]))} | read(body)
    except (ValueError, KeyError, TypeError, RecursionError):
        return problem("malformed", "The change could not be understood. Reload the page.", 422)
    try:
        done = action(review=review, by=member, **given)
    except Conflict as conflict:
        return _conflict(conflict)
    except (Segment.DoesNotExist, Edit.DoesNotExist):
        return problem("no_segment", "This segment is no longer there. Reload the page.", 422)
    except Refused as reason:
        return problem("refused", str(reason), 403)
    return JsonResponse(_answer(done, member))


@logged_in_script
@require_GET
def history(request: HttpRequest, recording_id: UUID) -> JsonResponse:
    """What was done to ?segment=<id> or to the word ?item=<id>, newest first."""
    review = readable(request, recording_id)
    item = request.GET.get("item")
    try:
        segment = None if item else UUID(request.GET.get("segment", ""))
        named = not item or item.isprintable()  # else PostgreSQL's JSON does not take it
    except ValueError:
        named = False
    if not named:
        return problem("malformed", "Name a segment or a word.", 422)
    with transaction.atomic():
        events.about(review.recording, Action.HISTORY_VIEWED, request.user)
    return JsonResponse({"edits": queries.edits_of(review, segment=segment, item=item)})


def _answer(done: Done, member: Membership) -> Body:
    rows = lines.touched(done.segments, done.flags)
    return {
        "seq": done.seq,
        "edit": done.edit and done.edit.seq,
        "segments": rows,
        "segment": rows[0] if rows else None,
        "review": wire.review(done.review, member, done.tally),
        "speakers": done.review.speakers,
    }


def _conflict(conflict: Conflict) -> JsonResponse:
    rows = lines.touched(conflict.segments)
    first = conflict.segments[0] if conflict.segments else None
    by = first.edited_by.name if first and first.edited_by else "the machine"
    message = f"{by} changed this segment meanwhile." if first else "This was changed meanwhile."
    answer = {
        "error": "conflict",
        "message": message,
        "segment": rows[0] if rows else None,
        "segments": rows,
        "by": by,
    }
    if conflict.count is not None:
        answer |= {"count": conflict.count, "message": "The text has changed meanwhile."}
    return JsonResponse(answer, status=409)


def _segment(body: Body) -> Body:
    return {
        "segment_id": UUID(str(body["segment"])),
        "base_version": _number(body, "base_version"),
    }


def _number(body: Body, name: str) -> int:
    value = body[name]
    if type(value) is not int or not 0 <= value <= MAX_NUMBER:
        raise ValueError
    return value


def _string(body: Body, name: str) -> str:
    value = body[name]
    if not isinstance(value, str) or "\x00" in value or len(value) > MAX_STRING:
        raise ValueError
    return value


def _optional(body: Body, name: str) -> str | None:
    return None if body.get(name) is None else _string(body, name)


def _items(body: Body) -> Body:
    items = body["items"]
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise ValueError
    return {"items": items}


def _flag(body: Body, name: str) -> bool:
    if not isinstance(body[name], bool):
        raise ValueError
    return body[name]


def _range(body: Body) -> Body:
    first, last = _number(body, "from"), _number(body, "to")
    if first > last:
        raise ValueError
    words = {"expect": _string(body, "expect"), "text": _string(body, "text")}
    return _segment(body) | words | {"first": first, "last": last}


def _merge(body: Body) -> Body:
    before = UUID(str(body["with"]))
    return _segment(body) | {
        "with_id": before,
        "with_base_version": _number(body, "with_base_version"),
    }


def _speaker(body: Body) -> Body:
    words = {"first": _optional(body, "from"), "last": _optional(body, "to")}
    return _segment(body) | words | {"speaker": _string(body, "speaker")}


def _rename(body: Body) -> Body:
    return {
        "speaker": _string(body, "speaker"),
        "name": _string(body, "name"),
        "expect": _optional(body, "expect") or "",
    }


def _all(body: Body) -> Body:
    return {
        "token": _string(body, "token"),
        "text": _string(body, "text"),
        "match_case": _flag(body, "match_case"),
        "expect_count": _number(body, "expect_count"),
    }


KINDS: dict[str, tuple[Callable[..., Done], Callable[[Body], Body]]] = {
    EditKind.REPLACE_TEXT: (
        edit.replace_text,
        lambda body: _segment(body) | {"text": _string(body, "text")},
    ),
    EditKind.REPLACE_RANGE: (edit.replace_range, _range),
    EditKind.REPLACE_ALL: (edit.replace_all, _all),
    EditKind.CONFIRM: (edit.confirm, lambda body: _segment(body) | _items(body)),
    EditKind.SPLIT: (
        structure.split,
        lambda body: _segment(body) | {"at": _number(body, "at")},
    ),
    EditKind.MERGE: (structure.merge, _merge),
    EditKind.SPEAKER: (speakers.change, _speaker),
    EditKind.RENAME_SPEAKER: (speakers.rename, _rename),
    EditKind.MERGE_SPEAKERS: (
        speakers.merge,
        lambda body: {"gone": _string(body, "from"), "into": _string(body, "into")},
    ),
    EditKind.BLANK: (
        flags.blank,
        lambda body: _segment(body) | {"at": _number(body, "at")},
    ),
    EditKind.QUERY: (
        flags.query,
        lambda body: _segment(body) | _items(body) | {"note": _string(body, "note")},
    ),
    EditKind.UNDO: (undo.undo, lambda body: {"edit_seq": _number(body, "edit")}),
}
