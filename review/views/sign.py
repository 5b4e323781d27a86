"""Signing: exactly what will be signed, then the password."""

from typing import Any
from uuid import UUID

from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from review import documents, keys, queries
from review.actions import sign as signing
from review.enums import ATTESTATION, Action, State
from review.models import Review
from review.policies import Refused, sign_refusal, standing
from review.release import letter
from transcripts import events


class SignForm(forms.Form):
    password = forms.CharField(
        label="Your password",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    shown = forms.CharField(widget=forms.HiddenInput)
    attestation = ATTESTATION


@login_required
@require_http_methods(["GET", "POST"])
def sign(request: HttpRequest, recording_id: UUID) -> HttpResponse:
    """GET shows the document as it will be signed; POST signs it. 409 when it changed meanwhile."""
    review = queries.review_or_404(request.membership, recording_id)
    if review.state == State.SIGNED:
        return redirect("recording", recording_id)
    if sentence := _refusal(request, review):
        if request.method == "POST":
            signing.report_refusal(review, request.membership, Refused.__name__)
        return _cannot(request, review, sentence)
    form = SignForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if limited := ratelimit.consume_or_429(request, action="reauthenticate", user=request.user):
            return limited
        try:
            signing.sign(
                review=review,
                by=request.membership,
                password=form.cleaned_data["password"],
                shown=form.cleaned_data["shown"],
            )
        except signing.WrongPassword:
            form.add_error("password", "This is not your password.")
        except signing.Changed:
            messages.warning(
                request, "The document was changed while you were reading. Read it again."
            )
            return _preview(request, review, SignForm(), status=409)
        except (Refused, keys.KeyMissing) as refusal:
            return _cannot(request, review, str(refusal))
        else:
            messages.success(request, "The document is signed.")
            return redirect("recording", recording_id)
    return _preview(request, review, form, status=422 if form.errors else 200)


def _refusal(request: HttpRequest, review: Review) -> str | None:
    return sign_refusal(review, request.membership, **standing(review))


def _cannot(request: HttpRequest, review: Review, reason: str) -> HttpResponse:
    context = {"reason": reason, "recording": review.recording}
    return render(request, "review/cannot_sign.html", context, status=403)


def _preview(request: HttpRequest, review: Review, form: SignForm, status: int) -> HttpResponse:
    with transaction.atomic():
        document = documents.build(review)
        events.about(review.recording, Action.SIGN_PREVIEWED, request.user)
    digest = documents.content_digest(document)
    form.initial["shown"] = digest
    form.data = {**form.data, "shown": digest} if form.is_bound else form.data
    context = {
        "recording": review.recording,
        "review": review,
        "document": _readable(document),
        "form": form,
        "hash": digest,
    }
    return render(request, "review/sign.html", context, status=status)


def _readable(document: dict[str, Any]) -> dict[str, Any]:
    """The document in the words that its printed copies use."""
    return {
        "fields": [*letter.patient(document), *letter.encounter(document)],
        "segments": [
            {"speaker_label": p.speaker, "start_display": p.time, "text": p.text}
            for p in letter.paragraphs(document)
        ],
    }
