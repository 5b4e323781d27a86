"""Fits on labelled documents, nightly and on demand, and the watch over what drifts."""

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from review.actions import labelling
from review.enums import Action, DriftBy, RefitState
from review.models import Calibration, DriftAlarm, Refit, WordLabels
from review.policies import Refused
from review.threshold import drift, prior
from review.threshold.columns import unpack
from review.threshold.tables import Tables
from transcripts import duties, events
from transcripts.models import Membership, Practice

if TYPE_CHECKING:
    from review.threshold.judging import Document

log = logging.getLogger(__name__)

MOST_DOCUMENTS, MOST_WORDS = 2_000, 3_000_000  # the newest, of one engine and model
MOST_WATCHED = 5_000
Progress = Callable[[int, int], None]


def nightly() -> dict[str, int]:
    """The duty: everything that is due, for every practice."""
    labelled = labelling.label()
    fitted = alarms = 0
    practices = WordLabels.objects.order_by("practice").values_list("practice", flat=True)
    for practice_id in practices.distinct():
        if duties.over():
            break
        fitted += fit_all(practice_id)
        alarms += watch(practice_id)
    return {"documents": labelled, "fits": fitted, "alarms": alarms}


def ask(*, by: Membership) -> Refit:
    """Somebody wants labels and fits to be made now. Raises Refused while that is under way."""
    with transaction.atomic():
        Practice.objects.select_for_update(no_key=True).get(pk=by.practice_id)
        if Refit.objects.filter(practice=by.practice_id, ended_at=None).exists():
            raise Refused("This is being done already.")
        refit = Refit.objects.create(practice_id=by.practice_id, by=by.user)
        _tell(by.practice_id, Action.REFIT_ASKED, by=by)
    return refit


def run_asked() -> dict[str, int]:
    """The duty: what was asked for. One that was cut short is begun again."""
    done = 0
    for refit in Refit.objects.filter(ended_at=None).order_by("at"):
        if duties.over():
            break
        done += run(refit)
    return {"refits": done}


def run(refit: Refit) -> bool:
    """Labels, fits and watches for the practice of one request; false when it failed."""
    rows = Refit.objects.filter(pk=refit.pk)
    rows.update(state=RefitState.RUNNING)
    try:
        labelling.label(
            refit.practice_id, lambda done, total: rows.update(done=done, total=total) and None
        )
        fit_all(refit.practice_id)
        watch(refit.practice_id)
    except Exception as error:  # only the kind: a message may hold what was worked on
        log.error("refit %s: %s", refit.pk, type(error).__name__)
        rows.update(state=RefitState.FAILED, ended_at=timezone.now())
        return False
    rows.update(state=RefitState.DONE, ended_at=timezone.now())
    return True


def fit_all(practice_id: UUID) -> int:
    """A new calibration for each engine and model with new labels; how many."""
    rows = WordLabels.objects.filter(practice=practice_id)
    pairs = rows.order_by("engine", "model").values_list("engine", "model").distinct()
    return sum(fit(practice_id, engine, model) is not None for engine, model in pairs)


def fit(practice_id: UUID, engine: str, model: str) -> Calibration | None:
    """A calibration of one engine and model; None where nothing was signed since the last."""
    which = {"practice_id": practice_id, "engine": engine, "model": model}
    rows = WordLabels.objects.filter(**which)
    upto = rows.aggregate(upto=Max("signed_at"))["upto"]
    last = Calibration.objects.filter(**which).order_by("-number").first()
    if upto is None or (last and last.upto >= upto and last.documents >= rows.count()):
        return None
    from review.threshold import judging  # numpy: for workers, not for web processes

    documents = _documents(rows.order_by("-signed_at"))
    known = prior.of(model)
    tables = known.tables if known else None
    changed = sum(int(each.columns.changed.sum()) for each in documents)
    with transaction.atomic():
        made = Calibration.objects.create(
            **which,
            number=last.number + 1 if last else 1,
            documents=len(documents),
            words=sum(len(each.columns) for each in documents),
            changed=changed,
            upto=upto,
            tables=_tables(rows, documents, tables),
            report=judging.reports(judging.scored(documents, tables)),
        )
        _tell(
            practice_id,
            Action.CALIBRATION_FITTED,
            calibration=str(made.pk),
            number=made.number,
            documents=made.documents,
        )
    return made


