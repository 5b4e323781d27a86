"""Figures on quality, and each of them as CSV."""

import csv

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from review import quality_figures as reads
from review.enums import Action
from review.permissions import Permission, check, refusal
from review.release.adverse_events import cell
from transcripts import events

TABLES = {
    "trend": (reads.TREND_HEAD, reads.trend_rows),
    "escaped": (reads.ESCAPED_HEAD, reads.escaped_rows),
}


@login_required
@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """A manager sees everybody; everybody else themselves."""
    check(request.membership, Permission.SECOND_REVIEW)
    found = reads.figures(request.membership)
    _report(request, Action.QUALITY_VIEWED)
    context = {
        "found": found,
        "every": refusal(request.membership, Permission.QUALITY) is None,
        "plots": reads.plots(found),
        "trend": {"head": reads.TREND_HEAD, "rows": reads.trend_rows(found)},
        "escaped": {"head": reads.ESCAPED_HEAD, "rows": reads.escaped_rows(found)},
    }
    return render(request, "review/quality_figures.html", context)


@login_required
@require_GET
def table(request: HttpRequest, name: str) -> HttpResponse:
    check(request.membership, Permission.SECOND_REVIEW)
    if name not in TABLES:
        raise Http404
    head, rows_of = TABLES[name]
    _report(request, Action.QUALITY_EXPORTED, table=name)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="quality-{name}.csv"'
    writer = csv.writer(answer)
    writer.writerow(head)
    for row in rows_of(reads.figures(request.membership)):
        writer.writerow([cell(str(each)) for each in row])
    return answer


def _report(request: HttpRequest, action: Action, **detail: str) -> None:
    practice_id, by = request.practice.pk, request.user
    events.seen(action, practice_id=practice_id, by=by, object_type="Quality", **detail)
