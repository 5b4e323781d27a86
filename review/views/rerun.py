"""Transcribing again with other settings, and what to do with the newer transcript."""

import json
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from review import queries
from review.actions import rerun
from review.permissions import Permission, check
from review.policies import Refused, rerun_refusal
from transcripts import queries as transcription
from transcripts.actions import jobs
from transcripts.forms import SettingsForm
from transcripts.views.answers import problem


@login_required
@require_http_methods(["GET", "POST"])
def again(request: HttpRequest, recording_id: UUID) -> HttpResponse:
    """GET: the settings. POST: starts the next generation; today's text stays until decided."""
    check(request.membership, Permission.EDIT)
    review = queries.review_or_404(request.membership, recording_id)
    form = SettingsForm(request.POST or None, member=request.membership)
    refusal = rerun_refusal(review, transcription.latest_job(review.recording))
    if request.method == "POST" and form.is_valid() and not refusal:
        try:
            jobs.start(recording=review.recording, by=request.user, request=form.request())
            return redirect("recording", recording_id)
        except jobs.Refused as sentence:
            refusal = str(sentence)
    context = {"form": form, "recording": review.recording, "refusal": refusal}
    return render(request, "review/again.html", context, status=409 if refusal else 200)


@login_required
@require_POST
def accept(request: HttpRequest, recording_id: UUID) -> JsonResponse:
    """Takes the newer transcript over; {"carry": bool} says whether with today's edits."""
    return _decide(request, recording_id, accepted=True)


@login_required
@require_POST
def dismiss(request: HttpRequest, recording_id: UUID) -> JsonResponse:
    return _decide(request, recording_id, accepted=False)


def _decide(request: HttpRequest, recording_id: UUID, *, accepted: bool) -> JsonResponse:
    check(request.membership, Permission.EDIT)
    review = queries.review_or_404(request.membership, recording_id)
    try:
        if accepted:
            carry = bool(json.loads(request.body or "{}").get("carry"))
            rerun.accept(review=review, carry_edits=carry, by=request.membership)
        else:
            rerun.dismiss(review=review, by=request.membership)
    except (ValueError, AttributeError, RecursionError):
        return problem("malformed", "Reload the page.", 422)
    except Refused as sentence:
        return problem("refused", str(sentence), 409)
    return JsonResponse({})
