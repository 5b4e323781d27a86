"""The review screen and its state as JSON. What it sends is read in operations.py."""

from collections.abc import Callable
from secrets import token_hex
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from review import integrity, queries
from review.enums import Action
from review.models import Review
from review.permissions import Permission, check
from review.views.compressed import compressed
from transcripts import events
from transcripts.access import logged_in_script

PLACE = token_hex()  # where the text goes into the page; nobody can write it into a name


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
    context = {"recording": review.recording, "review": review, "snapshot": PLACE}
    context["altered"] = integrity.problems(review)
    page = render(request, "review/screen.html", context)
    # A template copies what it holds at each level of its blocks: a megabyte, six times.
    page.content = page.content.replace(PLACE.encode(), _in_script(snapshot), 1)
    return page


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


def _in_script(json: bytes) -> bytes:
    """JSON that may stand in a script element, by the escapes of Django's json_script."""
    for char in (b"<", b">", b"&"):
        json = json.replace(char, b"\\u%04X" % ord(char))
    return json


def readable(
    request: HttpRequest, recording_id: UUID, find: Callable[..., Review] = queries.review_or_404
) -> Review:
    """The review, for who may look at it; PermissionDenied or Http404 for others."""
    check(request.membership, Permission.VIEW)
    return find(request.membership, recording_id)
