"""The review screen, its state as JSON, and the operations it sends."""

import json
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from review import queries, wire
from review.actions import edit
from review.enums import Action, EditKind
from review.models import Review, Segment
from review.permissions import Permission, check, refusal
from review.policies import Refused, edit_refusal
from transcripts import events
from transcripts.access import logged_in_script

MAX_VERSION = 2**31 - 1


@login_required
@require_GET
def recording(request: HttpRequest, recording_id: UUID) -> HttpResponse:
    """The page. Looking is recorded before anything is shown."""
    review = _readable(request, recording_id)
    with transaction.atomic():
        snapshot = queries.screen_state(review, request.membership)
        events.about(review.recording, Action.REVIEW_VIEWED, request.user)
    context = {"recording": review.recording, "review": review, "snapshot": snapshot}
    return render(request, "review/screen.html", context)


@logged_in_script
@require_GET
def state(request: HttpRequest, recording_id: UUID) -> JsonResponse:
    """What the page shows now, for a page that missed a live message."""
    review = _readable(request, recording_id)
    with transaction.atomic():
        return JsonResponse(queries.screen_state(review, request.membership))


def _readable(request: HttpRequest, recording_id: UUID) -> Review:
    check(request.membership, Permission.VIEW)
    return queries.review_or_404(request.membership, recording_id)


@logged_in_script
@require_POST
def operations(request: HttpRequest, recording_id: UUID) -> JsonResponse:
    """One operation. 200 with the segment, 409 with the current one, 403 or 422 with a sentence."""
    review = _readable(request, recording_id)
    if refusal(request.membership, Permission.EDIT):
        raise PermissionDenied(edit_refusal(review, request.membership))
    try:
        operation = _operation(request.body)
    except (ValueError, KeyError, TypeError, RecursionError):
        return _problem("malformed", "The change could not be understood. Reload the page.", 422)
    kind = operation.pop("kind")
    action = edit.replace_text if kind == EditKind.REPLACE_TEXT else edit.confirm
    try:
        segment = action(review=review, by=request.membership, **operation)
    except edit.Conflict as conflict:
        return _conflict(conflict.segment)
    except Segment.DoesNotExist:
        return _problem("no_segment", "This segment is no longer there. Reload the page.", 422)
    except Refused as reason:
        return _problem("refused", str(reason), 403)
    review = queries.review_or_404(request.membership, recording_id)
    return JsonResponse(
        {
            "seq": review.recording.live_seq,
            "segment": wire.segment(segment, segment.flags.all()),
            "review": wire.review(review, request.membership),
        }
    )


def _operation(body: bytes) -> dict[str, Any]:
    """The operation's arguments; ValueError, KeyError or TypeError when it has another form."""
    raw = json.loads(body)
    version = raw["base_version"]
    if type(version) is not int or not 0 <= version <= MAX_VERSION:
        raise ValueError
    operation = {
        "kind": EditKind(raw["kind"]),
        "segment_id": UUID(str(raw["segment"])),
        "base_version": version,
        "op_id": UUID(str(raw["op_id"])),
    }
    if operation["kind"] == EditKind.REPLACE_TEXT:
        if not isinstance(raw["text"], str) or "\x00" in raw["text"]:
            raise ValueError
        return operation | {"text": raw["text"]}
    if not isinstance(raw["items"], list) or not all(isinstance(i, str) for i in raw["items"]):
        raise ValueError
    return operation | {"items": raw["items"]}


def _conflict(segment: Segment) -> JsonResponse:
    by = segment.edited_by.name if segment.edited_by else "the machine"
    answer = {
        "error": "conflict",
        "message": f"{by} changed this segment meanwhile.",
        "segment": wire.segment(segment, segment.flags.all()),
        "by": by,
    }
    return JsonResponse(answer, status=409)


def _problem(error: str, message: str, status: int) -> JsonResponse:
    return JsonResponse({"error": error, "message": message}, status=status)
