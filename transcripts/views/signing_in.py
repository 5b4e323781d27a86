"""A person's own sessions, the clock that pages ask, and accepting an invitation."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from transcripts import sessions as store
from transcripts.access import logged_in_script
from transcripts.actions import members


class AccountForm(forms.Form):
    username = forms.CharField(
        label="User name",
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "username"}),
        help_text="Letters, digits and @ . + - _ only.",
    )
    password = forms.CharField(
        label="Password",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 12 characters, and not a common one.",
    )
    again = forms.CharField(
        label="Password again",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, str]:
        given = super().clean()
        if given.get("password") != given.get("again"):
            self.add_error("again", "The two passwords differ.")
        return given


@never_cache
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What the link of an invitation opens: user name and password are chosen, once."""
    found = members.usable(token)
    form = AccountForm(request.POST or None)
    if request.method == "POST" and found and form.is_valid():
        given = form.cleaned_data
        try:
            members.accept(token=token, username=given["username"], password=given["password"])
            messages.success(request, "Your account is made. Sign in with it.")
            return redirect("account_login")
        except members.Refused as reason:
            form.add_error(reason.field, str(reason))
    context = {"invitation": found, "form": form}
    status = 404 if found is None else 422 if form.errors else 200
    return render(request, "account/invitation.html", context, status=status)


@login_required
@require_GET
def sessions(request: HttpRequest) -> HttpResponse:
    """Where the person is signed in."""
    context = {
        "rows": store.of(request.user),
        "here": request.session.session_key,
    }
    return render(request, "account/sessions.html", context)


@login_required
@require_POST
def end(request: HttpRequest, number: UUID) -> HttpResponse:
    """Ends one of the person's sessions, this one included."""
    if not store.end(number=number, user=request.user, by=request.user):
        raise Http404
    messages.success(request, "The session has ended.")
    return redirect("sessions")


@login_required
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """Ends all sessions but this one."""
    ended = store.end_all(user=request.user, by=request.user, but=request.session.session_key)
    messages.success(request, f"{ended} other sessions ended.")
    return redirect("sessions")


@logged_in_script
@require_GET
def clock(request: HttpRequest) -> JsonResponse:
    """How long the session lasts if nothing more is done. Asking changes nothing."""
    return _clock(request)


@logged_in_script
@require_POST
def active(request: HttpRequest) -> JsonResponse:
    """The page says that somebody typed, clicked or spoke in it since it last said so."""
    store.note(request.session)
    return _clock(request)


def _clock(request: HttpRequest) -> JsonResponse:
    left = store.seconds_left(request.session.row)
    return JsonResponse({"user": str(request.user.pk), "seconds": left, "csrf": get_token(request)})
