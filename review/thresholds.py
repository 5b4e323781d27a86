"""Reads of the threshold workbench: figures, lines in force, previews, drift. No writes here."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from review.models import Calibration, DriftAlarm, Review, ThresholdChange, WordLabels
from review.threshold import line as lines
from review.threshold import prior
from review.threshold.columns import unpack
from review.threshold.kinds import Kind, kind_of
from review.threshold.labels import score_of
from review.threshold.points import Point
from review.threshold.tables import (
    ENOUGH_CHANGED,
    ENOUGH_DOCUMENTS,
    LAST,
    Calibrated,
    Tables,
    at,
    tables_for,
)
from transcripts.enums import Type
from transcripts.models import Membership, Transcript

WORDS_A_DAY = 6_000  # assumed until documents are signed
PACE = 6.0  # seconds to settle one mark, assumed until enough were settled
ENOUGH_PACED = 50
LATELY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Choice:
    """What figures are about, and how words are ranked; empty specialty or type: all of them."""

    engine: str
    model: str
    type: str = ""
    specialty: str = ""
    ranking: str = "raw"


@dataclass(frozen=True)
class Bench:
    """Figures for a choice. `own` says that they are the practice's, not the bundled recordings'.

    `missing` is how many documents and changed words are lacking for its own. `about` is the choice
    that the figures are really about, where those of the choice itself would be too few.
    """

    choice: Choice
    about: Choice
    own: bool
    report: dict[str, Any]
    missing: tuple[int, int]
    calibration: Calibration | None
    pace: float
    paced: int
    words_a_day: float
    days: int

    @property
    def points(self) -> list[Point]:
        return self.report.get("rankings", {}).get(self.choice.ranking, [])

    @cached_property
    def prior(self) -> Tables | None:
        known = prior.of(self.choice.model)
        return known.tables if known else None

    def minutes(self, point: Point) -> float:
        """Minutes a day that the marks of a point take."""
        return round(point["flagged"] * self.words_a_day * self.pace / 60, 1)


def workbench(practice_id: UUID, choice: Choice) -> Bench:
    """All figures for a choice; those of the bundled recordings until enough is signed."""
    made = _calibrations(practice_id, choice).first()
    reports = made.report if made else {}
    everything = reports.get("", {})
    missing = (
        max(0, ENOUGH_DOCUMENTS - everything.get("documents", 0)),
        max(0, ENOUGH_CHANGED - everything.get("changed", 0)),
    )
    about, report, own = choice, everything, not any(missing)
    if own:
        about, report = _broader(choice, reports)
    elif bundled := _bundled(choice.model):
        about, report = replace(choice, type="", specialty=""), bundled
    pace, paced = _pace(practice_id)
    words, days = _words_a_day(practice_id)
    return Bench(choice, about, own, report, missing, made, pace, paced, words, days)


def line_for(bench: Bench, threshold: float) -> dict[str, dict[str, float]]:
    """The cutoffs of a threshold by type, then by class; for the types that the choice is about."""
    fitted: Calibrated = bench.calibration.tables["now"] if bench.calibration else {}
    return _cutoffs(bench, fitted, threshold)


def _cutoffs(bench: Bench, fitted: Calibrated, threshold: float) -> dict[str, dict[str, float]]:
    types = [bench.choice.type] if bench.choice.type else list(Type.values)
    made = {}
    for kind in types:
        used = tables_for(kind, fitted, bench.prior)
        made[kind] = dict(lines.drawn(bench.choice.ranking, threshold, used).cutoffs)
    return made


def preview(practice_id: UUID, bench: Bench, threshold: float) -> list[dict[str, Any]]:
    """What a threshold does to those of the last 20 documents that the choice is about.

    The cutoffs come from a fit that has not seen them. Newest first: marks before and after, errors
    and how many of them either would have caught, minutes.
    """
    made = bench.calibration
    cutoffs = _cutoffs(bench, made.tables["unseen"] if made else {}, threshold)
    rows = WordLabels.objects.filter(
        practice=practice_id, engine=bench.choice.engine, model=bench.choice.model
    )
    if made:
        rows = rows.filter(signed_at__gte=made.tables["unseen_from"])
    rows = rows.filter(**_scope(bench.choice))
    rows = rows.select_related("review").order_by("-signed_at")[:LAST]
    return [_previewed(row, lines.Line(cutoffs[row.type]), bench) for row in rows]


def _previewed(row: WordLabels, line: lines.Line, bench: Bench) -> dict[str, Any]:
    columns = unpack(bytes(row.columns))
    pairs = zip(columns.kind, columns.raw, strict=True)
    after = [line.below(Kind(kind), raw) for kind, raw in pairs]
    before, changed = columns.flagged, columns.changed
    marks = {"before": sum(before), "after": sum(after)}
    caught = {
        "before": sum(a and b for a, b in zip(before, changed, strict=True)),
        "after": sum(a and b for a, b in zip(after, changed, strict=True)),
    }
    return {
        "recording": row.review.recording_id,
        "signed_at": row.signed_at,
        "type": row.get_type_display(),
        "specialty": row.get_specialty_display(),
        "words": row.words,
        "changed": row.changed,
        "critical": sum(columns.critical),
        "marks": marks,
        "caught": caught,
        "by_chance": {
            k: round(row.changed * n / row.words, 1) if row.words else 0 for k, n in marks.items()
        },
        "minutes": {key: round(many * bench.pace / 60, 1) for key, many in marks.items()},
    }


def in_force(practice_id: UUID, transcript: Transcript) -> ThresholdChange | None:
    """The line for a transcript: the newest of its specialty and type, else of the type, else of
    the specialty, else of all. None: the practice's one threshold. One query."""
    recording = transcript.recording
    rows = ThresholdChange.objects.filter(
        Q(specialty=recording.specialty) | Q(specialty=""),
        Q(type=recording.type) | Q(type=""),
        practice=practice_id,
        engine=transcript.engine,
        model=transcript.model,
    )
    newest = rows.order_by("specialty", "type", "-id").distinct("specialty", "type")
    return max(newest, key=lambda row: (bool(row.type), bool(row.specialty)), default=None)


