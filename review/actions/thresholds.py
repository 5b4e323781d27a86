"""Drawing the line below which words are marked, with the reason on record; and drift alarms."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from review import thresholds
from review.enums import Action
from review.models import DriftAlarm, ThresholdChange
from review.policies import Refused
from review.threshold import line as lines
from review.thresholds import Choice
from transcripts import events
from transcripts.engines import confidence
from transcripts.models import Membership, Practice

MAX_REASON = 200


@transaction.atomic
def choose(*, choice: Choice, threshold: float, reason: str, by: Membership) -> ThresholdChange:
    """Marks words below `threshold` of the choice's ranking in transcripts from now on.

    Reviews that are open keep their marks. Raises Refused.
    """
    reason = _sentence(reason, "Write why")
    Practice.objects.select_for_update(no_key=True).get(pk=by.practice_id)
    bench = thresholds.workbench(by.practice_id, choice)
    points = bench.points
    if not points:
        raise Refused("There is nothing to choose from yet.")
    point = next((p for p in points if abs(p["t"] - threshold) < 1e-6), None)
    if point is None:
        raise Refused("The figures have changed since. Choose again.")
    last = thresholds.scope(by.practice_id, choice).first()
    line = thresholds.line_for(bench, point["t"])
    change = ThresholdChange.objects.create(
        practice_id=by.practice_id,
        engine=choice.engine,
        model=choice.model,
        specialty=choice.specialty,
        type=choice.type,
        ranking=choice.ranking,
        was=last and last.threshold,
        threshold=min(1, point["t"]),
        cutoffs=line,
        floor=min(
            lines.floor_of(lines.Line(each), [list(p) for p in confidence.table_of(choice.model)])
            for each in line.values()
        ),
        calibration=bench.calibration,
        expected=point | {"documents": bench.report["documents"], "minutes": bench.minutes(point)},
        reason=reason,
        by=by.user,
    )
    _tell(
        by,
        Action.THRESHOLD_CHANGED,
        change=str(change.pk),
        to=str(point["t"]),
        specialty=choice.specialty,
        type=choice.type,
    )
    return change


@transaction.atomic
def acknowledge(*, alarm: DriftAlarm, note: str, anew: bool, by: Membership) -> None:
    """Somebody has looked into it; with `anew` what is usual is learnt from documents after it.

    Raises Refused.
    """
    note = _sentence(note, "Write what was found")
    row = DriftAlarm.objects.select_for_update().get(pk=alarm.pk, practice=by.practice_id)
    if row.acknowledged_at:
        raise Refused("Somebody has acknowledged this already.")
    row.acknowledged_at, row.acknowledged_by = timezone.now(), by.user
    row.note, row.anew = note, anew
    row.save(update_fields=["acknowledged_at", "acknowledged_by", "note", "anew"])
    _tell(by, Action.DRIFT_ACKNOWLEDGED, alarm=str(row.pk), anew=anew)


def _sentence(text: str, what: str) -> str:
    text = " ".join(text.split())
    if not text or len(text) > MAX_REASON:
        raise Refused(f"{what}, in at most {MAX_REASON} characters.")
    return text


def _tell(by: Membership, action: str, **detail: Any) -> None:
    events.emit(
        events.Event(
            action=action,
            practice_id=by.practice_id,
            by=by.user,
            object_type="practice",
            object_id=by.practice_id,
            detail=detail,
        )
    )
