"""Uploads that go on after a cut: the tus protocol 1.0.0 (creation, termination, expiration).

Nothing that is said of the file is taken from here: the form of `views.upload` brings it, with the
number of the upload. Upload-Metadata is not read, since file names tell of patients.
"""

from collections.abc import Callable
from datetime import UTC
from email.utils import format_datetime
from functools import wraps
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from transcripts.access import logged_in_script, may_upload
from transcripts.actions import uploads as actions
from transcripts.engines.base import MediaRejected
from transcripts.models import Upload
from transcripts.views.answers import problem

VERSION = "1.0.0"
OCTETS = "application/offset+octet-stream"
LONGEST_NUMBER = 15  # digits
View = Callable[..., HttpResponse]


def tus(*methods: str) -> Callable[[View], View]:
    """For people who may upload, and clients that speak this version."""

    def decorate(view: View) -> View:
        @logged_in_script
        @require_http_methods([*methods])
        @wraps(view)
        def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            if not may_upload(request.membership):
                raise PermissionDenied("Only editors, clinicians and managers upload recordings.")
            if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != VERSION:
                answer = problem("version", f"Send Tus-Resumable: {VERSION}.", 412)
            else:
                answer = view(request, *args, **kwargs)
            answer["Tus-Resumable"] = answer["Tus-Version"] = VERSION
            return answer

        return wrapped

    return decorate


@tus("OPTIONS", "POST")
def uploads(request: HttpRequest) -> HttpResponse:
    """OPTIONS: what is understood. POST: room for a file of Upload-Length bytes."""
    if request.method == "OPTIONS":
        return HttpResponse(
            status=204,
            headers={
                "Tus-Extension": "creation,termination,expiration",
                "Tus-Max-Size": str(settings.UPLOAD_MAX_BYTES),
            },
        )
    if (length := _number(request, "Upload-Length")) is None:
        return problem("length", "Upload-Length must say how many bytes the file has.", 400)
    try:
        upload = actions.begin(practice=request.practice, by=request.user, length=length)
    except MediaRejected as rejection:
        return problem(rejection.code, rejection.message, 413, rejection.remedy)
    except actions.TooMany:
        return problem(
            "too_many",
            f"You have {actions.AT_ONCE} uploads that were not finished.",
            429,
            "Finish or cancel one of them. After a day without a byte they are removed.",
        )
    location = reverse("upload-pieces", args=[upload.pk])
    return HttpResponse(status=201, headers={"Location": location} | _expires(upload))


@tus("HEAD", "PATCH", "DELETE")
def pieces(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """HEAD: how much is kept. PATCH: the next bytes. DELETE: none of it is wanted any more."""
    try:
        upload = _own(request, upload_id)
        if request.method == "PATCH":
            return _append(request, upload)
    except Upload.DoesNotExist:
        return problem("not_found", "There is no such upload.", 404)
    if request.method == "DELETE":
        actions.discard(upload=upload, by=request.user)
        return HttpResponse(status=204)
    sizes = {"Upload-Offset": str(upload.offset), "Upload-Length": str(upload.length)}
    return HttpResponse(headers=sizes | _expires(upload))


def _append(request: HttpRequest, upload: Upload) -> HttpResponse:
    if request.content_type != OCTETS:
        return problem("content_type", f"Send the bytes as {OCTETS}.", 415)
    if (offset := _number(request, "Upload-Offset")) is None:
        return problem("offset", "Upload-Offset must say where the bytes begin.", 400)
    piece = request.read(actions.LARGEST_PIECE + 1)
    if len(piece) > actions.LARGEST_PIECE:
        return problem("too_large", "Send at most 16 MB in one request.", 413)
    try:
        kept = actions.append(upload=upload, offset=offset, piece=piece)
    except actions.Misplaced as error:
        answer = problem("offset", f"{error} bytes are kept; go on from there.", 409)
        answer["Upload-Offset"] = str(error)
        return answer
    except ValueError as error:
        return problem("too_large", str(error), 413)
    upload.refresh_from_db(fields=["changed_at"])
    return HttpResponse(status=204, headers={"Upload-Offset": str(kept)} | _expires(upload))


def _own(request: HttpRequest, upload_id: UUID) -> Upload:
    rows = Upload.objects.filter(practice=request.practice, by=request.user)
    if request.method == "PATCH":
        rows = rows.filter(recording=None)
    return rows.get(pk=upload_id)


def _number(request: HttpRequest, name: str) -> int | None:
    said = request.headers.get(name, "")
    short = said.isascii() and said.isdecimal() and len(said) <= LONGEST_NUMBER
    return int(said) if short else None


def _expires(upload: Upload) -> dict[str, str]:
    moment = (upload.changed_at + actions.KEPT).astimezone(UTC)
    return {"Upload-Expires": format_datetime(moment, usegmt=True)}
