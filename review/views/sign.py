"""Signing: exactly what will be signed, then the password and the second factor.

One page for every signature: the author's, a co-signer's, a reviewer's, and that of an addendum.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from review import copies, documents, keys, queries
from review.actions import addenda
from review.actions import sign as signing
from review.actions.proof import NotProven, needs_code
from review.enums import ATTESTATIONS, FINAL, Action, Meaning, State
from review.models import Addendum, Review
from review.policies import (
    Refused,
    addendum_refusal,
    cosign_refusal,
    review_refusal,
    sign_refusal,
    standing,
)
from review.release import letter
from transcripts import events


class SignForm(forms.Form):
    password = forms.CharField(
        label="Your password",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    code = forms.CharField(
        label="Code of your second factor",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        help_text="From your authenticator, or a recovery code.",
    )
    shown = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, with_code: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not with_code:
            del self.fields["code"]


class CosignForm(SignForm):
    decision = forms.ChoiceField(
        label="Decision",
        choices=[("agree", "Co-sign the document"), ("return", "Return it to its author")],
        widget=forms.RadioSelect,
        initial="agree",
    )
    reason = forms.CharField(
        label="Why it is returned",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    field_order = ["decision", "reason", "password", "code", "shown"]

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if given.get("decision") == "return" and not given.get("reason", "").strip():
            self.add_error("reason", "Say why, so that the author knows what to change.")
        return given


@dataclass(frozen=True, slots=True)
class Page:
    """One kind of signature: what is shown, who may, and what signing does."""

    title: str
    intro: str
    meaning: Meaning
    refusal: str | None
    build: Callable[[], dict[str, Any]]
    act: Callable[[dict[str, Any]], object]
    done: str
    form: type[SignForm] = SignForm


@login_required
@require_http_methods(["GET", "POST"])
def sign(request: HttpRequest, recording_id: UUID) -> HttpResponse:
    """The author's signature, or where one waits for it, the co-signature."""
    review = queries.review_or_404(request.membership, recording_id)
    if review.state in FINAL:
        return redirect("recording", recording_id)
    if review.state == State.COSIGNING:
        return _answer(request, review, _cosigning(request, review))
    by = request.membership
    page = Page(
        title="Sign document",
        intro="Below is the document exactly as it will be signed.",
        meaning=Meaning.AUTHOR_ATTESTED,
        refusal=sign_refusal(review, by, **standing(review)),
        build=lambda: documents.build(review),
        act=lambda given: signing.sign(review=review, by=by, **given),
        done="The document is signed. It waits for its co-signature."
        if by and by.cosigned
        else "The document is signed.",
    )
    return _answer(request, review, page)


def _cosigning(request: HttpRequest, review: Review) -> Page:
    by = request.membership
    returned = request.POST.get("decision") == "return"

    def act(given: dict[str, Any]) -> object:
        reason = given.pop("reason").strip()
        del given["decision"]
        return signing.cosign(review=review, by=by, reason=reason if returned else None, **given)

    return Page(
        title="Co-sign document",
        intro="Its author has signed the document below. It is final once you co-sign it.",
        meaning=Meaning.CO_SIGNED,
        refusal=cosign_refusal(review, by),
        build=lambda: documents.follow_up(review, meaning=Meaning.CO_SIGNED, by=by),
        act=act,
        done="The document went back to its author." if returned else "The document is co-signed.",
        form=CosignForm,
    )


@login_required
@require_http_methods(["GET", "POST"])
def reviewed(request: HttpRequest, recording_id: UUID) -> HttpResponse:
    """A second clinician's signature that they reviewed the signed document."""
    review = queries.review_or_404(request.membership, recording_id)
    by = request.membership
    page = Page(
        title="Sign as reviewer",
        intro="Its author has signed the document below. You sign that you reviewed it.",
        meaning=Meaning.REVIEWED,
        refusal=review_refusal(review, by),
        build=lambda: documents.follow_up(review, meaning=Meaning.REVIEWED, by=by),
        act=lambda given: signing.attest_review(review=review, by=by, **given),
        done="Your review is signed.",
    )
    return _answer(request, review, page)


