"""Documents on their way out: signed ones as they were signed, unsigned ones marked as drafts."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import SuspiciousOperation
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from review import copies, queries
from review.enums import FINAL, Action, State
from review.models import Review
from review.permissions import Permission, check
from review.release import captions, docx, letter, pdf, text, words
from transcripts import events


def _whole(render: Callable[..., Any]) -> Callable[[Review], Any]:
    """A copy with all that was signed later."""

    def made(review: Review) -> Any:
        document, signature, follow_ups = copies.copy_of(review)
        return render(document, signature=signature, follow_ups=follow_ups)

    return made


def _spoken(render: Callable[..., Any]) -> Callable[[Review], Any]:
    """A copy of what was said, which nothing signed later changes."""

    def made(review: Review) -> Any:
        document, signature, _ = copies.copy_of(review)
        return render(document, signature=signature)

    return made


CSV = "text/csv; charset=utf-8"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
JSON = "application/json"
# Suffix of the address: how it is made, its type, and the suffix of the file.
FORMS: dict[str, tuple[Callable[[Review], Any], str, str]] = {
    "pdf": (_whole(pdf.render), "application/pdf", "pdf"),
    "txt": (_whole(text.render), "text/plain; charset=utf-8", "txt"),
    "docx": (_whole(docx.render), WORD, "docx"),
    "srt": (_spoken(captions.srt), "application/x-subrip; charset=utf-8", "srt"),
    "vtt": (_spoken(captions.vtt), "text/vtt; charset=utf-8", "vtt"),
    "csv": (_spoken(words.render), CSV, "csv"),
    "aws": (copies.aws_json, JSON, "json"),
    "deidentified": (copies.deidentified_copy, "text/plain; charset=utf-8", "txt"),
    "fhir": (copies.fhir_bundle, "application/fhir+json", "json"),
    "proof": (copies.proof, JSON, "json"),
}
NAMES = {"aws": "aws", "deidentified": "deidentified", "fhir": "fhir", "proof": "signed"}
SIGNED_ONLY = ("fhir", "proof")


@login_required
@require_GET
def document(request: HttpRequest, recording_id: UUID, form: str) -> HttpResponse:
    """The document as a file. Its name holds no patient data; the release is recorded first."""
    if form not in FORMS:
        raise Http404
    check(request.membership, Permission.RELEASE)
    review = queries.review_or_404(request.membership, recording_id)
    final = review.state in FINAL
    if review.state == State.WAITING or (form in SIGNED_ONLY and not final):
        raise Http404
    with transaction.atomic():
        action = Action.DOCUMENT_RELEASED if final else Action.DRAFT_RELEASED
        events.about(review.recording, action, request.user, form=form)
    render, content_type, suffix = FORMS[form]
    try:
        body = render(review)
    except ValueError:
        raise SuspiciousOperation("a stored signature does not verify") from None
    kind = f"-{NAMES[form]}" if form in NAMES else ""
    name = letter.file_name({"document": {"id": str(review.pk)}}, suffix, draft=not final)
    headers = {"Content-Disposition": f'attachment; filename="{name.replace(".", f"{kind}.", 1)}"'}
    return HttpResponse(body, content_type=content_type, headers=headers)
