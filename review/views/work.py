"""What is done from the worklist: claim, return, pend, assign; and the dictator's answers."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from review import wire, worklist_around, worklists
from review.actions import questions
from review.actions import worklist as actions
from review.enums import Action, Priority
from review.models import Flag, Review
from review.permissions import Permission, check
from review.policies import Refused
from review.queries import review_or_404
from transcripts import events
from transcripts.access import logged_in_script
from transcripts.models import Membership
from transcripts.views.answers import problem

DONE = {
    "claim": "yours now",
    "return": "given back",
    "pend": "pended",
    "unpend": "taken up again",
    "assign": "assigned",
    "priority": "given another priority",
}


@login_required
@require_POST
def claim_next(request: HttpRequest) -> HttpResponse:
    """Takes what is next and opens it."""
    review = actions.claim_next(by=request.membership)
    if review is None:
        messages.info(request, "Nothing waits for somebody to take it.")
        return redirect("worklist")
    return redirect("recording", review.recording_id)


@login_required
@require_POST
def work(request: HttpRequest) -> HttpResponse:
    """One verb upon the rows that were chosen."""
    member = request.membership
    verb = request.POST.get("verb", "")
    needed = Permission.ASSIGN if verb in ("assign", "priority") else Permission.VIEW
    check(member, needed)
    reviews = _chosen(request, member)
    try:
        act, given = _verb(verb, request.POST, member)
    except Refused as sentence:
        messages.error(request, str(sentence))
        return _back(request)
    if not reviews:
        messages.info(request, "Choose documents first, by the boxes at the left.")
        return _back(request)
    done, refused = actions.for_each(act, reviews, by=member, **given)
    if done:
        words = "1 document is" if done == 1 else f"{done} documents are"
        messages.success(request, f"{words} {DONE[verb]}.")
    for sentence in refused[:3]:
        messages.warning(request, sentence)
    return _back(request)


@logged_in_script
@require_POST
def work_on(request: HttpRequest, recording_id: UUID) -> JsonResponse:
    """{"verb": "pend", "reason", "note"}, or claim, return, unpend: from the document's own screen.

    200 {"review"}, 403 with a sentence, 422 when it is not understood.
    """
    member = request.membership
    check(member, Permission.VIEW)
    review = review_or_404(member, recording_id)
    try:
        given = {name: str(value) for name, value in json.loads(request.body).items()}
    except (ValueError, AttributeError, RecursionError):
        return problem("malformed", "That could not be understood. Reload the page.", 422)
    try:
        act, more = _verb(given.get("verb", ""), given, member)
        act(review=review, by=member, **more)
    except Refused as sentence:
        return problem("refused", str(sentence), 403)
    now = review_or_404(member, recording_id)
    return JsonResponse({"review": wire.review(now, member) | {"work": wire.work(now, member)}})


def _verb(verb: str, given: Mapping[str, str], member: Membership) -> tuple[Any, dict[str, Any]]:
    if verb == "pend":
        reason, note = given.get("reason", ""), given.get("note", "").replace("\x00", "")
        return actions.pend, {"reason": reason, "note": note}
    if verb == "assign":
        people = worklist_around.working(member.practice_id).select_related("user")
        to = {str(one.pk): one for one in people}.get(given.get("to", ""))
        if to is None:
            raise Refused("Choose whom to assign them to.")
        return actions.assign, {"to": to}
    if verb == "priority":
        if given.get("priority") not in {str(value) for value in Priority.values}:
            raise Refused("Choose a priority.")
        return actions.prioritise, {"priority": int(given["priority"])}
    simple = {"claim": actions.claim, "return": actions.give_back, "unpend": actions.unpend}
    if verb not in simple:
        raise Refused("Choose what to do.")
    return simple[verb], {}


def _chosen(request: HttpRequest, member: Membership) -> list[Review]:
    """The chosen reviews that this person may see; others are as if they did not exist."""
    try:
        keys = [UUID(key) for key in request.POST.getlist("recording")[: actions.MAX_AT_ONCE]]
    except ValueError:
        return []
    return list(worklists.visible_reviews(member).filter(recording__in=keys).order_by("pk"))


def _back(request: HttpRequest) -> HttpResponse:
    """To the list as it was chosen."""
    query = QueryDict(request.POST.get("back", "")[:500])
    return redirect(reverse("worklist") + (f"?{query.urlencode()}" if query else ""))


@login_required
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, recording_id: UUID) -> HttpResponse:
    """The questions in a document with their sound, for whoever dictated it; fits a phone."""
    check(request.membership, Permission.VIEW)
    review = review_or_404(request.membership, recording_id)
    if request.method == "POST":
        check(request.membership, Permission.EDIT)
        return _answer(request, review)
    shown = [_question(flag) for flag in worklists.questions_in(review)]
    events.about(review.recording, Action.QUERIES_VIEWED, request.user, questions=len(shown))
    return render(request, "review/questions.html", {"review": review, "questions": shown})


def _answer(request: HttpRequest, review: Review) -> HttpResponse:
    words = request.POST.get("words", "") if "replace" in request.POST else ""
    words = words.replace("\x00", "")
    try:
        flag = UUID(request.POST.get("question", ""))
        if "replace" in request.POST and not words.strip():
            raise Refused("Write the words that belong there.")
        questions.answer(review=review, flag_id=flag, words=words, by=request.membership)
        messages.success(request, "Thank you. The answer is in the text.")
    except (ValueError, Flag.DoesNotExist):
        raise Http404 from None
    except Refused as sentence:
        messages.error(request, str(sentence))
    return redirect("questions", review.recording_id)


LEAD = 1.5  # seconds of sound before and after


def _question(flag: Flag) -> dict[str, Any]:
    """The words asked about with those around them, and the slice of sound they lie in."""
    text = flag.segment.text
    try:
        first, last = questions.place(flag.segment.items, flag.items)
    except Refused:
        first = last = 0
    timed = [one for one in flag.segment.items if one["id"] in flag.items and one["end"]]
    start = min((one["start"] for one in timed), default=float(flag.segment.start))
    end = max((one["end"] for one in timed), default=float(flag.segment.end))
    return {
        "id": flag.pk,
        "note": flag.note,
        "before": text[max(0, first - 160) : first],
        "words": text[first:last],
        "after": text[last : last + 160],
        "slice": f"{max(0.0, start - LEAD):.1f},{end + LEAD:.1f}",
    }
