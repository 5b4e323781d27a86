"""Pages for managers: who belongs to the practice, and how people must sign in."""

from collections.abc import Callable
from uuid import UUID

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from transcripts import sessions
from transcripts.access import strong_factors
from transcripts.actions import members as actions
from transcripts.actions import signing_in
from transcripts.enums import Role
from transcripts.models import Invitation, Membership
from transcripts.permissions import Permission, check


class StandingForm(forms.Form):
    role = forms.ChoiceField(choices=Role, label="Role")
    printed_name = forms.CharField(
        label="Name as signatures print it",
        max_length=200,
        required=False,
        help_text="For clinicians, such as Maya Okafor, MD.",
    )
    title = forms.CharField(label="Title", max_length=100, required=False)
    licence = forms.CharField(label="Licence", max_length=100, required=False)

    def standing(self) -> actions.Standing:
        given = {name: self.cleaned_data[name] for name in StandingForm.base_fields}
        return actions.Standing(**given, cosigned=self.cleaned_data.get("cosigned", False))


class PersonForm(StandingForm):
    cosigned = forms.BooleanField(
        label="What this clinician signs needs another clinician's co-signature",
        required=False,
    )


class InvitationForm(StandingForm):
    first_name = forms.CharField(label="First name", max_length=150)
    last_name = forms.CharField(label="Last name", max_length=150, required=False)
    email = forms.EmailField(
        label="Mail address",
        required=False,
        help_text="Empty, or where this site sends no mail: you get a link to hand over yourself.",
    )
    field_order = ["first_name", "last_name", "email", "role", "printed_name", "title", "licence"]


class RulesForm(forms.Form):
    roles = forms.MultipleChoiceField(
        choices=Role, required=False, widget=forms.CheckboxSelectMultiple, label="Roles"
    )


@login_required
@require_http_methods(["GET", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """GET: everybody and the form. POST: invites; the link is shown on this one answer."""
    check(request.membership, Permission.PEOPLE)
    form = InvitationForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        return _people(request, form, status=422 if form.errors else 200)
    who = {name: form.cleaned_data[name] for name in ("first_name", "last_name", "email")}
    try:
        made, token = actions.invite(
            practice=request.practice, standing=form.standing(), by=request.user, **who
        )
    except actions.Refused as reason:
        form.add_error(reason.field, str(reason))
        return _people(request, form, status=422)
    link = request.build_absolute_uri(reverse("invitation", args=[token]))
    sent = actions.send(invitation=made, link=link)
    return _people(request, InvitationForm(), made=made, link=link, sent=sent)


@login_required
@require_POST
def withdraw(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    check(request.membership, Permission.PEOPLE)
    row = Invitation.objects.filter(practice=request.practice, pk=invitation_id).first()
    if row is None:
        raise Http404
    try:
        actions.withdraw(invitation=row, by=request.user)
        messages.success(request, "The invitation is withdrawn.")
    except actions.Refused as reason:
        messages.error(request, str(reason))
    return redirect("people")


@login_required
@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """GET: one person. POST: role, and what their signature prints and needs."""
    check(request.membership, Permission.PEOPLE)
    member = _member_or_404(request, member_id)
    initial = {name: getattr(member, name) for name in PersonForm.base_fields}
    form = PersonForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change(member=member, standing=form.standing(), by=request.membership)
            messages.success(request, f"Saved: {member.user.name}.")
            return redirect("person", member_id)
        except actions.Refused as reason:
            form.add_error(reason.field, str(reason))
    factors = Authenticator.objects.filter(user=member.user).order_by("type", "pk")
    context = {
        "member": member,
        "form": form,
        "factors": [_factor(factor) for factor in factors],
        "open_sessions": sessions.of(member.user),
        "own": member.pk == request.membership.pk,
    }
    status = 422 if form.errors else 200
    return render(request, "transcripts/person.html", context, status=status)


def _acting(act: Callable[[Membership, Membership], str]) -> Callable[..., HttpResponse]:
    """A POST that does one thing to a person; `act` gives the sentence of success."""

    @login_required
    @require_POST
    def view(request: HttpRequest, member_id: UUID) -> HttpResponse:
        check(request.membership, Permission.PEOPLE)
        member = _member_or_404(request, member_id)
        try:
            messages.success(request, act(member, request.membership))
        except (actions.Refused, signing_in.Refused) as reason:
            messages.error(request, str(reason))
        return redirect("person", member_id)

    return view


@_acting
def disable(member: Membership, by: Membership) -> str:
    actions.disable(member=member, by=by)
    return f"{member.user.name} is disabled: sessions and keys have ended."


@_acting
def enable(member: Membership, by: Membership) -> str:
    actions.enable(member=member, by=by)
    return f"{member.user.name} can sign in again."


@_acting
def reset_factors(member: Membership, by: Membership) -> str:
    signing_in.reset_second_factors(member=member, by=by)
    return f"{member.user.name} has no second factor now, and has to sign in again."


@_acting
def end_sessions(member: Membership, by: Membership) -> str:
    ended = sessions.end_all(user=member.user, by=by.user)
    return f"{ended} sessions of {member.user.name} ended."


@login_required
@require_http_methods(["GET", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """Which roles must have a second factor."""
    check(request.membership, Permission.PEOPLE)
    practice = request.practice
    form = RulesForm(request.POST or None, initial={"roles": practice.second_factor_roles})
    if request.method == "POST" and form.is_valid():
        try:
            signing_in.set_rules(
                practice=practice, roles=form.cleaned_data["roles"], by=request.membership
            )
            messages.success(request, "Saved: who must have a second factor.")
            return redirect("sign-in-rules")
        except signing_in.Refused as reason:
            form.add_error(None, str(reason))
    without = [member for member in _members(request) if not member.strong]
    context = {"form": form, "without": without}
    status = 422 if form.errors else 200
    return render(request, "transcripts/sign_in_rules.html", context, status=status)


def _members(request: HttpRequest) -> QuerySet[Membership]:
    """People of the practice, without the service accounts of access keys."""
    strong = strong_factors(OuterRef("user"))
    rows = Membership.objects.filter(practice=request.practice).select_related("user")
    rows = rows.exclude(user__username__startswith="client-akia")
    return rows.annotate(strong=Exists(strong)).order_by(
        "-user__is_active", "user__first_name", "user__last_name", "pk"
    )


def _member_or_404(request: HttpRequest, member_id: UUID) -> Membership:
    member = _members(request).filter(pk=member_id).first()
    if member is None:
        raise Http404
    return member


def _factor(factor: Authenticator) -> dict[str, object]:
    names = {"totp": "Authenticator app", "recovery_codes": "Recovery codes"}
    name = names.get(factor.type) or f"Security key {factor.data.get('name', '')}".strip()
    return {"name": name, "created_at": factor.created_at, "last_used_at": factor.last_used_at}


def _people(
    request: HttpRequest,
    form: InvitationForm,
    *,
    status: int = 200,
    made: Invitation | None = None,
    link: str = "",
    sent: bool = False,
) -> HttpResponse:
    context = {
        "form": form,
        "members": _members(request),
        "invitations": Invitation.objects.filter(
            practice=request.practice, used_at=None, withdrawn_at=None
        ).order_by("-created_at")[:50],
        "made": made,
        "link": link,
        "sent": sent,
    }
    return render(request, "transcripts/people.html", context, status=status)
