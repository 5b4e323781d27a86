"""Whom and what a recording is about, until it is signed."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from review import queries
from review.enums import Action
from review.permissions import Permission, check
from review.policies import Refused, details_refusal
from transcripts import events
from transcripts.actions import recordings
from transcripts.forms import DetailsForm, details_of


@login_required
@require_http_methods(["GET", "POST"])
def details(request: HttpRequest, recording_id: UUID) -> HttpResponse:
    """The form; 409 with a sentence once the document is signed."""
    check(request.membership, Permission.EDIT)
    review = queries.review_or_404(request.membership, recording_id)
    recording, refusal = review.recording, details_refusal(review)
    form = DetailsForm(
        request.POST or None, member=request.membership, initial=details_of(recording)
    )
    if request.method == "POST" and form.is_valid() and not refusal:
        try:
            recordings.describe(recording=recording, about=form.about(), by=request.user)
            return redirect("recording", recording_id)
        except recordings.WrongPatient:
            form.add_error("mrn", " ".join(recordings.WRONG_PATIENT))
        except Refused as sentence:  # signed this very moment
            refusal = str(sentence)
    if request.method == "GET":
        with transaction.atomic():
            events.about(recording, Action.DETAILS_VIEWED, request.user)
    context = {"form": form, "recording": recording, "refusal": refusal}
    status = 409 if refusal else 422 if form.errors else 200
    return render(request, "review/details.html", context, status=status)
