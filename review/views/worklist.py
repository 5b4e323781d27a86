"""The worklist: what there is to do, and how far it is."""

import hmac
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from review import recipients, setup, turnaround, worklists
from review.enums import FINAL, Action, Pend, Priority
from review.models import Review
from review.permissions import Permission, check
from review.views import saved_views
from transcripts import events
from transcripts import queries as transcription
from transcripts.enums import Specialty, Type
from transcripts.models import Membership

ROWS_A_PAGE = 50
TASKS = 20


TABS = {
    "all": "All",
    "mine": "Mine",
    "next": "Next",
    "late": "Late",
    "pended": "Pended",
    "waiting": "Transcribing",
    "ready": "Ready",
    "in_review": "In review",
    "ready_to_sign": "Ready to sign",
    "signed": "Signed",
    "failed": "Failed",
}


@dataclass(frozen=True, slots=True)
class Job:
    status: str
    percent: int
    failure_reason: str


class Pages(Paginator):
    """Counts no further than MOST_COUNTED, and not at all where the number is known."""

    def __init__(self, rows: QuerySet[Review], size: int, known: int | None) -> None:
        super().__init__(rows, size)
        self.known = known

    @cached_property
    def count(self) -> int:
        if self.known is not None:
            return min(self.known, worklists.MOST_COUNTED)
        return self.object_list.order_by()[: worklists.MOST_COUNTED].count()


@login_required
@require_http_methods(["GET", "POST"])
def worklist(request: HttpRequest) -> HttpResponse:
    """The page, or with ?rows=1 only its rows. A search is posted: names stay out of addresses."""
    member = request.membership
    if member is None and request.user.is_staff:
        return redirect("operating")
    if member is None:
        return render(request, "transcripts/no_practice.html")
    if member.role == "auditor":
        return redirect("audit")
    check(member, Permission.VIEW)
    rows_only = "rows" in request.GET
    views = [] if rows_only else worklists.saved_views(member)
    if request.method == "GET" and not request.GET:
        for view in views:
            if view.opens:
                return redirect(saved_views.shown(worklists.Chosen.of(QueryDict(view.query))))
    chosen, search = worklists.Chosen.of(request.GET), _search(request)
    named = chosen.author or chosen.assignee
    people = worklists.people(member) if named or not rows_only else []
    chosen = _known(chosen, people)
    counts = worklists.counts(member)
    plain = not (search or chosen.narrowed or chosen.order in worklists.OF_WORK)
    found, more = worklists.matching(member, search, chosen) if search else (None, False)
    reviews = worklists.rows(member, chosen, found)
    known = counts[chosen.state or "all"] if plain else None
    number = request.POST.get("page") or request.GET.get("page")
    page = Pages(reviews, ROWS_A_PAGE, known).get_page(number)
    context = {
        "rows": [_row(review) for review in page],
        "page": page,
        "counts": counts,
        "tabs": [(key, label, _many(counts[key])) for key, label in TABS.items()],
        "chosen": chosen,
        "state": chosen.state,
        "q": search,
        "more": len(found) if more else None,
    }
    if not rows_only:
        context |= _around(request, member, people) | {"views": views, "view": chosen.query}
        few = plain and page.paginator.count <= setup.FEW
        context["first_tasks"] = setup.first_tasks(member) if few else []
    context["seen"] = _report(request, page, search)
    template = "review/_worklist_rows.html" if rows_only else "review/worklist.html"
    return render(request, template, context)


def _around(request: HttpRequest, member: Membership, people: list[Membership]) -> dict[str, Any]:
    """What the page shows beside the rows."""
    asked = worklists.questions(member, TASKS)
    query = request.GET.copy()
    for name in ("rows", "page"):
        query.pop(name, None)
    return {
        "people": people,
        "back": query.urlencode(),
        "types": Type.choices,
        "specialties": Specialty.choices,
        "priorities": Priority.choices,
        "reasons": Pend.choices,
        "questions": list({flag.review_id: flag.review for flag in asked}.values()),
        "changed": recipients.described(recipients.tasks(member)[:TASKS], member),
        "unfinished": transcription.unfinished_dictations(member),
    }


def _known(chosen: worklists.Chosen, people: list[Membership]) -> worklists.Chosen:
    """Without people that the practice does not have."""
    authors = {"", "none", *(str(one.pk) for one in people)}
    users = {"", "none", *(str(one.user_id) for one in people)}
    return replace(
        chosen,
        author=chosen.author if chosen.author in authors else "",
        assignee=chosen.assignee if chosen.assignee in users else "",
    )


def _report(request: HttpRequest, page: Page, search: str) -> str:
    """Records which recordings are about to be shown; what was searched for as a fingerprint only.

    Answers a token of this look. A page that keeps itself fresh sends it back (X-Seen): while its
    rows are still the same recordings in the same session, that is no new look.
    """
    detail: dict[str, Any] = {"recordings": [str(review.recording_id) for review in page]}
    if search:
        detail["search"] = _fingerprint(search.lower())
    seen = _fingerprint(request.session.session_key, *sorted(detail["recordings"]), search)
    told = request.headers.get("X-Seen", "") if "rows" in request.GET else ""
    if not hmac.compare_digest(told.encode(), seen.encode()):
        practice_id, by = request.practice.pk, request.user
        action = Action.WORKLIST_VIEWED
        events.seen(action, practice_id=practice_id, by=by, object_type="Worklist", **detail)
    return seen


def _fingerprint(*words: str | None) -> str:
    told = "\n".join(word or "" for word in words).encode()
    return hmac.digest(settings.SECRET_KEY.encode(), told, "sha256").hex()[:32]


def _many(count: int) -> str:
    most = worklists.MOST_COUNTED
    return f"{count:,}" if count <= most else f"{most:,}+"


def _search(request: HttpRequest) -> str:
    return request.POST.get("q", "").replace("\x00", "").strip()[:100]


def _row(review: Review) -> Review:
    """The review with what its row shows beside the columns."""
    job = review.recording.newest_jobs[0]
    percent = worklists.percent_done(job)
    review.url = reverse("recording", args=[review.recording_id])
    review.job = Job(job.status, percent, job.failure_reason)
    tagged = (job.tags for job in review.recording.newest_jobs if job.tags)
    review.tags = sorted(next(tagged, {}).items())
    review.assignee_name = review.assignee.name if review.assignee else ""
    review.minutes = worklists.minutes_left(review.flags_open)
    review.done = review.state in FINAL
    review.clock, review.clock_words = turnaround.clock(review.due_at, timezone.now())
    return review
