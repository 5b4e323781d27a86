"""Signing: exactly what will be signed, then the password and the second factor.

One page for every signature: the author's, a co-signer's, a reviewer's, and that of an addendum.
"""

from collections.abc import Callable, Sequence
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
from review.enums import ATTESTATIONS, EDITABLE, FINAL, Action, Meaning, State
from review.models import Addendum, Review
from review.policies import Refused, addendum_refusal, meanings
from review.release import letter
from transcripts import events


class ProofForm(forms.Form):
    """The password once more, and a code where the person has a second factor."""

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

    def __init__(self, *args: Any, with_code: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not with_code:
            del self.fields["code"]


class SignForm(ProofForm):
    meaning = forms.ChoiceField(label="What your signature says", widget=forms.RadioSelect)
    reason = forms.CharField(
        label="Why it is rejected",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Its author reads this. Leave it empty otherwise.",
    )
    shown = forms.CharField(widget=forms.HiddenInput)
    field_order = ["meaning", "reason", "password", "code", "shown"]

    def __init__(self, *args: Any, meanings: Sequence[Meaning], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["meaning"]
        field.choices = [(each.value, f"{each.label}: {ATTESTATIONS[each]}") for each in meanings]
        if len(meanings) == 1:
            field.widget, field.initial, field.required = forms.HiddenInput(), meanings[0], False
        if Meaning.REJECTED not in meanings:
            del self.fields["reason"]

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if given.get("meaning") == Meaning.REJECTED and not given.get("reason", "").strip():
            self.add_error("reason", "Say why, so that the author knows what to change.")
        return given


@dataclass(frozen=True, slots=True)
class Page:
    """One kind of signature: what is shown, which meanings are open, and what signing does."""

    title: str
    intro: str
    meanings: Sequence[Meaning]
    refusal: str | None
    build: Callable[[], dict[str, Any]]
    act: Callable[[Meaning, dict[str, Any]], str]


INTROS = {
    State.COSIGNING: ("Co-sign document", "Its author has signed the document below."),
    State.SIGNED: ("Sign as reviewer", "Its author has signed the document below."),
    State.AMENDED: ("Sign as reviewer", "Its author has signed the document below."),
}
FIRST = ("Sign document", "Below is the document exactly as it will be signed.")


@login_required
@require_http_methods(["GET", "POST"])
def sign(request: HttpRequest, recording_id: UUID) -> HttpResponse:
    """A signature of any meaning that the document's state and the person's role allow."""
    return _signing(request, recording_id, None)


@login_required
@require_http_methods(["GET", "POST"])
def reviewed(request: HttpRequest, recording_id: UUID) -> HttpResponse:
    """A second clinician's signature that they reviewed the signed document."""
    return _signing(request, recording_id, Meaning.REVIEWED)


def _signing(request: HttpRequest, recording_id: UUID, wanted: Meaning | None) -> HttpResponse:
    """The page for the meanings that are open, or for the one that is asked for."""
    review = queries.review_or_404(request.membership, recording_id)
    by = request.membership
    refusals = meanings(review, by)
    asked = request.POST.get("meaning", "")
    wanted = wanted or (Meaning(asked) if asked in Meaning.values else None)
    # What is drafted first has a page of its own.
    offered = [each for each, why in refusals.items() if not why and each != Meaning.AMENDED]
    if wanted:
        refusal = refusals[wanted]
        if wanted == Meaning.AMENDED and not refusal:
            return redirect("addendum", recording_id)
    elif review.state in FINAL and not offered:
        return redirect("recording", recording_id)
    else:
        waits = review.state == State.COSIGNING
        refusal = (
            None if offered else refusals[Meaning.CO_SIGNED if waits else Meaning.AUTHOR_ATTESTED]
        )
    title, intro = INTROS.get(State(review.state), FIRST)

    def build() -> dict[str, Any]:
        if review.state in EDITABLE:
            return documents.build(review)
        return documents.follow_up(review, meaning=offered[0], by=by)

    def act(meaning: Meaning, given: dict[str, Any]) -> str:
        reason = given.pop("reason", "").strip()
        if meaning == Meaning.AUTHOR_ATTESTED:
            signing.sign(review=review, by=by, **given)
            waits = " It waits for its co-signature." if by.cosigned else ""
            return f"The document is signed.{waits}"
        if meaning == Meaning.REVIEWED:
            signing.attest_review(review=review, by=by, **given)
            return "Your review is signed."
        rejected = meaning == Meaning.REJECTED
        signing.cosign(review=review, by=by, reason=reason if rejected else None, **given)
        return "The document went back to its author." if rejected else "The document is co-signed."

    return _answer(request, review, Page(title, intro, offered, refusal, build, act))


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

    def act(_: Meaning, given: dict[str, Any]) -> str:
        signing.sign_addendum(addendum=draft, by=by, **given)
        return f"The {kind} is signed. It goes with every copy from now on."

    page = Page(
        title=f"Sign {kind}",
        intro=f"Below is the {kind} exactly as it will be signed.",
        meanings=[meaning],
        refusal=addendum_refusal(review, by, draft),
        build=lambda: documents.follow_up(review, meaning=meaning, addendum=draft, by=by),
        act=act,
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
    options = {"with_code": needs_code(request.user), "meanings": page.meanings}
    form = SignForm(request.POST or None, **options)
    if request.method == "POST" and form.is_valid():
        if limited := ratelimit.consume_or_429(request, action="reauthenticate", user=request.user):
            return limited
        given = dict(form.cleaned_data)
        meaning = Meaning(given.pop("meaning") or page.meanings[0])
        try:
            done = page.act(meaning, given)
        except NotProven as failure:
            form.add_error(failure.field, str(failure))
        except signing.Changed:
            messages.warning(
                request, "The document was changed while you were reading. Read it again."
            )
            fresh = SignForm(**options)
            return _preview(request, review, page, fresh, draft, status=409)
        except (Refused, keys.KeyMissing) as refusal:
            return _cannot(request, review, str(refusal))
        else:
            messages.success(request, done)
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
    if form.is_bound:
        form.data = form.data.copy()
        form.data["shown"] = digest
    first, block = (document, None) if "segments" in document else copies.opened(review.attested)
    context = {
        "recording": review.recording,
        "review": review,
        "page": page,
        "attestation": ATTESTATIONS[page.meanings[0]] if len(page.meanings) == 1 else "",
        "meaning": page.meanings[0].label,
        "choices": form["meaning"] if len(page.meanings) > 1 else None,
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