@login_required
@require_http_methods(["GET", "POST"])
def addendum(request: HttpRequest, recording_id: UUID, addendum_id: UUID) -> HttpResponse:
    """The signature under one's own draft of an addendum or amendment."""
    review = queries.review_or_404(request.membership, recording_id)
    by = request.membership
    draft = addenda.drafts(review).filter(pk=addendum_id).first()
    if draft is None:
        raise Http404
    kind = draft.get_kind_display().lower()
    meaning = documents.meaning_of(draft)
    page = Page(
        title=f"Sign {kind}",
        intro=f"Below is the {kind} exactly as it will be signed.",
        meaning=meaning,
        refusal=addendum_refusal(review, by, draft),
        build=lambda: documents.follow_up(review, meaning=meaning, addendum=draft, by=by),
        act=lambda given: signing.sign_addendum(addendum=draft, by=by, **given),
        done=f"The {kind} is signed. It goes with every copy from now on.",
    )
    return _answer(request, review, page, draft)


def _answer(
    request: HttpRequest, review: Review, page: Page, draft: Addendum | None = None
) -> HttpResponse:
    """GET shows what will be signed; POST signs it. 409 when it changed meanwhile."""
    if page.refusal:
        if request.method == "POST":
            signing.report_refusal(review, request.membership, Refused.__name__)
        return _cannot(request, review, page.refusal)
    form = page.form(request.POST or None, with_code=needs_code(request.user))
    if request.method == "POST" and form.is_valid():
        if limited := ratelimit.consume_or_429(request, action="reauthenticate", user=request.user):
            return limited
        try:
            page.act(dict(form.cleaned_data))
        except NotProven as failure:
            form.add_error(failure.field, str(failure))
        except signing.Changed:
            messages.warning(
                request, "The document was changed while you were reading. Read it again."
            )
            fresh = page.form(with_code=needs_code(request.user))
            return _preview(request, review, page, fresh, draft, status=409)
        except (Refused, keys.KeyMissing) as refusal:
            return _cannot(request, review, str(refusal))
        else:
            messages.success(request, page.done)
            return redirect("recording", review.recording_id)
    return _preview(request, review, page, form, draft, status=422 if form.errors else 200)


def _cannot(request: HttpRequest, review: Review, reason: str) -> HttpResponse:
    context = {"reason": reason, "recording": review.recording}
    return render(request, "review/cannot_sign.html", context, status=403)


def _preview(
    request: HttpRequest,
    review: Review,
    page: Page,
    form: SignForm,
    draft: Addendum | None,
    status: int,
) -> HttpResponse:
    with transaction.atomic():
        document = page.build()
        events.about(review.recording, Action.SIGN_PREVIEWED, request.user)
    digest = documents.content_digest(document)
    form.initial["shown"] = digest
    form.data = {**form.data, "shown": digest} if form.is_bound else form.data
    first, block = (document, None) if "segments" in document else copies.opened(review.attested)
    context = {
        "recording": review.recording,
        "review": review,
        "page": page,
        "attestation": ATTESTATIONS[page.meaning],
        "attention": letter.checked(documents.attention_of(review, request.membership))
        if block is None
        else "",
        "document": readable(first),
        "signature": block and letter.signature_lines(first, block),
        "draft": draft,
        "form": form,
        "hash": digest,
    }
    return render(request, "review/sign.html", context, status=status)


def readable(document: dict[str, Any]) -> dict[str, Any]:
    """The document in the words that its printed copies use."""
    return {
        "fields": [*letter.patient(document), *letter.encounter(document)],
        "segments": [
            {"speaker_label": p.speaker, "start_display": p.time, "text": p.text}
            for p in letter.paragraphs(document)
        ],
    }
