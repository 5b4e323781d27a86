"""Safety checks as flags: when a review opens, after every edit, and following their words.

The rules are in review.safety; they always run on this site, whatever engine the language panel
uses, since they run at every edit. Only the changed segments and their neighbours are read again.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from review.actions import plays
from review.enums import FlagState, Reason
from review.models import CheckOff, Flag, Review, Segment
from review.models.review import in_text
from review.policies import Refused
from review.safety import contradiction, follow, reading, run
from review.safety.document import Document, Mark
from transcripts.engines.entities import LocalLanguage
from transcripts.statements import written_once

if TYPE_CHECKING:
    from review.actions.operation import Operation

REASONS = frozenset(run.CHECKS)
AROUND = 2  # segments read before and behind a changed one
FEW = 3  # with more changed segments than this the whole text is read
SIDES = r"\m(left|right)\M"
_engine = LocalLanguage()


def found_in(review: Review, segments: Sequence[Segment]) -> list[Flag]:
    """New flags for a text that was not checked before; not saved."""
    if not settings.SAFETY_CHECKS:
        return []
    marks = run.find(_document(review, segments), _off(review))
    rows = {str(segment.pk): segment for segment in segments}
    return [_flag(review, rows[mark.segment], mark) for mark in marks]


def read(review: Review, detect: reading.Detect) -> Document:
    """The text as it stands, with the entities that `detect` finds. One query."""
    return _document(review, review.text.order_by("position"), detect)


def refresh(work: "Operation") -> None:
    """Raises flags for what the operation made critical; at most five queries."""
    if not settings.SAFETY_CHECKS:
        return
    changed = [row for pk, row in work.segments.items() if not row.removed and _changed(work, row)]
    if not changed:
        return
    rows = _window(work, changed)
    near = _core(rows, changed)
    document = _document(work.review, rows)
    marks = [mark for mark in run.find(document) if mark.segment in near]
    if marks:
        _mark(work, near, document, marks)
    _contradictions(work, changed)


def _mark(
    work: "Operation", near: dict[str, Segment], document: Document, marks: list[Mark]
) -> None:
    """Raises what was not known; checks that are off are asked for only then."""
    work.flags_of(*(near[mark.segment] for mark in marks))
    fresh = [mark for mark in marks if not _known(work, near[mark.segment], mark)]
    if fresh and (off := _off(work.review)):
        still = {mark.items for mark in run.find(document, off)}
        fresh = [mark for mark in fresh if mark.items in still]
    for mark in fresh:
        _raise(work, near[mark.segment], mark)


def follows(work: "Operation", flags: Iterable[Flag]) -> None:
    """Moves critical flags whose words were typed over unheard to what stands in their place.

    Raises Refused where nothing stands there any more.
    """
    for flag in flags:
        segment = work.segments[flag.segment_id]
        flag.items = follow.followed(_before(work, segment), segment.items, flag.items)
        if not flag.items:
            raise Refused(plays.UNHEARD)


def times(work: "Operation", flag: Flag) -> tuple[float, float]:
    """Seconds of the flag's words as they were before the operation."""
    segment = work.segments[flag.segment_id]
    wanted = {*flag.items}
    items = [*_before(work, segment), *segment.items]
    timed = [i for i in items if i["id"] in wanted and i["start"] is not None]
    if not timed:
        return float(segment.start), float(segment.end)
    return min(i["start"] for i in timed), max(i["end"] for i in timed)


def typed_over(work: "Operation", flag: Flag) -> list[str]:
    """The ids of the words that stand where the flag's were."""
    segment = work.segments[flag.segment_id]
    return follow.replacements(_before(work, segment), segment.items, flag.items)


def _before(work: "Operation", segment: Segment) -> list[dict[str, Any]]:
    was = work.before.get(("segment", str(segment.pk)))
    return was["items"] if was else []


def _changed(work: "Operation", segment: Segment) -> bool:
    was = work.before.get(("segment", str(segment.pk)))
    return was is None or was["items"] != segment.items or was["speaker"] != segment.speaker


def _window(work: "Operation", changed: list[Segment]) -> list[Segment]:
    """The changed segments and those around them, in order. One query."""
    mine, review = list(work.segments), work.review
    places = [Decimal(row.position) for row in changed]
    if len(changed) <= FEW:
        rows = _around(review.pk, review.transcript_id, mine, min(places), max(places))
    else:
        rows = review.text.exclude(pk__in=mine)
    held = [row for row in work.segments.values() if not row.removed]
    return sorted([*rows, *held], key=lambda row: Decimal(row.position))


@written_once
def _around(
    review: UUID, transcript: UUID | None, but: list[UUID], first: Decimal, last: Decimal
) -> QuerySet[Segment]:
    """The segments between two positions, and AROUND before and behind them."""
    rows = Segment.objects.filter(in_text(transcript), review=review)
    rows = rows.exclude(pk__in=but.each("uuid"))
    before = rows.filter(position__lt=first).order_by("-position")[:AROUND]
    behind = rows.filter(position__gt=last).order_by("position")[:AROUND]
    return before.union(behind, rows.filter(position__gt=first, position__lt=last).order_by())


