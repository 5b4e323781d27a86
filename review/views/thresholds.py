"""The threshold workbench: figures, a point to choose, what it would do, and drift alarms."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from review import permissions, thresholds
from review.actions import calibrating
from review.actions import thresholds as actions
from review.enums import RefitState
from review.models import DriftAlarm, Refit, ThresholdChange
from review.permissions import Permission
from review.policies import Refused
from review.threshold.kinds import LABELS, Kind
from review.threshold.points import RANKINGS, Point, nearest, reaching
from review.threshold.points import at as between
from review.thresholds import Bench, Choice
from review.views import thresholds_plots as drawn
from transcripts.access import logged_in_script
from transcripts.enums import EngineName, Specialty, Type

HISTORY = 50


@login_required
@require_GET
def workbench(request: HttpRequest) -> HttpResponse:
    """The whole page for the chosen recordings and point; every choice is in the address."""
    permissions.check(request.membership, Permission.THRESHOLDS)
    return _page(request, request.GET)


@login_required
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Draws the line; 422 with the page when it can't be."""
    permissions.check(request.membership, Permission.THRESHOLDS)
    choice = _choice(request, request.POST)
    if choice is None:
        raise Http404
    try:
        actions.choose(
            choice=choice,
            threshold=_number(request.POST.get("t")) or 0.0,
            reason=request.POST.get("reason", ""),
            by=request.membership,
        )
    except Refused as reason:
        return _page(request, request.POST, str(reason), status=422)
    messages.success(request, "Saved. New transcripts are marked by this line from now on.")
    return redirect(f"{reverse('thresholds')}?{_query(choice)}")


@login_required
@require_POST
def refit(request: HttpRequest) -> HttpResponse:
    """Asks for labels and fits now."""
    permissions.check(request.membership, Permission.THRESHOLDS)
    try:
        calibrating.ask(by=request.membership)
    except Refused as reason:
        return _page(request, request.POST, str(reason), status=409)
    return redirect("thresholds")


@logged_in_script
@require_GET
def refit_state(request: HttpRequest) -> JsonResponse:
    """How far the last request is: state, done and total."""
    permissions.check(request.membership, Permission.THRESHOLDS)
    return JsonResponse({"refit": _refit(request)})


@login_required
@require_POST
def acknowledge(request: HttpRequest, alarm_id: UUID) -> HttpResponse:
    """Somebody looked into a drift alarm; 422 with the page without a note."""
    permissions.check(request.membership, Permission.THRESHOLDS)
    alarm = DriftAlarm.objects.filter(practice=request.practice, pk=alarm_id).first()
    if alarm is None:
        raise Http404
    try:
        actions.acknowledge(
            alarm=alarm,
            note=request.POST.get("note", ""),
            anew=bool(request.POST.get("anew")),
            by=request.membership,
        )
    except Refused as reason:
        return _page(request, request.GET, str(reason), status=422)
    messages.success(request, "Acknowledged.")
    return redirect("thresholds")


def _page(
    request: HttpRequest, asked: QueryDict, problem: str = "", status: int = 200
) -> HttpResponse:
    choice = _choice(request, asked)
    context: dict[str, Any] = {
        "problem": problem,
        "reason": asked.get("reason", ""),
        "alarms": thresholds.drift(request.practice.pk, only_open=False),
        "refit": _refit(request),
        "default": request.practice.confidence_threshold,
        "history": [_change(row) for row in thresholds.history(request.practice.pk)[:HISTORY]],
        "enough": thresholds.ENOUGH_DOCUMENTS,
    }
    if choice:
        context |= _figures(request, choice, asked)
    return render(request, "review/thresholds.html", context, status=status)


def _figures(request: HttpRequest, choice: Choice, asked: QueryDict) -> dict[str, Any]:
    practice = request.practice.pk
    bench = thresholds.workbench(practice, choice)
    target = _number(asked.get("target"))
    point, unreached = _point(request, bench, _number(asked.get("t")), target)
    shown = thresholds.preview(practice, bench, point["t"]) if point else []
    return {
        "bench": bench,
        "choice": choice,
        "about": _about(bench.about),
        "models": [
            {"value": f"{engine}/{model}", "label": _engine(engine, model)}
            for engine, model in thresholds.choices(practice)
        ],
        "types": Type.choices,
        "specialties": Specialty.choices,
        "rankings": RANKINGS.items(),
        "target": "" if target is None else f"{target:g}",
        "unreached": unreached,
        "point": point and _told(bench, point),
        "steps": [_step(bench, each) for each in bench.points],
        "rows": [_told(bench, each) for each in drawn.rows_of(bench.points)],
        "plots": drawn.plots(bench, point),
        "kinds": _kinds(bench),
        "preview": shown,
        "sums": _sums(shown),
        "query": _query(choice),
        "in_force": thresholds.scope(practice, choice).first(),
    }


