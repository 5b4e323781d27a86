"""Emergency access: the page where a clinician takes it, and the list in which others review it."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from review.models import AuditEvent
from transcripts.access import visible_recordings
from transcripts.actions import emergency as actions
from transcripts.models import EmergencyAccess
from transcripts.permissions import Permission, check

SHOWN = 200


class EmergencyForm(forms.Form):
    mrn = forms.CharField(label="Medical record number of the patient", max_length=64)
    reason = forms.CharField(
        label="Reason",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Managers and auditors read it afterwards.",
        error_messages={"required": "Say why: it is read afterwards."},
    )


@login_required
@require_http_methods(["GET", "POST"])
def emergency(request: HttpRequest) -> HttpResponse:
    """GET: what the person has access to now. POST: takes access; 400 without a reason."""
    check(request.membership, Permission.EMERGENCY)
    form = EmergencyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            grant = actions.take(member=request.membership, **form.cleaned_data)
            messages.warning(
                request, "You have emergency access. Everything you read is on record."
            )
            return redirect(_first_recording(request, grant) or "emergency")
        except actions.Refused as reason:
            form.add_error(reason.field, str(reason))
    status = 400 if form.errors else 200
    return _page(request, form, status)


@login_required
@require_POST
def end(request: HttpRequest, grant_id: UUID) -> HttpResponse:
    """The person needs it no longer."""
    check(request.membership, Permission.EMERGENCY)
    grant = EmergencyAccess.objects.filter(member=request.membership, pk=grant_id).first()
    if grant is None:
        raise Http404
    try:
        actions.give_up(grant=grant, by=request.membership)
        messages.success(request, "The emergency access has ended.")
    except actions.Refused as reason:
        messages.error(request, str(reason))
    return redirect("emergency")


@login_required
@require_GET
def reviews(request: HttpRequest) -> HttpResponse:
    """All emergency accesses of the practice; those that nobody has reviewed come first."""
    check(request.membership, Permission.EMERGENCY_REVIEW)
    return _reviews(request)


@login_required
@require_POST
def review(request: HttpRequest, grant_id: UUID) -> HttpResponse:
    """Marks one as reviewed; 422 where that can't be."""
    check(request.membership, Permission.EMERGENCY_REVIEW)
    grant = EmergencyAccess.objects.filter(practice=request.practice, pk=grant_id).first()
    if grant is None:
        raise Http404
    try:
        finding = request.POST.get("finding", "")[:500]
        actions.review(grant=grant, finding=finding, by=request.membership)
    except actions.Refused as reason:
        messages.error(request, str(reason))
        return _reviews(request, 422)
    messages.success(request, "Reviewed.")
    return redirect("emergency-reviews")


def _first_recording(request: HttpRequest, grant: EmergencyAccess) -> str | None:
    """The patient's only recording opens at once; several are listed."""
    rows = grant.patient.recordings.filter(practice=request.practice)[:2]
    return reverse("recording", args=[rows[0].pk]) if len(rows) == 1 else None


def _page(request: HttpRequest, form: EmergencyForm, status: int) -> HttpResponse:
    now = timezone.now()
    grants = EmergencyAccess.objects.filter(member=request.membership, ends_at__gt=now)
    running = [
        {
            "grant": grant,
            "recordings": visible_recordings(request.membership)
            .filter(patient=grant.patient_id)
            .order_by("-created_at")[:50],
        }
        for grant in grants.select_related("patient").order_by("-began_at")
    ]
    context = {"form": form, "running": running}
    return render(request, "review/emergency.html", context, status=status)


def _reviews(request: HttpRequest, status: int = 200) -> HttpResponse:
    rows = EmergencyAccess.objects.filter(practice=request.practice)
    grants = list(
        rows.select_related("member__user", "reviewed_by__user").order_by(
            "-reviewed_at", "-began_at"
        )[:SHOWN]
    )
    acts = _acts(grants)
    context = {
        "rows": [{"grant": g, "acts": acts.get(str(g.pk), 0)} for g in grants],
        "unreviewed": sum(g.reviewed_at is None for g in grants),
        "me": request.membership.pk,
    }
    return render(request, "review/emergency_reviews.html", context, status=status)


def _acts(grants: list[EmergencyAccess]) -> dict[str, int]:
    """How many acts are on record under each; by person first, which the log has an index for."""
    if not grants:
        return {}
    rows = AuditEvent.objects.filter(
        practice=grants[0].practice_id,
        actor_id__in={str(grant.member.user_id) for grant in grants},
        detail__emergency__in=[str(grant.pk) for grant in grants],
    )
    return dict(rows.order_by().values_list("detail__emergency").annotate(Count("pk")))
