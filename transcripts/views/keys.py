"""The page of access keys: managers list, make and revoke them. A secret is shown once."""

from datetime import datetime, time

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from transcripts.actions import keys as actions
from transcripts.aws.callers import account_id
from transcripts.models import AccessKey
from transcripts.permissions import Permission, check


class KeyForm(forms.Form):
    label = forms.CharField(
        label="Name of the client",
        max_length=100,
        help_text="What uses the key, such as the name of an application. "
        "The audit log shows it as the actor.",
    )
    scopes = forms.MultipleChoiceField(
        label="May",
        choices=tuple(actions.SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
        initial=[scope for scope in actions.SCOPES if scope not in actions.ONLY_IF_NAMED],
        error_messages={"required": "Choose at least one thing that the key may do."},
    )
    expires_on = forms.DateField(
        label="Last day",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Empty: it stays good until it is revoked.",
    )

    def expires_at(self) -> datetime | None:
        """The end of the last day, in the time zone of the site."""
        day = self.cleaned_data["expires_on"]
        return timezone.make_aware(datetime.combine(day, time.max)) if day else None

    def scopes_asked(self) -> tuple[str, ...]:
        """Everything is written as no scopes, so that it stays everything."""
        chosen = set(self.cleaned_data["scopes"])
        return () if chosen == set(actions.SCOPES) - actions.ONLY_IF_NAMED else tuple(chosen)


@login_required
@require_http_methods(["GET", "POST"])
def keys(request: HttpRequest) -> HttpResponse:
    """GET: the list and the form. POST: makes a key and shows its secret on this one answer."""
    check(request.membership, Permission.KEYS)
    form = KeyForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        return _page(request, form, status=422 if form.errors else 200)
    try:
        key, secret = actions.create(
            practice=request.practice,
            by=request.user,
            label=form.cleaned_data["label"],
            scopes=form.scopes_asked(),
            expires_at=form.expires_at(),
        )
    except actions.Refused as refusal:
        form.add_error("expires_on", str(refusal))
        return _page(request, form, status=422)
    return _page(request, KeyForm(), made=key, secret=secret)


@login_required
@require_POST
def revoke(request: HttpRequest, key_id: object) -> HttpResponse:
    check(request.membership, Permission.KEYS)
    key = AccessKey.objects.filter(practice=request.practice, pk=key_id).first()
    if key is None:
        raise Http404
    try:
        actions.revoke(key=key, by=request.user)
        messages.success(request, f"The key {key.access_key_id} is revoked.")
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("access-keys")


def _page(
    request: HttpRequest,
    form: KeyForm,
    *,
    status: int = 200,
    made: AccessKey | None = None,
    secret: str = "",
) -> HttpResponse:
    rows = AccessKey.objects.filter(practice=request.practice).select_related("user")
    context = {
        "form": form,
        "keys": [_row(key) for key in rows.order_by("revoked_at", "-created_at")],
        "made": made,
        "secret": secret,
        "endpoint": request.build_absolute_uri(reverse("aws")).rstrip("/"),
        "bucket": request.practice.bucket,
        "account": account_id(request.practice),
    }
    return render(request, "transcripts/keys.html", context, status=status)


def _row(key: AccessKey) -> dict[str, object]:
    """What the list shows of a key; `may` is None where it may do everything."""
    ended = key.expires_at and key.expires_at <= timezone.now()
    state = "revoked" if key.revoked_at else "expired" if ended else "active"
    may = [actions.SCOPES.get(scope, scope) for scope in key.scopes] or None
    return {"key": key, "state": state, "may": may}
