"""All places where two machine transcripts of a recording differ, to be listened to."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from review import queries
from review.differences import LABELS, Kind
from review.enums import Action
from review.permissions import Permission, check
from transcripts import events
from transcripts.enums import EngineName

PLACES_A_PAGE = 200


@login_required
@require_GET
def comparison(request: HttpRequest, recording_id: UUID) -> HttpResponse:
    """The page; 404 where nothing was compared. Looking is recorded."""
    check(request.membership, Permission.VIEW)
    review = queries.review_or_404(request.membership, recording_id)
    found = queries.comparison(review)
    if found is None:
        raise Http404
    with transaction.atomic():
        events.about(review.recording, Action.COMPARISON_VIEWED, request.user)
    kind = request.GET.get("kind", "")
    rows = [place for place in found.places if kind not in found.kinds or place["kind"] == kind]
    page = Paginator(rows, PLACES_A_PAGE).get_page(request.GET.get("page"))
    page.object_list = [_shown(place) for place in page.object_list]
    context = {
        "recording": review.recording,
        "found": found,
        "page": page,
        "kind": kind if kind in found.kinds else "",
        "kinds": [(each, LABELS[each], found.kinds[each]) for each in Kind],
        "engine": EngineName.AWS.label,
    }
    return render(request, "review/comparison.html", context)


def _shown(place: dict[str, Any]) -> dict[str, Any]:
    minutes, seconds = divmod(int(place["start"]), 60)
    return place | {"label": LABELS[Kind(place["kind"])], "at": f"{minutes}:{seconds:02}"}
