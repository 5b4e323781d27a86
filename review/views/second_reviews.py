"""One second review: the blind text, the comparison, the score and its disputes."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from review import second_reviews as reads
from review.actions import disputes, quality_draw
from review.actions import second_reviews as actions
from review.enums import Action, Outcome, SecondState, Verdict
from review.models import Dispute, Finding, SecondReview
from review.permissions import Permission, check, refusal
from review.policies import Refused
from review.quality import rubric
from review.timing import text_of
from review.views.quality import published
from transcripts import events
from transcripts.access import logged_in_script
from transcripts.models import Membership
from transcripts.views.answers import problem

AROUND = 6  # words shown before and behind a difference


@login_required
@require_GET
def second(request: HttpRequest, second_id: UUID) -> HttpResponse:
    """The page of its state: for its reviewer to work on, for others to follow."""
    row = _row(request, second_id)
    events.about(row.review.recording, Action.SECOND_VIEWED, request.user, second=str(row.pk))
    return _page(request, row)


@logged_in_script
@require_POST
def line(request: HttpRequest, second_id: UUID) -> JsonResponse:
    """Keeps one line of the blind text: {"text"}, as it is stored; 422 with a sentence."""
    row = _row(request, second_id)
    try:
        index = int(request.POST.get("index", ""))
        text = request.POST.get("text", "")
        kept = actions.type_line(second=row, index=index, text=text, by=request.membership)
    except ValueError:
        return problem("malformed", "There is no such line.", 422)
    except Refused as reason:
        return problem("refused", str(reason), 422)
    return JsonResponse({"text": kept})


@login_required
@require_POST
def submit(request: HttpRequest, second_id: UUID) -> HttpResponse:
    """Keeps what the page's lines hold, then ends the blind part."""
    row = _row(request, second_id)

    def act() -> None:
        for one in _lines(row):
            text = request.POST.get(f"line-{one['index']}", one["text"])
            if text != one["text"]:
                index = one["index"]
                actions.type_line(second=row, index=index, text=text, by=request.membership)
        actions.submit(second=row, by=request.membership)

    return _done(request, row, act)


@login_required
@require_POST
def judge(request: HttpRequest, finding_id: UUID) -> HttpResponse:
    finding = _finding(request, finding_id)
    given = {name: request.POST.get(name, "") for name in ("verdict", "kind", "severity", "note")}
    act = partial(actions.judge, finding=finding, by=request.membership, **given)
    return _done(request, finding.second, act, f"#finding-{finding.pk}")


@login_required
@require_POST
def undo(request: HttpRequest, finding_id: UUID) -> HttpResponse:
    """Opens a decision again, or takes back what was marked by hand."""
    finding = _finding(request, finding_id)
    at = "" if finding.by_hand else f"#finding-{finding.pk}"
    act = partial(actions.unmark, finding=finding, by=request.membership)
    return _done(request, finding.second, act, at)


@login_required
@require_POST
def mark(request: HttpRequest, second_id: UUID) -> HttpResponse:
    """Marks words of the signed text: by their place, or as they are written."""
    row = _row(request, second_id)

    def act() -> None:
        first, last = _wanted(row, request.POST)
        given = {name: request.POST.get(name, "") for name in ("said", "kind", "severity", "note")}
        actions.mark(second=row, first=first, last=last, by=request.membership, **given)

    return _done(request, row, act, "#marked")


@login_required
@require_POST
def close(request: HttpRequest, second_id: UUID) -> HttpResponse:
    row = _row(request, second_id)
    return _done(request, row, partial(actions.close, second=row, by=request.membership))


@login_required
@require_POST
def withdraw(request: HttpRequest, second_id: UUID) -> HttpResponse:
    check(request.membership, Permission.QUALITY)
    row = _row(request, second_id)
    reason = request.POST.get("reason", "")
    act = partial(actions.withdraw, second=row, reason=reason, by=request.membership)
    return _done(request, row, act)


@login_required
@require_POST
def give(request: HttpRequest, second_id: UUID) -> HttpResponse:
    """Gives it to another person, by the id of their membership."""
    check(request.membership, Permission.QUALITY)
    row = _row(request, second_id)

    def act() -> None:
        people = Membership.objects.filter(practice=request.practice, disabled_at=None)
        to = people.filter(pk=request.POST.get("to") or None).first()
        if to is None:
            raise Refused("Choose somebody.")
        quality_draw.give(second=row, to=to, by=request.membership)

    return _done(request, row, act)


@login_required
@require_POST
def dispute(request: HttpRequest, finding_id: UUID) -> HttpResponse:
    """Opens the dispute, writes in its thread, or resolves it when an outcome is given."""
    finding = _finding(request, finding_id)
    text, outcome = request.POST.get("text", ""), request.POST.get("outcome", "")
    known = Dispute.objects.filter(pk=finding.pk).first()

    def act() -> None:
        if known is None:
            disputes.open_dispute(finding=finding, text=text, by=request.membership)
        elif outcome:
            severity = request.POST.get("severity", "") if outcome == Outcome.CHANGED else ""
            given = {"outcome": outcome, "severity": severity, "text": text}
            disputes.resolve(dispute=known, by=request.membership, **given)
        else:
            disputes.answer(dispute=known, text=text, by=request.membership)

    return _done(request, finding.second, act, f"#finding-{finding.pk}")


