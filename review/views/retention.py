"""The page of retention: how long a practice keeps things, what would go, and legal holds."""

import re
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from review import retention as reads
from review.actions import retention as actions
from review.permissions import Permission, check
from review.policies import Refused
from transcripts.models import Hold, Patient, Recording

SHOWN = 200
NUMBER = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class RulesForm(forms.Form):
    audio_days = forms.IntegerField(
        label="Audio of signed documents: days after the last signature",
        required=False,
        min_value=1,
        max_value=actions.MAX_DAYS,
        help_text="Empty keeps it for ever. The document, its log and its audio's hash stay.",
    )
    draft_days = forms.IntegerField(
        label="What was never signed: days after the last work on it",
        required=False,
        min_value=1,
        max_value=actions.MAX_DAYS,
        help_text="Empty keeps it for ever. Audio, transcript and edits go together.",
    )


class HoldForm(forms.Form):
    mrn = forms.CharField(
        label="Patient's record number",
        required=False,
        max_length=50,
        help_text="Holds all recordings of the patient, those to come as well.",
    )
    recording = forms.CharField(
        label="Or the address of one recording",
        required=False,
        max_length=300,
        help_text="Copied from the browser's address line.",
    )
    reason = forms.CharField(label="Why", max_length=actions.MAX_REASON)

    def __init__(self, practice: Any, *args: Any) -> None:
        super().__init__(*args)
        self.practice = practice

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        mrn, address = given.get("mrn"), given.get("recording")
        if bool(mrn) == bool(address):
            self.add_error("mrn", "Give a record number or a recording, one of both.")
        elif mrn:
            given["patient"] = Patient.objects.filter(practice=self.practice, mrn=mrn).first()
            if given["patient"] is None:
                self.add_error("mrn", "There is no patient with this record number.")
        else:
            number = NUMBER.search(address.lower())
            rows = Recording.objects.filter(practice=self.practice)
            given["held"] = rows.filter(pk=number[0]).first() if number else None
            if given["held"] is None:
                self.add_error("recording", "There is no such recording.")
        return given


@login_required
@require_http_methods(["GET", "POST"])
def retention(request: HttpRequest) -> HttpResponse:
    """GET: rules and holds. POST: sets the rules."""
    check(request.membership, Permission.RETENTION)
    if request.method == "GET":
        return _page(request)
    form = RulesForm(request.POST)
    if form.is_valid() and request.POST.keys() & form.fields.keys():
        actions.set_rules(by=request.membership, **form.cleaned_data)
        messages.success(request, "Saved. The rules apply from tonight on.")
        return redirect("retention")
    return _page(request, rules=form, status=422)


@login_required
@require_GET
def preview(request: HttpRequest) -> HttpResponse:
    """The same page with what the rules would remove now; looking is on record."""
    check(request.membership, Permission.RETENTION)
    return _page(request, found=actions.preview(by=request.membership))


@login_required
@require_POST
def hold(request: HttpRequest) -> HttpResponse:
    check(request.membership, Permission.RETENTION)
    form = HoldForm(request.practice, request.POST)
    if not form.is_valid():
        return _page(request, hold=form, status=422)
    try:
        actions.place_hold(
            reason=form.cleaned_data["reason"],
            by=request.membership,
            patient=form.cleaned_data.get("patient"),
            recording=form.cleaned_data.get("held"),
        )
    except Refused as refusal:
        form.add_error("reason", str(refusal))
        return _page(request, hold=form, status=422)
    messages.success(request, "On hold. Nothing of it is removed until the hold is lifted.")
    return redirect("retention")


@login_required
@require_POST
def lift(request: HttpRequest, hold_id: UUID) -> HttpResponse:
    check(request.membership, Permission.RETENTION)
    try:
        actions.lift_hold(
            hold_id=hold_id, reason=request.POST.get("reason", ""), by=request.membership
        )
        messages.success(request, "The hold is lifted. The rules apply again.")
    except Hold.DoesNotExist:
        raise Http404 from None
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("retention")


def _page(
    request: HttpRequest,
    *,
    rules: RulesForm | None = None,
    hold: HoldForm | None = None,
    found: list[reads.Due] | None = None,
    status: int = 200,
) -> HttpResponse:
    rule = reads.rule_of(request.practice)
    current = {name: rule and getattr(rule, name) for name in ("audio_days", "draft_days")}
    holds = Hold.objects.filter(practice=request.practice)
    context = {
        "rules": rules or RulesForm(initial=current),
        "rule": rule,
        "hold_form": hold or HoldForm(request.practice),
        "holds": holds.select_related("patient", "recording", "by", "lifted_by").order_by(
            "-lifted_at", "-at"
        ),
        "found": found,
        "shown": found and found[:SHOWN],
        "removed": reads.removals(request.practice).count(),
    }
    return render(request, "review/retention.html", context, status=status)
