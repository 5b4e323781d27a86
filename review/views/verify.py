"""Checking what left this program, by anyone: a page that works in the browser, and the scripts."""

from pathlib import Path

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from review.audit import verify as audit_log
from review.release import verify as document

SCRIPTS = {"document": document, "audit": audit_log}


@require_GET
def verify(request: HttpRequest) -> HttpResponse:
    """The page; it needs no log-in, and what is checked on it goes nowhere."""
    return render(request, "review/verify.html")


@require_GET
def script(request: HttpRequest, name: str) -> FileResponse:
    """The stand-alone programs that check a signed package, or an exported audit log."""
    if name not in SCRIPTS:
        raise Http404
    path = Path(SCRIPTS[name].__file__)
    return FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=f"verify_{name}.py",
        content_type="text/x-python; charset=utf-8",
    )