def _row(request: HttpRequest, second_id: UUID) -> SecondReview:
    check(request.membership, Permission.SECOND_REVIEW)
    return reads.second_or_404(request.membership, second_id)


def _finding(request: HttpRequest, finding_id: UUID) -> Finding:
    check(request.membership, Permission.SECOND_REVIEW)
    seen = Finding.objects.filter(second__in=reads.listed(request.membership))
    found = seen.select_related("second__review__recording").filter(pk=finding_id).first()
    if found is None:
        raise Http404
    return found


def _done(
    request: HttpRequest, row: SecondReview, act: Callable[[], object], at: str = ""
) -> HttpResponse:
    """Acts and shows the page anew; a refusal is shown above it, with nothing changed."""
    try:
        act()
    except (Refused, ValueError) as reason:
        sentence = str(reason) if isinstance(reason, Refused) else "Choose the words again."
        return _page(request, reads.second_or_404(request.membership, row.pk), sentence, 422)
    return redirect(reverse("second-review", args=[row.pk]) + at)


def _wanted(row: SecondReview, given: Any) -> tuple[int, int]:
    """Which words are meant: by number, or as written where they stand but once."""
    if given.get("first") and given.get("last"):
        return int(given["first"]), int(given["last"])
    wanted = [word.casefold() for word in given.get("words", "").split()]
    signed = [str(word[1]).casefold() for word in reads.Texts(row).signed]
    size = len(wanted)
    places = [n for n in range(len(signed) - size + 1) if size and signed[n : n + size] == wanted]
    if not places:
        raise Refused("These words do not stand in the signed text like this.")
    if len(places) > 1:
        raise Refused(
            f"They stand there {len(places)} times. Select them in the text, or give more words."
        )
    return places[0], places[0] + size


def _page(
    request: HttpRequest, row: SecondReview, trouble: str = "", status: int = 200
) -> HttpResponse:
    mine = row.reviewer_id == request.user.pk
    manages = refusal(request.membership, Permission.QUALITY) is None
    context: dict[str, Any] = {
        "second": row,
        "mine": mine,
        "manages": manages,
        "trouble": trouble,
        "recording": row.review.recording,
        "rubric": published(),
        "verdicts": [one for one in Verdict.choices if one[0] != Verdict.OPEN],
    }
    if manages and row.state in (SecondState.WAITING, SecondState.BLIND):
        context["people"] = quality_draw.eligible(row.review)
    if row.state == SecondState.BLIND and mine:
        context["lines"] = _lines(row)
    elif row.state in (SecondState.COMPARE, SecondState.CLOSED):
        context |= _compared(row, request.membership)
    return render(request, "review/second_review.html", context, status=status)


def _lines(row: SecondReview) -> list[dict[str, Any]]:
    texts = reads.Texts(row)
    return [
        {
            "index": line.index,
            "start": float(line.start),
            "end": float(line.end),
            "speaker": line.speaker,
            "text": text,
            "machine": text_of(line.items),
        }
        for line, text in zip(texts.lines, texts.typed, strict=True)
    ]


def _compared(row: SecondReview, member: Membership) -> dict[str, Any]:
    signed = [str(word[1]) for word in reads.Texts(row).signed]
    findings = list(
        row.findings.select_related("dispute__opened_by", "dispute__resolved_by").prefetch_related(
            "dispute__remarks__by"
        )
    )
    for one in findings:
        one.second = row
    shown = [_shown(one, signed, member) for one in findings]
    return {
        "places": [one for one in shown if not one["row"].by_hand],
        "marked": [one for one in shown if one["row"].by_hand],
        "errors": [one for one in shown if one["row"].verdict == Verdict.SIGNED_WRONG],
        "left": sum(one.verdict == Verdict.OPEN for one in findings),
        "words": _marked_words(signed, findings),
        "severities": rubric.WEIGHTS,
        "outcomes": Outcome.choices,
    }


def _shown(one: Finding, signed: list[str], member: Membership) -> dict[str, Any]:
    before = signed[max(0, one.first - AROUND) : one.first]
    after = signed[one.last : one.last + AROUND]
    known = getattr(one, "dispute", None)
    severity = reads.severity_of(one)
    return {
        "row": one,
        "before": reads.words_of(before).lstrip(" .,;:?!"),
        "after": reads.words_of(after),
        "kind": rubric.CLASSES[one.kind].label if one.kind else "",
        "severity": severity,
        "severity_label": rubric.WEIGHTS[severity].label if severity else "Struck",
        "points": rubric.WEIGHTS[severity].points / 100 if severity else 0,
        "dispute": known,
        "may_dispute": known is None and disputes.dispute_refusal(one, member) is None,
        "may_remark": known and disputes.remark_refusal(known, member) is None,
        "may_resolve": known and disputes.resolve_refusal(known, member) is None,
    }


def _marked_words(signed: list[str], findings: list[Finding]) -> list[tuple[int, str, str]]:
    """Number, word, and how it is marked, for the signed text as it is shown."""
    marks = ["" for _ in signed]
    for one in findings:
        look = "error" if one.verdict == Verdict.SIGNED_WRONG else "differs"
        for n in range(one.first, min(one.last, len(signed))):
            marks[n] = look
    return [(n, word, mark) for n, (word, mark) in enumerate(zip(signed, marks, strict=True))]
