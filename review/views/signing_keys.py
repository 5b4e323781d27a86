"""The page of the practice's signing keys: which signs, which only verify, and a new one."""

from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from review import keys
from review.actions.proof import NotProven, needs_code, prove
from review.models import Signature
from review.permissions import Permission, check
from review.views.sign import ProofForm


class RotateForm(ProofForm):
    lost = forms.BooleanField(
        label="The old key is lost",
        required=False,
        help_text="Go on without its signature under the new one. Who knows the old key can then "
        "not tell by it that the new one is yours.",
    )
    field_order = ["lost", "password", "code"]


@login_required
@require_http_methods(["GET", "POST"])
def signing_keys(request: HttpRequest) -> HttpResponse:
    """GET: the list and the form. POST: a new key, once the person is proven."""
    check(request.membership, Permission.SIGNING_KEYS)
    form = RotateForm(request.POST or None, with_code=needs_code(request.user))
    if request.method == "POST" and form.is_valid():
        if limited := ratelimit.consume_or_429(request, action="reauthenticate", user=request.user):
            return limited
        given = form.cleaned_data
        try:
            prove(user=request.user, password=given["password"], code=given.get("code", ""))
            made = keys.rotate(practice=request.practice, by=request.user, lost=given["lost"])
        except NotProven as failure:
            form.add_error(failure.field, str(failure))
        except (keys.KeyMissing, keys.NoKey) as reason:
            form.add_error(None, str(reason))
        else:
            messages.success(request, f"{made.key_id} signs from now on.")
            return redirect("signing-keys")
    rows = request.practice.signing_keys.select_related("follows").order_by("-created_at")
    counts = Signature.objects.filter(key__practice=request.practice).values_list("key")
    signed = dict(counts.annotate(Count("pk")))
    context = {
        "form": form,
        "keys": [{"key": row, "signed": signed.get(row.pk, 0)} for row in rows],
    }
    return render(request, "review/signing_keys.html", context, status=422 if form.errors else 200)
