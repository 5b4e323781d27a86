"""The review screen and its state as JSON. What it sends is read in operations.py."""

from collections.abc import Callable
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET

from review import integrity, queries
from review.enums import Action
from review.models import Review
from review.permissions import Permission, check
from review.views.compressed import compressed
from transcripts import events
from transcripts.access import logged_in_script


# Compressed here, since not every site has a proxy that does. Neither answer repeats anything of
# its request, and its CSRF token is masked anew each time.
@compressed
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
    shown = _in_script(snapshot)
    context = {"recording": review.recording, "review": review, "snapshot": shown}
    context["altered"] = integrity.problems(review)
    return render(request, "review/screen.html", context)


@compressed
@logged_in_script
@require_GET
def state(request: HttpRequest, recording_id: UUID) -> HttpResponse:
    """What the page shows now, for a page that missed a live message."""
    review = readable(request, recording_id)
    with transaction.atomic():
        now = queries.screen_state(review, request.membership)
        events.about(review.recording, Action.REVIEW_VIEWED, request.user, via="state")
        return HttpResponse(now, content_type="application/json")


def _in_script(text: str) -> SafeString:
    """JSON that may stand in a script element, by the escapes of Django's json_script."""
    for char in "<>&":
        text = text.replace(char, f"\\u{ord(char):04X}")
    return mark_safe(text)


def readable(
    request: HttpRequest, recording_id: UUID, find: Callable[..., Review] = queries.review_or_404
) -> Review:
    """The review, for who may look at it; PermissionDenied or Http404 for others."""
    check(request.membership, Permission.VIEW)
    return find(request.membership, recording_id)