def scope(practice_id: UUID, choice: Choice) -> QuerySet[ThresholdChange]:
    """The lines that were drawn for exactly this specialty and type, newest first."""
    return ThresholdChange.objects.filter(
        practice=practice_id,
        engine=choice.engine,
        model=choice.model,
        specialty=choice.specialty,
        type=choice.type,
    ).order_by("-id")


def history(practice_id: UUID) -> QuerySet[ThresholdChange]:
    rows = ThresholdChange.objects.filter(practice=practice_id)
    return rows.select_related("by", "calibration").order_by("-id")


def reader(review: Review) -> Callable[[dict[str, Any]], float | None]:
    """How likely a word of the machine is right, by the newest calibration of its class.

    The function takes an item and answers 0..1, None for one without a score. One query.
    """
    transcript = review.transcript
    choice = Choice(transcript.engine, transcript.model)
    made = _calibrations(review.practice_id, choice).first()
    known = prior.of(transcript.model)
    tables = tables_for(
        review.recording.type, made.tables["now"] if made else {}, known and known.tables
    )

    def right(item: dict[str, Any]) -> float | None:
        score = score_of(item)
        if score is None:
            return None
        return at(tables[kind_of(item["content"]).name], score)

    return right


def choices(practice_id: UUID) -> list[tuple[str, str]]:
    """Engines and models of the practice, that of the newest transcript first."""
    newest = Transcript.objects.filter(recording__practice=practice_id).order_by("-created_at")
    found = list(newest.values_list("engine", "model")[:1])
    rows = WordLabels.objects.filter(practice=practice_id).order_by("engine", "model")
    found += [pair for pair in rows.values_list("engine", "model").distinct() if pair not in found]
    return found


def drift(practice_id: UUID, *, only_open: bool = True) -> list[dict[str, Any]]:
    """Drift alarms as sentences can be made of them, newest first; at most 50. Two queries."""
    rows = DriftAlarm.objects.filter(practice=practice_id).select_related("acknowledged_by")
    if only_open:
        rows = rows.filter(acknowledged_at=None)
    alarms = list(rows.order_by("-id")[:50])
    keys = [alarm.key for alarm in alarms if alarm.watched == "clinician"]
    members = Membership.objects.filter(practice=practice_id, pk__in=keys).select_related("user")
    names = {str(m.pk): m.printed_name or m.user.name for m in members}
    return [{"alarm": alarm, "name": names.get(alarm.key, alarm.key)} for alarm in alarms]


def _calibrations(practice_id: UUID, choice: Choice) -> QuerySet[Calibration]:
    rows = Calibration.objects.filter(practice=practice_id, engine=choice.engine)
    return rows.filter(model=choice.model).order_by("-number")


def _bundled(model: str) -> dict[str, Any]:
    known = prior.of(model)
    return known.report if known else {}


def _broader(choice: Choice, reports: dict[str, Any]) -> tuple[Choice, dict[str, Any]]:
    """The narrowest report around the choice that has enough documents and changed words."""
    for kind, specialty in ((choice.type, choice.specialty), (choice.type, "")):
        found = reports.get(f"{kind}/{specialty}" if specialty else kind)
        if found and found["documents"] >= ENOUGH_DOCUMENTS and found["changed"] >= ENOUGH_CHANGED:
            return replace(choice, type=kind, specialty=specialty), found
    return replace(choice, type="", specialty=""), reports[""]


def _scope(choice: Choice) -> dict[str, str]:
    chosen = {"type": choice.type, "specialty": choice.specialty}
    return {key: value for key, value in chosen.items() if value}


def _pace(practice_id: UUID) -> tuple[float, int]:
    """Seconds from mark to mark, and on how many it rests (0: assumed)."""
    rows = WordLabels.objects.filter(practice=practice_id, paced__gt=0)
    total = rows.aggregate(time=Sum(F("pace") * F("paced")), many=Sum("paced"))
    if (total["many"] or 0) < ENOUGH_PACED:
        return PACE, 0
    return round(total["time"] / total["many"], 1), total["many"]


def _words_a_day(practice_id: UUID) -> tuple[float, int]:
    """Words signed on a day on which anything was signed, and how many days (0: assumed)."""
    rows = WordLabels.objects.filter(practice=practice_id)
    rows = rows.filter(signed_at__gte=timezone.now() - LATELY)
    total = rows.annotate(day=TruncDate("signed_at")).aggregate(
        words=Sum("words"), days=Count("day", distinct=True)
    )
    if not total["days"]:
        return WORDS_A_DAY, 0
    return total["words"] / total["days"], total["days"]
