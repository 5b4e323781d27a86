"""The page of the practice's letterhead, and its logo."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from review.actions import letterheads as actions
from review.models import Letterhead
from review.permissions import Permission, check
from review.policies import Refused


class LetterheadForm(forms.Form):
    name = forms.CharField(label="Name of the practice", max_length=120)
    address = forms.CharField(
        label="Address",
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=f"Up to {actions.LINES} lines.",
    )
    phone = forms.CharField(label="Telephone", max_length=60, required=False)
    logo = forms.FileField(
        label="Logo",
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg"}),
        help_text=f"PNG or JPEG, at most {actions.LOGO_BYTES // 1024} KB. "
        "Without a file, the present one stays.",
    )
    no_logo = forms.BooleanField(label="Without a logo", required=False)


@login_required
@require_http_methods(["GET", "POST"])
def letterhead(request: HttpRequest) -> HttpResponse:
    """GET: the letterhead and the form. POST: its next version."""
    check(request.membership, Permission.LETTERHEAD)
    now = actions.current(request.practice)
    initial = {"name": now.name, "address": now.address, "phone": now.phone} if now else {}
    initial = initial or {"name": request.practice.name}
    form = LetterheadForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change(
                practice=request.practice,
                by=request.user,
                logo=_logo(form),
                **{name: form.cleaned_data[name] for name in ("name", "address", "phone")},
            )
        except Refused as refusal:
            form.add_error("logo" if "logo" in str(refusal) else None, str(refusal))
        else:
            messages.success(request, "Documents that are signed from now on have this letterhead.")
            return redirect("letterhead")
    context = {
        "form": form,
        "now": now,
        "versions": request.practice.letterheads.select_related("created_by")[:20],
    }
    return render(request, "review/letterhead.html", context, status=422 if form.errors else 200)


def _logo(form: LetterheadForm) -> bytes | None:
    if form.cleaned_data["no_logo"]:
        return b""
    given = form.cleaned_data["logo"]
    # One byte more than is allowed is enough to be refused.
    return given.read(actions.LOGO_BYTES + 1) if given else None


@login_required
@require_GET
def logo(request: HttpRequest, letterhead_id: UUID) -> HttpResponse:
    """The logo of a version of the own practice's letterhead, for its pages."""
    check(request.membership, Permission.RELEASE)
    row = Letterhead.objects.filter(practice=request.practice, pk=letterhead_id).first()
    if row is None or not row.logo:
        raise Http404
    return HttpResponse(bytes(row.logo), content_type="image/png")
