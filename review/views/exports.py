"""Files made in the background: the page that shows how far they are, and their download."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.storage import default_storage
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from review.actions import exports as actions
from review.enums import ExportState
from review.models import Export
from review.policies import Refused
from transcripts import media

SHOWN = 50
BADGES = {
    ExportState.READY: "badge-ok",
    ExportState.RUNNING: "badge-info",
    ExportState.FAILED: "badge-danger",
}


@login_required
@require_GET
def exports(request: HttpRequest) -> HttpResponse:
    """The newest files that this person may see."""
    rows = [_shown(row) for row in _rows(request).select_related("requested_by")[:SHOWN]]
    context = {"exports": rows, "unfinished": any(each["unfinished"] for each in rows)}
    return render(request, "review/exports.html", context)


@login_required
@require_GET
def state(request: HttpRequest) -> JsonResponse:
    """How far the same files are, for the page to ask again and again."""
    rows = _rows(request).values_list("pk", "state", "done", "total")[:SHOWN]
    return JsonResponse(
        {
            "exports": [
                {"id": str(pk), "state": state, "done": done, "total": total}
                for pk, state, done, total in rows
            ]
        }
    )


@login_required
@require_GET
def download(request: HttpRequest, export_id: UUID) -> HttpResponse | StreamingHttpResponse:
    """The file, recorded before its first byte is sent."""
    row = _one(request, export_id)
    if row.state != ExportState.READY:
        raise Http404
    size = default_storage.size(row.key)
    try:
        actions.fetched(export=row, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("exports")
    kind = actions.KINDS[row.kind]
    return StreamingHttpResponse(
        media.blocks(row.key, 0, size - 1),
        content_type=kind.content_type,
        headers={
            "Content-Disposition": f'attachment; filename="{kind.file_name(row)}"',
            "Content-Length": str(size),
        },
    )


@login_required
@require_POST
def cancel(request: HttpRequest, export_id: UUID) -> HttpResponse:
    try:
        actions.cancel(export=_one(request, export_id), by=request.user)
        messages.success(request, "The file will not be made.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("exports")


def _rows(request: HttpRequest) -> Any:
    return Export.objects.filter(actions.visible(request.membership), practice=request.practice)


def _one(request: HttpRequest, export_id: UUID) -> Export:
    row = _rows(request).filter(pk=export_id).first()
    if row is None:
        raise Http404
    return row


def _shown(row: Export) -> dict[str, Any]:
    kind = actions.KINDS[row.kind]
    return {
        "row": row,
        "label": kind.label,
        "file_name": kind.file_name(row),
        "badge": BADGES.get(ExportState(row.state), ""),
        "unfinished": row.state in actions.UNFINISHED,
    }
