"""The dashboard of a manager: figures, the list behind each, and each as CSV."""

import csv
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from review import dashboard as figures
from review import figure_lists
from review.enums import Action
from review.figures import standing
from review.permissions import Permission, check
from review.release.adverse_events import cell
from transcripts import events
from transcripts.access import logged_in_script

ROWS_A_PAGE = 100


@login_required
@require_GET
def dashboard(request: HttpRequest) -> HttpResponse:
    check(request.membership, Permission.DASHBOARD)
    _report(request, Action.FIGURES_VIEWED)
    return render(request, "review/dashboard.html", _context(request))


@logged_in_script
@require_GET
def live(request: HttpRequest) -> HttpResponse:
    """The figures alone, for the page that keeps them fresh; that it looked is recorded already."""
    check(request.membership, Permission.DASHBOARD)
    return render(request, "review/_dashboard.html", _context(request))


@login_required
@require_GET
def table(request: HttpRequest, name: str) -> HttpResponse:
    """The table of a figure as CSV."""
    check(request.membership, Permission.DASHBOARD)
    found = {one.name: one for one in figures.figures(standing(request.practice.pk))}
    if name not in found:
        raise Http404
    _report(request, Action.FIGURES_EXPORTED, figure=name)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    writer = csv.writer(answer)
    writer.writerow(found[name].table.head)
    for row in found[name].table.rows:
        writer.writerow(["" if each is None else cell(str(each)) for each in row])
    return answer


@login_required
@require_GET
def listing(request: HttpRequest, name: str) -> HttpResponse:
    """The list behind a figure."""
    check(request.membership, Permission.DASHBOARD)
    if name not in figure_lists.LISTS:
        raise Http404
    found = figure_lists.of(name, request.practice.pk)
    page = Paginator(found.rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    shown = [str(row[0]) for row in page if row[0]] if found.documents else []
    _report(request, Action.FIGURES_VIEWED, figure=name, recordings=shown)
    context = {"listing": found, "page": page, "most": figure_lists.LISTED}
    return render(request, "review/dashboard_list.html", context)


def _context(request: HttpRequest) -> dict[str, Any]:
    shown = figures.figures(standing(request.practice.pk))
    charts = any(one.chart for one in shown)
    return {"figures": shown, "charts": charts, "now": timezone.now()}


def _report(request: HttpRequest, action: Action, **detail: Any) -> None:
    practice_id, by = request.practice.pk, request.user
    events.seen(action, practice_id=practice_id, by=by, object_type="Dashboard", **detail)
