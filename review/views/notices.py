"""What is mailed to a person, and where to: their own choice."""

from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from review.actions.proof import NotProven, needs_code, prove
from review.enums import NoticeKind
from review.views.sign import ProofForm
from transcripts.actions import people


class NoticesForm(ProofForm):
    email = forms.EmailField(label="Mail address", required=False, max_length=254)
    kinds = forms.MultipleChoiceField(
        label="What is mailed to you",
        choices=NoticeKind,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    field_order = ["kinds", "email", "password", "code"]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for name in {"password", "code"} & set(self.fields):
            self.fields[name].required = False
        self.fields["password"].help_text = "Only for another address."


@login_required
@require_http_methods(["GET", "POST"])
def own_notices(request: HttpRequest) -> HttpResponse:
    """GET: the choice. POST: keeps it; another address needs the password again."""
    user = request.user
    chosen = [kind for kind in NoticeKind.values if kind not in user.notices_off]
    initial = {"email": user.email, "kinds": chosen}
    form = NoticesForm(request.POST or None, initial=initial, with_code=needs_code(user))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            if given["email"] != user.email:
                limited = ratelimit.consume_or_429(request, action="reauthenticate", user=user)
                if limited:
                    return limited
                prove(user=user, password=given["password"], code=given.get("code", ""))
            off = [kind for kind in NoticeKind.values if kind not in given["kinds"]]
            people.set_notices(user=user, off=off, email=given["email"])
            messages.success(request, "Saved.")
            return redirect("own-notices")
        except NotProven as failure:
            form.add_error(failure.field, str(failure))
    context = {"form": form, "email": user.email}
    status = 422 if form.errors else 200
    return render(request, "review/notices.html", context, status=status)
