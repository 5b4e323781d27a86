"""The worklist: what there is to do, and how far it is."""

import hmac
from dataclasses import replace
from functools import cached_property
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from review import recipients, setup, worklist_around, worklist_rows, worklists
from review.enums import Action, Pend, Priority
from review.permissions import Permission, check
from review.views import saved_views
from transcripts import events
from transcripts import queries as transcription
from transcripts.enums import Specialty, Type
from transcripts.jinja import rendered
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


class Pages(Paginator):
    """Counts no further than MOST_COUNTED, and not at all where the number is known."""

    def __init__(self, rows: QuerySet | list[UUID], size: int, known: int | None) -> None:
        super().__init__(rows, size)
        self.known = known

    @cached_property
    def count(self) -> int:
        if isinstance(self.object_list, list):
            return len(self.object_list)
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
    beside = worklist_around.beside(member)
    if request.method == "GET" and not request.GET:
        for view in beside["views"]:
            if view["opens"]:
                return redirect(saved_views.shown(worklists.Chosen.of(QueryDict(view["query"]))))
    chosen, search = worklists.Chosen.of(request.GET), _search(request)
    chosen = _known(chosen, beside["people"])
    counts = beside["counts"]
    plain = not (search or chosen.narrowed or chosen.order in worklists.OF_WORK)
    found, more = worklists.matching(member, search, chosen) if search else (None, False)
    reviews = worklists.ordered(member, chosen, found)
    known = counts[chosen.state or "all"] if plain else None
    number = request.POST.get("page") or request.GET.get("page")
    page = Pages(reviews, ROWS_A_PAGE, known).get_page(number)
    rows = worklist_rows.shown(page.object_list)
    context = {
        "rows": rows,
        "page": page,
        "tabs": _tabs(request, counts),
        "chosen": chosen,
        "state": chosen.state,
        "q": search,
        "more": len(found) if more else None,
        "sorted": _sorted(chosen, page.paginator.count),
    }
    context["seen"] = _report(request, rows, search)
    if rows_only:
        return HttpResponse(rendered("review/worklist_rows.html", context))
    context |= beside | _around(request, member, beside)
    few = plain and page.paginator.count <= setup.FEW
    context |= {"first_tasks": setup.first_tasks(member) if few else [], "view": chosen.query}
    return render(request, "review/worklist.html", context)


def _tabs(request: HttpRequest, counts: dict[str, int]) -> list[tuple[str, str, str, str]]:
    """Of each its key, name, number of rows, and address: what else is chosen stays so."""
    query = _chosen_in(request)
    tabs = []
    for key, label in TABS.items():
        query["state"] = key
        tabs.append((key, label, _many(counts[key]), f"?{query.urlencode()}"))
    return tabs


def _chosen_in(request: HttpRequest) -> QueryDict:
    """What the address says but for the page and its parts."""
    query = request.GET.copy()
    for name in ("rows", "page"):
        query.pop(name, None)
    return query


def _around(request: HttpRequest, member: Membership, beside: dict[str, Any]) -> dict[str, Any]:
    """What the page shows beside the rows; one query for each card that has something."""
    asked = worklists.asked(member)[:TASKS] if beside["questions"] else []
    changed = recipients.tasks(member)[:TASKS] if beside["changed"] else []
    unfinished = transcription.unfinished_dictations(member) if beside["unfinished"] else []
    quality = beside["second"] or beside["drafted"] or beside["disputed"]
    concerns = worklist_around.concerns(member) if quality else {}
    return {
        "back": _chosen_in(request).urlencode(),
        "types": Type.choices,
        "specialties": Specialty.choices,
        "priorities": Priority.choices,
        "reasons": Pend.choices,
        "questions": list({flag.review_id: flag.review for flag in asked}.values()),
        "changed": recipients.described(changed, member),
        "unfinished": unfinished,
    } | concerns


def _known(chosen: worklists.Chosen, people: list[dict[str, Any]]) -> worklists.Chosen:
    """Without people that the practice does not have."""
    authors = {"", "none", *(one["pk"] for one in people)}
    users = {"", "none", *(one["user"] for one in people)}
    return replace(
        chosen,
        author=chosen.author if chosen.author in authors else "",
        assignee=chosen.assignee if chosen.assignee in users else "",
    )


def _report(request: HttpRequest, rows: list[dict[str, Any]], search: str) -> str:
    """Records which recordings are about to be shown; what was searched for as a fingerprint only.

    Answers a token of this look. A page that keeps itself fresh sends it back (X-Seen): while its
    rows are still the same recordings in the same session, that is no new look.
    """
    detail: dict[str, Any] = {"recordings": [str(row["recording_id"]) for row in rows]}
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


def _sorted(chosen: worklists.Chosen, count: int) -> str:
    """How many rows were sorted where there are more; else empty."""
    most = worklists.MOST_SORTED
    return f"{most:,}" if chosen.order in worklists.NO_INDEX and count >= most else ""


def _search(request: HttpRequest) -> str:
    return request.POST.get("q", "").replace("\x00", "").strip()[:100]
