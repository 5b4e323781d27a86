"""The dictation page: a new dictation, one that is not finished yet, and throwing one away."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from transcripts import queries, streaming, wire
from transcripts.access import logged_in_script, may_dictate
from transcripts.actions import recordings, streams
from transcripts.enums import StreamState
from transcripts.forms import DictateForm
from transcripts.models import LiveStream
from transcripts.views.answers import problem

SAMPLE_RATE = 16_000
ONLY = "Only clinicians and editors dictate."
# The one page that may use the microphone.
PERMISSIONS = "camera=(), geolocation=(), payment=(), usb=(), microphone=(self)"


@login_required
@require_http_methods(["GET", "POST"])
def dictate(request: HttpRequest) -> HttpResponse:
    """GET: the page. POST: a new dictation; 201 with where it is, 422 with what is wrong."""
    if not may_dictate(request.membership):
        raise PermissionDenied(ONLY)
    if request.method == "GET":
        return _page(request, None)
    form = DictateForm(request.POST, member=request.membership)
    if not form.is_valid():
        return _invalid(form)
    asked = form.request()
    try:
        stream = streams.begin(
            practice=request.practice,
            by=request.user,
            about=form.about(),
            sample_rate=SAMPLE_RATE,
            channels=1,
            settings=asked.settings,
            content_identification=asked.content_identification,
            vocabulary=asked.vocabulary,
        )
    except recordings.WrongPatient:
        form.add_error("mrn", " ".join(recordings.WRONG_PATIENT))
        return _invalid(form)
    except streams.Refused as reason:
        return problem("unfinished", str(reason), 409)
    return JsonResponse(wire.dictation(stream), status=201)


@login_required
@require_GET
def dictation(request: HttpRequest, stream_id: UUID) -> HttpResponse:
    """The page of a dictation that has begun; what became of one that is finished."""
    stream = _own_or_404(request, stream_id)
    if stream.state == StreamState.OPEN:
        return _page(request, stream)
    if stream.recording_id:
        return redirect("recording", stream.recording_id)
    return redirect("dictate")


@logged_in_script
@require_POST
def discard(request: HttpRequest, stream_id: UUID) -> JsonResponse:
    stream = _own_or_404(request, stream_id)
    try:
        streams.discard(stream_id=stream.pk, by=request.user)
    except streams.Refused as reason:
        return problem("finished", str(reason), 409)
    return JsonResponse({"url": reverse("dictate")})


def _own_or_404(request: HttpRequest, stream_id: UUID) -> LiveStream:
    if not may_dictate(request.membership):
        raise PermissionDenied(ONLY)
    stream = queries.dictations(request.membership).filter(pk=stream_id).first()
    if stream is None or stream.state == StreamState.DISCARDED:
        raise Http404
    return stream


def _page(request: HttpRequest, stream: LiveStream | None) -> HttpResponse:
    unfinished = queries.unfinished_dictations(request.membership)
    context: dict[str, Any] = {
        "form": DictateForm(member=request.membership),
        "stream": stream,
        "unfinished": [] if stream else unfinished,
        "page": {
            "dictation": wire.dictation(stream) if stream else None,
            "full": streaming.full(),
        },
    }
    response = render(request, "transcripts/dictate.html", context)
    response["Permissions-Policy"] = PERMISSIONS
    return response


def _invalid(form: DictateForm) -> JsonResponse:
    answer = {
        "error": "invalid",
        "message": "Some fields need another look.",
        "remedy": "Correct them and try again.",
        "fields": form.errors,
    }
    return JsonResponse(answer, status=422)
