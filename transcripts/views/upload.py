"""The upload page and the upload itself."""

from pathlib import Path

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from transcripts.access import may_upload
from transcripts.actions import recordings
from transcripts.engines.base import MediaRejected
from transcripts.forms import UploadForm


@login_required
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """GET: the page. POST: one recording; JSON for scripts that ask for it, a page otherwise."""
    if not may_upload(request.membership):
        raise PermissionDenied("Only editors, clinicians and managers upload recordings.")
    if request.method == "GET":
        return _page(request, UploadForm(member=request.membership))
    form = UploadForm(request.POST, request.FILES, member=request.membership)
    if not form.is_valid():
        return _refusal(
            request,
            form,
            "invalid",
            "Some fields need another look.",
            "Correct them and try again.",
        )
    file = form.cleaned_data["file"]
    try:
        recording = recordings.upload(
            path=Path(file.temporary_file_path()),
            name=file.name,
            about=form.about(),
            practice=request.practice,
            by=request.user,
            request=form.request(),
        )
    except MediaRejected as rejection:
        return _refusal(request, form, rejection.code, rejection.message, rejection.remedy)
    except recordings.WrongPatient:
        form.add_error("mrn", " ".join(recordings.WRONG_PATIENT))
        return _refusal(request, form, "wrong_patient", *recordings.WRONG_PATIENT)
    url = reverse("recording", args=[recording.pk])
    if request.accepts("text/html"):
        return redirect(url)
    return JsonResponse({"recording": {"id": str(recording.pk), "url": url}}, status=201)


def _page(request: HttpRequest, form: UploadForm, status: int = 200) -> HttpResponse:
    return render(request, "transcripts/upload.html", {"form": form}, status=status)


def _refusal(
    request: HttpRequest, form: UploadForm, code: str, message: str, remedy: str
) -> HttpResponse:
    if request.accepts("text/html"):
        if not form.errors:
            form.add_error("file", f"{message} {remedy}")
        return _page(request, form, status=422)
    answer = {"error": code, "message": message, "remedy": remedy, "fields": form.errors}
    return JsonResponse(answer, status=422)