def _choice(request: HttpRequest, asked: QueryDict) -> Choice | None:
    """What was asked for, or the newest transcript's engine; None before the first transcript."""
    known = thresholds.choices(request.practice.pk)
    if not known:
        return None
    engine, _, model = asked.get("engine", "").partition("/")
    pair = (engine, model) if (engine, model) in known else known[0]
    kind, specialty, ranking = (asked.get(name, "") for name in ("type", "specialty", "ranking"))
    return Choice(
        *pair,
        type=kind if kind in Type else "",
        specialty=specialty if specialty in Specialty else "",
        ranking=ranking if ranking in RANKINGS else "raw",
    )


def _point(
    request: HttpRequest, bench: Bench, threshold: float | None, target: float | None
) -> tuple[Point | None, bool]:
    """The chosen point: by target, by threshold, that in force, or about the practice's default.

    The second is true when no point reaches the target.
    """
    if not bench.points:
        return None, False
    if target is not None:
        found = reaching(bench.points, target / 100)
        return found or bench.points[-1], found is None
    if threshold is not None:
        return nearest(bench.points, threshold), False
    last = thresholds.scope(request.practice.pk, bench.choice).first()
    if last and last.ranking == bench.choice.ranking:
        return nearest(bench.points, float(last.threshold)), False
    raw = bench.report["rankings"]["raw"]
    usual = nearest(raw, float(request.practice.confidence_threshold))
    return min(bench.points, key=lambda p: abs(p["flagged"] - usual["flagged"])), False


def _told(bench: Bench, point: Point) -> dict[str, Any]:
    """A point in words: always the share flagged, the share caught, and the random control."""
    lines = bench.report["rankings"]
    return {
        "t": point["t"],
        "threshold": f"{point['t'] * 100:.2f} %",
        "flagged": drawn.share(point["flagged"]),
        "per_1000": round(point["flagged"] * 1000),
        "caught": drawn.of(point, "caught", "lo", "hi"),
        "caught_share": drawn.share(point["caught"]),
        "control": drawn.of(point, "control", "control_lo", "control_hi"),
        "control_share": drawn.share(point["control"]),
        "critical": drawn.of(point, "critical", "critical_lo", "critical_hi"),
        "minutes": f"{bench.minutes(point):g}",
        "rankings": [
            (label, drawn.share(between(lines[name], point["flagged"])["caught"]))
            for name, label in RANKINGS.items()
        ],
    }


def _step(bench: Bench, point: Point) -> dict[str, Any]:
    told = _told(bench, point)
    text = (
        f"{told['flagged']} of words flagged, {told['caught_share']} of errors caught, "
        f"{told['control_share']} at random"
    )
    return {"t": point["t"], "flagged": point["flagged"], "text": text, "minutes": told["minutes"]}


def _kinds(bench: Bench) -> list[dict[str, Any]]:
    counted = bench.report.get("kinds", {})
    return [{"label": LABELS[kind], **counted[kind.name]} for kind in Kind if kind.name in counted]


def _sums(shown: list[dict[str, Any]]) -> dict[str, Any]:
    """All previewed documents together."""
    both = ("before", "after")
    total: dict[str, Any] = {
        key: {side: round(sum(each[key][side] for each in shown), 1) for side in both}
        for key in ("marks", "caught", "by_chance", "minutes")
    }
    return total | {key: sum(each[key] for each in shown) for key in ("words", "changed")}


def _change(row: ThresholdChange) -> dict[str, Any]:
    expected = row.expected
    return {
        "row": row,
        "about": _about(Choice(row.engine, row.model, row.type, row.specialty)),
        "engine": _engine(row.engine, row.model),
        "ranking": RANKINGS.get(row.ranking, row.ranking),
        "was": f"{row.was * 100:.2f} %" if row.was is not None else "the default",
        "to": f"{row.threshold * 100:.2f} %",
        "flagged": drawn.share(expected["flagged"]),
        "caught": drawn.share(expected["caught"]),
        "control": drawn.share(expected["control"]),
    }


def _about(choice: Choice) -> str:
    kind = Type(choice.type).label + "s" if choice.type else "Dictations and conversations"
    specialty = Specialty(choice.specialty).label if choice.specialty else "all specialties"
    return f"{kind}, {specialty}"


def _engine(engine: str, model: str) -> str:
    name = EngineName(engine).label if engine in EngineName else engine
    return f"{name}: {model.partition('@')[0]}" if model else name


def _refit(request: HttpRequest) -> dict[str, Any] | None:
    row = Refit.objects.filter(practice=request.practice).order_by("-at").first()
    if row is None:
        return None
    made = {"state": row.state, "label": row.get_state_display(), "done": row.done}
    running = row.state in (RefitState.QUEUED, RefitState.RUNNING)
    return made | {"total": row.total, "running": running}


def _query(choice: Choice) -> str:
    return urlencode(
        {
            "engine": f"{choice.engine}/{choice.model}",
            "type": choice.type,
            "specialty": choice.specialty,
            "ranking": choice.ranking,
        }
    )


def _number(text: str | None) -> float | None:
    try:
        value = float((text or "").replace(",", "."))
    except ValueError:
        return None
    return value if 0 <= value <= 100 else None
