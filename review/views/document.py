"""Documents on their way out: signed ones as they were signed, unsigned ones marked as drafts."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import SuspiciousOperation
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from review import copies, printing, queries
from review.actions import document_exports
from review.enums import Action, State
from review.models import Review
from review.permissions import Permission, check
from review.policies import Refused
from review.release import letter
from transcripts import events


@login_required
@require_GET
def document(request: HttpRequest, recording_id: UUID, form: str) -> HttpResponse:
    """The document as a file. Its name holds no patient data; the release is recorded first.

    One that takes more than about a second is made in the background: the answer leads to the page
    that shows how far it is.
    """
    if form not in printing.FORMS:
        raise Http404
    check(request.membership, Permission.RELEASE)
    review = queries.review_or_404(request.membership, recording_id)
    final = printing.is_final(review)
    how = printing.FORMS[form]
    if review.state == State.WAITING or (how.signed_only and not final):
        raise Http404
    if printing.takes_long(review, form):
        return _in_background(request, review, form)
    _released(request, review, form)
    try:
        body = printing.made(review, form)
    except ValueError:
        raise _unverified(request, review, form) from None
    name = printing.file_name(review.pk, form, final=final)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(body, content_type=how.content_type, headers=headers)


@login_required
@require_GET
def printed(request: HttpRequest, recording_id: UUID) -> HttpResponse:
    """The document as a page to print, with all that was signed later."""
    check(request.membership, Permission.RELEASE)
    review = queries.review_or_404(request.membership, recording_id)
    if review.state == State.WAITING:
        raise Http404
    _released(request, review, "print")
    try:
        doc, signature, follow_ups = copies.copy_of(review)
    except ValueError:
        raise _unverified(request, review, "print") from None
    head = copies.letterhead(review)
    row = review.attested if signature else None
    version = row.letterhead if row else review.practice.letterheads.order_by("-number").first()
    context = {
        "recording": review.recording,
        "lines": letter.letterhead(doc, head),
        "letterhead": version if head and head.logo else None,
        "title": doc["document"]["title"],
        "kind": letter.kind(doc),
        "fields": [*letter.patient(doc), *letter.encounter(doc)],
        "notice": letter.notice(follow_ups),
        "paragraphs": letter.paragraphs(doc),
        "signature": signature and letter.signature_lines(doc, signature),
        "draft": "" if signature else letter.DRAFT,
        "draft_note": "" if signature else letter.draft_note(doc),
        "additions": letter.additions(follow_ups),
    }
    return render(request, "review/print.html", context)


def _in_background(request: HttpRequest, review: Review, form: str) -> HttpResponse:
    """Asks for the copy. That it left is on record when it is fetched."""
    try:
        document_exports.request(review=review, form=form, by=request.membership)
        messages.info(request, "A copy of this length takes a moment. It is being made.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("exports")


def _released(request: HttpRequest, review: Review, form: str) -> None:
    action = Action.DOCUMENT_RELEASED if printing.is_final(review) else Action.DRAFT_RELEASED
    with transaction.atomic():
        events.about(review.recording, action, request.user, form=form)


def _unverified(request: HttpRequest, review: Review, form: str) -> SuspiciousOperation:
    document_exports.unverified(review, form, request.user)
    return SuspiciousOperation("a stored signature does not verify")
