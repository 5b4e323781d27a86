"""The review screen and its state as JSON. What it sends is read in operations.py."""

from collections.abc import Callable
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from review import integrity, queries
from review.enums import Action
from review.models import Review
from review.permissions import Permission, check
from transcripts import events
from transcripts.access import logged_in_script


@login_required
@require_GET
def recording(request: HttpRequest, recording_id: UUID) -> HttpResponse:
    """The page. Looking is recorded before anything is shown."""
    if removal := queries.removed_draft(request.membership, recording_id):
        return render(request, "review/removed.html", {"removal": removal}, status=410)
    review = readable(request, recording_id)
    with transaction.atomic():
        snapshot = queries.screen_state(review, request.membership)
        events.about(review.recording, Action.REVIEW_VIEWED, request.user)
    context = {"recording": review.recording, "review": review, "snapshot": snapshot}
    context["altered"] = integrity.problems(review)
    return render(request, "review/screen.html", context)


@logged_in_script
@require_GET
def state(request: HttpRequest, recording_id: UUID) -> JsonResponse:
    """What the page shows now, for a page that missed a live message."""
    review = readable(request, recording_id)
    with transaction.atomic():
        now = queries.screen_state(review, request.membership)
        events.about(review.recording, Action.REVIEW_VIEWED, request.user, via="state")
        return JsonResponse(now, json_dumps_params={"separators": (",", ":")})


def readable(
    request: HttpRequest, recording_id: UUID, find: Callable[..., Review] = queries.review_or_404
) -> Review:
    """The review, for who may look at it; PermissionDenied or Http404 for others."""
    check(request.membership, Permission.VIEW)
    return find(request.membership, recording_id)