def _core(rows: list[Segment], changed: list[Segment]) -> dict[str, Segment]:
    """The changed segments and their direct neighbours, whose marks may have changed."""
    pks = {row.pk for row in changed}
    at = [n for n, row in enumerate(rows) if row.pk in pks]
    near = {m for n in at for m in (n - 1, n, n + 1) if 0 <= m < len(rows)}
    return {str(rows[n].pk): rows[n] for n in sorted(near)}


def _document(
    review: Review, rows: Iterable[Segment], detect: reading.Detect = _engine.detect_clinical
) -> Document:
    lines = [(str(r.pk), _speaker(r), r.items) for r in rows if not r.removed]
    recording = review.recording
    return reading.document(lines, detect, type=recording.type, specialty=recording.specialty)


def _speaker(row: Segment) -> str | None:
    if row.speaker:
        return row.speaker
    return None if row.channel is None else f"channel {row.channel}"


def _off(review: Review) -> frozenset[str]:
    return frozenset(row["check_name"] for row in _offs(review.practice_id))


@written_once
def _offs(practice: UUID) -> QuerySet[CheckOff]:
    return CheckOff.objects.filter(practice=practice, ended_at=None).values("check_name")


def _known(work: "Operation", segment: Segment, mark: Mark) -> bool:
    """Whether a flag stands on all these words, or they were typed by ear just now."""
    items = {*mark.items}
    for flag in _flags(work, segment):
        if items <= {*flag.items} and (flag.critical or not mark.critical):
            return True
    new = items - {item["id"] for item in _before(work, segment)}
    return bool(new) and new <= work.by_ear


def _flags(work: "Operation", segment: Segment) -> list[Flag]:
    return [
        flag
        for pk, flag in work.flags.items()
        if flag.segment_id == segment.pk
        and pk not in work.removed_flags
        and flag.state != FlagState.SUPERSEDED
    ]


def _raise(work: "Operation", segment: Segment, mark: Mark) -> None:
    """A new flag, or an open one made wider."""
    items = {*mark.items}
    for flag in _flags(work, segment):
        if flag.state == FlagState.OPEN and flag.reason in REASONS and items & {*flag.items}:
            wide = items | {*flag.items}
            flag.items = [item["id"] for item in segment.items if item["id"] in wide]
            flag.critical = flag.critical or mark.critical
            flag.reason, flag.sentence = mark.reason, mark.sentence
            flag.alternatives = list(mark.alternatives)
            return
    work.raise_flag(_flag(work.review, segment, mark))


def _flag(review: Review, segment: Segment, mark: Mark) -> Flag:
    return Flag(
        review=review,
        segment=segment,
        items=list(mark.items),
        reason=Reason(mark.reason),
        critical=mark.critical,
        sentence=mark.sentence,
        alternatives=[other[:64] for other in mark.alternatives],
    )


def _contradictions(work: "Operation", changed: list[Segment]) -> None:
    """Sides that the changed segments name, or named, against the rest of the document.

    The mark may belong to a segment that was not edited; one that stands there open and is true no
    more says what the other checks say of its words. Two queries more, where a side is concerned.
    """
    if not any(_sided(row.items) or _sided(_before(work, row)) for row in changed):
        return
    rows = {str(row.pk): row for row in work.segments.values() if not row.removed}
    others = work.review.text.filter(text__iregex=SIDES).exclude(pk__in=list(work.segments))
    rows |= {str(row.pk): row for row in others}
    for flag in Flag.objects.filter(review=work.review, segment__in=list(rows)):
        work.know_flag(flag)
    document = _document(work.review, sorted(rows.values(), key=lambda row: Decimal(row.position)))
    marks = [] if "contradiction" in _off_for(work.review) else contradiction.find(document)
    _untold(work, rows, document, marks)
    for mark in marks:
        if not _told(work, rows[mark.segment], mark):
            work.hold(rows[mark.segment])
            _raise(work, rows[mark.segment], mark)


def _untold(
    work: "Operation", rows: dict[str, Segment], document: Document, marks: Sequence[Mark]
) -> None:
    """Open marks of a contradiction that is none any more: they keep their words and stay open."""
    still = {item for mark in marks for item in mark.items}
    stale = [
        flag
        for row in rows.values()
        for flag in _flags(work, row)
        if flag.reason == Reason.CONTRADICTION
        and flag.state == FlagState.OPEN
        and still.isdisjoint(flag.items)
    ]
    if not stale:
        return
    plain = run.find(document, {"contradiction"})
    for flag in stale:
        items = {*flag.items}
        says = next((mark for mark in plain if items & {*mark.items}), None)
        work.hold(rows[str(flag.segment_id)])
        flag.reason = Reason(says.reason) if says else Reason.LATERALITY
        flag.sentence = says.sentence if says else "Left or right: listen and compare."
        flag.alternatives = list(says.alternatives) if says else []


def _sided(items: Sequence[dict[str, Any]]) -> bool:
    return any(item["content"].lower() in ("left", "right") for item in items)


def _off_for(review: Review) -> frozenset[str]:
    """The checks that this document does without."""
    kept = run.KEPT_FOR_DICTATION if review.recording.type == "DICTATION" else frozenset()
    return _off(review) - kept


def _told(work: "Operation", segment: Segment, mark: Mark) -> bool:
    return any(
        {*mark.items} <= {*flag.items}
        and (flag.state != FlagState.OPEN or mark.sentence in flag.sentence)
        for flag in _flags(work, segment)
    )
