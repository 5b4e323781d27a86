"""Writing an addendum or an amendment to a signed document. Signing it is in sign.py."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from review import documents, queries
from review.actions import addenda as actions
from review.enums import AddendumKind
from review.policies import Refused, addendum_refusal
from review.release import letter
from review.views.sign import readable


class AddendumForm(forms.Form):
    kind = forms.ChoiceField(
        label="Kind",
        choices=[
            (AddendumKind.ADDENDUM, "Addendum: adds to the text, which stands as it is"),
            (AddendumKind.AMENDMENT, "Amendment: stands in place of the text"),
        ],
        widget=forms.RadioSelect,
        initial=AddendumKind.ADDENDUM,
    )
    reason = forms.CharField(
        label="Why", max_length=500, help_text="Such as: laboratory result came in after signing."
    )
    text = forms.CharField(
        label="Text",
        max_length=actions.MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "true"}),
    )


@login_required
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, recording_id: UUID) -> HttpResponse:
    """GET: the form, with one's draft or for an amendment the signed text. POST: keeps the draft.

    From the draft one goes on to sign it.
    """
    review = queries.review_or_404(request.membership, recording_id)
    if sentence := addendum_refusal(review, request.membership):
        context = {"reason": sentence, "recording": review.recording}
        return render(request, "review/cannot_sign.html", context, status=403)
    mine = actions.drafts(review).filter(author=request.membership).first()
    signed = documents.content(review)
    text = "\n\n".join(paragraph.text for paragraph in letter.paragraphs(signed))
    initial = {"kind": mine.kind, "reason": mine.reason, "text": mine.text} if mine else {}
    if not mine and request.GET.get("kind") == AddendumKind.AMENDMENT:
        initial = {"kind": AddendumKind.AMENDMENT, "text": text}
    form = AddendumForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.draft(review=review, by=request.membership, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("addendum-sign", recording_id, made.pk)
    context = {
        "recording": review.recording,
        "form": form,
        "draft": mine,
        "document": readable(signed),
    }
    return render(request, "review/addendum.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def discard(request: HttpRequest, recording_id: UUID, addendum_id: UUID) -> HttpResponse:
    review = queries.review_or_404(request.membership, recording_id)
    mine = actions.drafts(review).filter(pk=addendum_id).first()
    if mine is None:
        raise Http404
    try:
        actions.discard(addendum=mine, by=request.membership)
        messages.success(request, "The draft is gone.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("recording", recording_id)
