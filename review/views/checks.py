"""The page of safety checks: which a practice uses, and why not the others."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from review import permissions
from review.actions import checks as actions
from review.models import CheckOff
from review.permissions import Permission
from review.policies import Refused
from review.safety import run


@login_required
@require_GET
def checks(request: HttpRequest) -> HttpResponse:
    """All checks with their state."""
    permissions.check(request.membership, Permission.CHECKS)
    return _page(request)


@login_required
@require_POST
def switch(request: HttpRequest, check: str) -> HttpResponse:
    """Off or on; 422 with the page when it can't be."""
    permissions.check(request.membership, Permission.CHECKS)
    change = actions.switch_on if request.POST.get("to") == "on" else actions.switch_off
    try:
        change(check=check, reason=request.POST.get("reason", ""), by=request.membership)
    except Refused as reason:
        return _page(request, str(reason), status=422)
    messages.success(request, f"Saved: {actions.label(check)}.")
    return redirect("checks")


def _page(request: HttpRequest, problem: str = "", status: int = 200) -> HttpResponse:
    rows = CheckOff.objects.filter(practice=request.practice, ended_at=None).select_related("by")
    off = {row.check_name: row for row in rows}
    found = [
        {
            "name": name,
            "label": actions.label(name),
            "off": off.get(name),
            "kept": name in run.KEPT_FOR_DICTATION,
        }
        for name in run.CHECKS
    ]
    context = {"checks": found, "problem": problem, "kept": actions.KEPT}
    return render(request, "review/checks.html", context, status=status)
