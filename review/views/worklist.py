"""The worklist: what there is to do, and how far it is."""

import hmac
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from review import queries, recipients
from review.enums import Action
from review.models import Review
from review.permissions import Permission, check
from transcripts import events
from transcripts import queries as transcription
from transcripts.models import Membership

ROWS_A_PAGE = 50
TASKS = 20


@dataclass(frozen=True, slots=True)
class Job:
    status: str
    percent: int
    failure_reason: str


@login_required
@require_http_methods(["GET", "POST"])
def worklist(request: HttpRequest) -> HttpResponse:
    """The page, or with ?rows=1 only its rows. A search is posted: names stay out of addresses."""
    if request.membership is None:
        return render(request, "transcripts/no_practice.html")
    if request.membership.role == "auditor":
        return redirect("audit")
    check(request.membership, Permission.VIEW)
    state, search = request.GET.get("state", ""), _search(request)
    reviews = queries.worklist(request.membership, state=state, search=search)
    number = request.POST.get("page") or request.GET.get("page")
    page = Paginator(reviews, ROWS_A_PAGE).get_page(number)
    context = {
        "rows": [_row(review) for review in page],
        "page": page,
        "counts": queries.worklist_counts(request.membership),
        "state": state,
        "q": search,
        "changed": [] if "rows" in request.GET else _changed(request.membership),
        "unfinished": transcription.unfinished_dictations(request.membership),
    }
    _report(request, page, search)
    rows_only = "rows" in request.GET
    template = "review/_worklist_rows.html" if rows_only else "review/worklist.html"
    return render(request, template, context)


def _report(request: HttpRequest, page: Page, search: str) -> None:
    """Which recordings are about to be shown; what was searched for as a fingerprint only."""
    detail: dict[str, Any] = {"recordings": [str(review.recording_id) for review in page]}
    if search:
        key = settings.SECRET_KEY.encode()
        detail["search"] = hmac.digest(key, search.lower().encode(), "sha256").hex()[:32]
    events.emit(
        events.Event(
            action=Action.WORKLIST_VIEWED,
            practice_id=request.practice.pk,
            by=request.user,
            object_type="Worklist",
            detail=detail,
        )
    )


def _changed(member: Membership) -> list[dict[str, Any]]:
    """Copies that this person has to acknowledge as overtaken."""
    return recipients.described(recipients.tasks(member)[:TASKS], member)


def _search(request: HttpRequest) -> str:
    return request.POST.get("q", "").replace("\x00", "").strip()[:100]


def _row(review: Review) -> Review:
    """The review with what its row shows beside the columns."""
    job = review.recording.newest_jobs[0]
    percent = queries.percent_done(job)
    review.url = reverse("recording", args=[review.recording_id])
    review.job = Job(job.status, percent, job.failure_reason)
    tagged = (job.tags for job in review.recording.newest_jobs if job.tags)
    review.tags = sorted(next(tagged, {}).items())
    review.assignee_name = review.assignee.name if review.assignee else ""
    return review
