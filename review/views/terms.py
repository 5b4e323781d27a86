"""Frequent corrections, offered as terms of a vocabulary."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from review import terms as reads
from review.actions import terms as actions
from review.enums import Action
from review.models import TermDecision
from review.permissions import Permission, check
from review.policies import Refused
from transcripts import events
from transcripts.models import MedicalVocabulary

DECIDED = 50


@login_required
@require_http_methods(["GET", "POST"])
def terms(request: HttpRequest) -> HttpResponse:
    """GET: what is offered. POST: one of them added, or dismissed for good."""
    check(request.membership, Permission.VOCABULARIES)
    if request.method == "POST":
        return _decide(request)
    practice_id, by = request.practice.pk, request.user
    events.seen(Action.TERMS_VIEWED, practice_id=practice_id, by=by, object_type="TermDecision")
    return _page(request)


@login_required
@require_POST
def take_back(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    check(request.membership, Permission.VOCABULARIES)
    row = TermDecision.objects.filter(practice=request.practice, pk=decision_id).first()
    if row is None:
        raise Http404
    actions.take_back(decision=row, by=request.membership)
    messages.success(request, "The correction is offered again.")
    return redirect("terms")


def _decide(request: HttpRequest) -> HttpResponse:
    given = {name: request.POST.get(name, "")[:255] for name in ("heard", "written")}
    try:
        if "dismiss" in request.POST:
            actions.dismiss(by=request.membership, **given)
            messages.success(request, "The correction is not offered again.")
        else:
            name = request.POST.get("vocabulary", "")
            row = actions.add(vocabulary=name, by=request.membership, **given)
            messages.success(request, f"The term stands in {row.name} now.")
    except Refused as reason:
        return _page(request, str(reason), status=422)
    return redirect("terms")


def _page(request: HttpRequest, trouble: str = "", status: int = 200) -> HttpResponse:
    decided = TermDecision.objects.filter(practice=request.practice).select_related("by")
    names = MedicalVocabulary.objects.filter(practice=request.practice).order_by("name")
    context = {
        "offers": reads.offered(request.membership),
        "decided": decided[:DECIDED],
        "vocabularies": list(names.values_list("name", flat=True)) or [actions.NEW],
        "trouble": trouble,
        "at_least": reads.AT_LEAST,
    }
    return render(request, "review/terms.html", context, status=status)