def _tables(rows: Any, documents: list["Document"], known: Tables | None) -> dict[str, Any]:
    """The fit for use, and one that does not know the last documents, for previews on these."""
    from review.threshold import judging

    first = judging.blocks(len(documents))[-2]
    oldest = rows.order_by("-signed_at").values_list("signed_at", flat=True)
    return {
        "now": judging.fit(documents, known),
        "unseen": judging.fit(documents[:first], known),
        "unseen_from": oldest[len(documents) - first - 1].isoformat(),
    }


def watch(practice_id: UUID) -> int:
    """Opens alarms for engines, clinicians and sources whose changed words drift; how many."""
    rows = WordLabels.objects.filter(practice=practice_id)
    newest = rows.order_by("-signed_at").values_list("engine", "model").first()
    if newest is None:
        return 0
    # Other engines and models are usual in their own way.
    rows = rows.filter(engine=newest[0], model=newest[1]).order_by("-signed_at")
    fields = ("signed_at", "words", "changed", "clinician", "source")
    recent = list(reversed(rows.values_list(*fields)[:MOST_WATCHED]))
    streams: dict[tuple[str, str], list[tuple[Any, drift.Count]]] = {}
    for at, words, changed, clinician, source in recent:
        count = (at, drift.Count(words, changed))
        streams.setdefault((DriftBy.ENGINE, "/".join(newest)), []).append(count)
        streams.setdefault((DriftBy.SOURCE, source), []).append(count)
        if clinician:
            streams.setdefault((DriftBy.CLINICIAN, str(clinician)), []).append(count)
    past: dict[tuple[str, str], list[DriftAlarm]] = {}
    for alarm in DriftAlarm.objects.filter(practice=practice_id).order_by("pk"):
        past.setdefault((alarm.watched, alarm.key), []).append(alarm)
    return sum(
        _watched(practice_id, watched, key, counts, past.get((watched, key), []))
        for (watched, key), counts in streams.items()
    )


def _watched(
    practice_id: UUID,
    watched: str,
    key: str,
    counts: list[tuple[Any, drift.Count]],
    past: list[DriftAlarm],
) -> int:
    """Both ways of one row of documents, from where its last alarm left off."""
    anew = max((alarm.upto for alarm in past if alarm.anew), default=None)
    if anew:
        counts = [each for each in counts if each[0] > anew]
    only = [count for _, count in counts]
    known = drift.usual(only)
    opened = 0
    for way in drift.RATIOS if known else ():
        mine = [alarm for alarm in past if alarm.way == way]
        if any(alarm.acknowledged_at is None for alarm in mine):
            continue
        heard = max((alarm.upto for alarm in mine), default=None)
        start = sum(heard is not None and at <= heard for at, _ in counts)
        found = drift.first_alarm(only, known, way, max(start, known.documents))
        if found:
            _open(practice_id, watched, key, counts, found)
            opened += 1
    return opened


def _open(
    practice_id: UUID,
    watched: str,
    key: str,
    counts: list[tuple[Any, drift.Count]],
    found: drift.Alarm,
) -> None:
    with transaction.atomic():
        alarm = DriftAlarm.objects.create(
            practice_id=practice_id,
            watched=watched,
            key=key,
            way=found.way,
            before=round(found.before, 1),
            after=round(found.after, 1),
            documents=found.at - found.since + 1,
            since=counts[found.since][0],
            upto=counts[found.at][0],
        )
        _tell(practice_id, Action.DRIFT_ALARMED, alarm=str(alarm.pk), watched=watched)


def _documents(rows: Iterable[WordLabels]) -> list["Document"]:
    """The newest documents within the bounds, in the order in which they were signed."""
    return list(_newest(rows))[::-1]


def _newest(rows: Any) -> Iterator["Document"]:
    from review.threshold import judging

    words = 0
    for row in rows[:MOST_DOCUMENTS].iterator(chunk_size=100):
        words += row.words
        if words > MOST_WORDS:
            return
        yield judging.document(row.type, row.specialty, unpack(bytes(row.columns)))


def _tell(practice_id: UUID, action: str, by: Membership | None = None, **detail: Any) -> None:
    events.emit(
        events.Event(
            action=action,
            practice_id=practice_id,
            by=by and by.user,
            object_type="practice",
            object_id=practice_id,
            detail=detail,
        )
    )
