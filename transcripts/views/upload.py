"""The upload page and the upload itself."""

from pathlib import Path

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from transcripts.access import may_upload
from transcripts.actions import recordings, uploads
from transcripts.engines.base import MediaRejected
from transcripts.forms import UploadForm
from transcripts.models import Recording, Upload

# What is wrong, and what to do.
INCOMPLETE = "Not all of the recording has arrived.", "Press Retry to send it."
TAKEN = (
    "This recording is already here, with other details.",
    "Find it in the worklist and change its details there.",
)


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
    try:
        recording = _take(request, form)
    except MediaRejected as rejection:
        return _refusal(request, form, rejection.code, rejection.message, rejection.remedy)
    except recordings.WrongPatient:
        form.add_error("mrn", " ".join(recordings.WRONG_PATIENT))
        return _refusal(request, form, "wrong_patient", *recordings.WRONG_PATIENT)
    except (uploads.Incomplete, Upload.DoesNotExist):
        return _refusal(request, form, "incomplete", *INCOMPLETE)
    except uploads.Taken:
        return _refusal(request, form, "taken", *TAKEN)
    url = reverse("recording", args=[recording.pk])
    if request.accepts("text/html"):
        return redirect(url)
    return JsonResponse({"recording": {"id": str(recording.pk), "url": url}}, status=201)


def _take(request: HttpRequest, form: UploadForm) -> Recording:
    """The recording of the file in the form, or of the upload that it names."""
    what = {"about": form.about(), "by": request.user, "request": form.request()}
    if file := form.cleaned_data["file"]:
        path = Path(file.temporary_file_path())
        return recordings.upload(path=path, name=file.name, practice=request.practice, **what)
    rows = Upload.objects.select_related("practice", "recording__patient", "recording__author")
    upload = rows.get(pk=form.cleaned_data["upload"], practice=request.practice, by=request.user)
    return uploads.finish(upload=upload, name=form.cleaned_data["file_name"], **what)


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
