"""The set-up of a practice, step by step; each step can be passed over and come back to."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from review import policies, setup
from review import retention as kept
from review.actions import letterheads, setting_up
from review.actions import retention as retention_actions
from review.enums import SetupState, SetupStep
from review.permissions import Permission, check
from review.views.letterhead import LetterheadForm
from review.views.retention import RulesForm
from transcripts.actions import members, practices
from transcripts.enums import Specialty, Type
from transcripts.views.people import InvitationForm

LINES = [
    ("0.90", "Cautious: words under 90 %; more to check"),
    ("0.80", "Usual: words under 80 %"),
    ("0.70", "Quick: words under 70 %; less to check, and more errors pass unmarked"),
]


class NameForm(forms.Form):
    name = forms.CharField(label="Name of the practice", max_length=200)


class LettersForm(LetterheadForm):
    """Without the logo, which has its place on the letterhead's own page."""

    logo = no_logo = None


class DefaultsForm(forms.Form):
    default_specialty = forms.ChoiceField(label="Specialty", choices=Specialty)
    default_type = forms.ChoiceField(label="Type of recording", choices=Type)


class ThresholdForm(forms.Form):
    confidence_threshold = forms.TypedChoiceField(
        label="How sure", choices=LINES, coerce=Decimal, widget=forms.RadioSelect
    )


class EngineForm(forms.Form):
    engine = forms.ChoiceField(
        label="Engine",
        required=False,
        widget=forms.RadioSelect,
        help_text="Amazon's engine sends recordings to AWS. It needs an account there, and a "
        "business associate agreement.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["engine"].choices = practices.engines()


FORMS: dict[str, type[forms.Form]] = {
    SetupStep.PRACTICE: NameForm,
    SetupStep.LETTERHEAD: LettersForm,
    SetupStep.PEOPLE: InvitationForm,
    SetupStep.DEFAULTS: DefaultsForm,
    SetupStep.THRESHOLD: ThresholdForm,
    SetupStep.RETENTION: RulesForm,
    SetupStep.ENGINE: EngineForm,
}


@login_required
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """All steps with how far each is."""
    check(request.membership, Permission.SETUP)
    return render(request, "review/setup.html", _context(request))


@login_required
@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, name: str) -> HttpResponse:
    """GET: one step. POST: keeps it, or with `skip` passes it over; then the next open one."""
    check(request.membership, Permission.SETUP)
    if name not in FORMS:
        raise Http404
    if request.method == "POST" and "skip" in request.POST:
        return _settle(request, name, SetupState.SKIPPED)
    form = FORMS[name](request.POST or None, initial=_initial(request, name))
    if request.method == "GET" or not form.is_valid():
        return _page(request, name, form)
    try:
        with transaction.atomic():
            shown = KEEP[name](request, form.cleaned_data | {"form": form})
            if shown is None:
                return _settle(request, name, SetupState.DONE)
            setting_up.mark(step=name, state=SetupState.DONE, by=request.membership)
    except (practices.Refused, members.Refused) as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    except policies.Refused as refusal:
        form.add_error(None, str(refusal))
    else:
        return _page(request, name, FORMS[name](), **shown)
    return _page(request, name, form)


def _settle(request: HttpRequest, name: str, state: str) -> HttpResponse:
    setting_up.mark(step=name, state=state, by=request.membership)
    order = list(SetupStep.values)
    open_ = {one.slug for one in setup.steps(request.practice) if one.state == "open"}
    later = [one for one in order[order.index(name) + 1 :] if one in open_]
    following = next(iter(later + [one for one in order if one in open_]), None)
    if following:
        return redirect("setup-step", following)
    messages.success(request, "The practice is set up. Each step can be changed at any time.")
    return redirect("setup")


def _page(request: HttpRequest, name: str, form: forms.Form, **more: Any) -> HttpResponse:
    context = _context(request) | {"form": form, "here_step": name} | more
    context["step"] = next(one for one in context["steps"] if one.slug == name)
    context["number"] = list(SetupStep.values).index(name) + 1
    return render(request, "review/setup_step.html", context, status=422 if form.errors else 200)


def _context(request: HttpRequest) -> dict[str, Any]:
    steps = setup.steps(request.practice)
    settled = sum(one.state != "open" for one in steps)
    following = next((one for one in steps if one.state == "open"), None)
    return {"steps": steps, "settled": settled, "following": following}


def _initial(request: HttpRequest, name: str) -> dict[str, Any]:
    """What is set already, so that going on changes nothing."""
    practice = request.practice
    if name == SetupStep.LETTERHEAD:
        now = letterheads.current(practice)
        empty = {"name": practice.name}
        return {n: getattr(now, n) for n in ("name", "address", "phone")} if now else empty
    if name == SetupStep.RETENTION:
        rule = kept.rule_of(practice)
        return {n: rule and getattr(rule, n) for n in ("audio_days", "draft_days")}
    if name == SetupStep.PEOPLE:
        return {}
    found = {n: getattr(practice, n) for n in FORMS[name].base_fields}
    if name == SetupStep.THRESHOLD:
        found = {"confidence_threshold": f"{practice.confidence_threshold:.2f}"}
    return found


Keep = Callable[[HttpRequest, dict[str, Any]], dict[str, Any] | None]


def _change(request: HttpRequest, given: dict[str, Any]) -> None:
    values = {name: given[name] for name in given["form"].fields}
    practices.change(practice=request.practice, by=request.user, **values)
    request.practice.refresh_from_db()


def _letterhead(request: HttpRequest, given: dict[str, Any]) -> None:
    values = {name: given[name] for name in ("name", "address", "phone")}
    letterheads.change(practice=request.practice, by=request.user, logo=None, **values)


def _invite(request: HttpRequest, given: dict[str, Any]) -> dict[str, Any]:
    """Stays on the step: the link is shown on this one answer, and others may be invited."""
    who = {name: given[name] for name in ("first_name", "last_name", "email")}
    standing = given["form"].standing()
    made, token = members.invite(
        practice=request.practice, standing=standing, by=request.user, **who
    )
    link = request.build_absolute_uri(reverse("invitation", args=[token]))
    return {"made": made, "link": link, "sent": members.send(invitation=made, link=link)}


def _retention(request: HttpRequest, given: dict[str, Any]) -> None:
    values = {name: given[name] for name in ("audio_days", "draft_days")}
    retention_actions.set_rules(by=request.membership, **values)


KEEP: dict[str, Keep] = {
    SetupStep.PRACTICE: _change,
    SetupStep.LETTERHEAD: _letterhead,
    SetupStep.PEOPLE: _invite,
    SetupStep.DEFAULTS: _change,
    SetupStep.THRESHOLD: _change,
    SetupStep.RETENTION: _retention,
    SetupStep.ENGINE: _change,
}
