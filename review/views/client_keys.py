"""The page of a FHIR client's public keys: which its signed assertions are checked with."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from review.actions import client_keys as actions
from review.fhir import assertions
from review.models import ClientKey
from review.permissions import Permission, check
from review.policies import Refused
from transcripts.models import AccessKey


class ClientKeyForm(forms.Form):
    keys = forms.CharField(
        label="JWK set",
        max_length=actions.LONGEST,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "input mono"}),
        help_text='Public keys as JSON: {"keys": [{"kty": "EC", "crv": "P-384", "kid": …}]}',
    )


@login_required
@require_http_methods(["GET", "POST"])
def client_keys(request: HttpRequest, key_id: UUID) -> HttpResponse:
    """GET: the keys of a client and the form. POST: registers some."""
    check(request.membership, Permission.KEYS)
    access_key = AccessKey.objects.filter(practice=request.practice, pk=key_id).first()
    if access_key is None:
        raise Http404
    form = ClientKeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.register(access_key=access_key, keys=form.cleaned_data["keys"], by=request.user)
        except Refused as refusal:
            form.add_error("keys", str(refusal))
        else:
            messages.success(request, "The client can sign its requests for tokens.")
            return redirect("client-keys", key_id)
    context = {
        "access_key": access_key,
        "form": form,
        "keys": access_key.client_keys.select_related("created_by").order_by("ended_at", "id"),
        "audience": assertions.audience(),
    }
    return render(request, "review/client_keys.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def end(request: HttpRequest, client_key_id: UUID) -> HttpResponse:
    check(request.membership, Permission.KEYS)
    rows = ClientKey.objects.select_related("access_key")
    key = rows.filter(access_key__practice=request.practice, pk=client_key_id).first()
    if key is None:
        raise Http404
    try:
        actions.end(key=key, by=request.user)
        messages.success(request, "The key is ended.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("client-keys", key.access_key_id)
