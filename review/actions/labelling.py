"""What signed documents say about the machine's words: one row of labels a document, made once.

A duty, not part of signing: nobody waits for it, and a document is labelled once it is signed to
the end.
"""

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from statistics import median
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from review import documents, queries
from review.enums import Action, Reason
from review.models import Review, WordLabels
from review.threshold import labels
from review.threshold.columns import Columns, pack
from review.threshold.kinds import kind_of
from transcripts import duties, events

AT_ONCE = 500  # documents in one run of the duty
LONGEST_GAP = 60  # seconds between two settled marks; after more, somebody was away


def label_due(since: timedelta | None = queries.LATELY) -> dict[str, int]:
    """The duty: labels for documents that were signed since; how many."""
    return {"documents": label(since=since)}


def label(
    practice_id: UUID | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
    since: timedelta | None = None,
) -> int:
    """Labels every signed document that has none, of one practice or all; returns how many.

    Without a practice at most AT_ONCE; with `since` only what was signed so lately. `progress` is
    told (done, total). Each document is read, labelled and forgotten before the next.
    """
    rows = queries.signed(since).filter(word_labels=None)
    if practice_id:
        rows = rows.filter(practice=practice_id)
    due = list(rows.values_list("pk", flat=True)[: None if practice_id else AT_ONCE])
    by_practice: dict[UUID, int] = {}
    for done, pk in enumerate(due):
        progress(done, len(due))
        if duties.over():
            break
        if practice := _label(pk):
            by_practice[practice] = by_practice.get(practice, 0) + 1
    for practice, many in by_practice.items():
        events.emit(
            events.Event(
                action=Action.WORDS_LABELLED,
                practice_id=practice,
                object_type="practice",
                object_id=practice,
                detail={"documents": many},
            )
        )
    return sum(by_practice.values())


def _label(pk: UUID) -> UUID | None:
    """The practice whose document was labelled; None where another process was first."""
    review = Review.objects.select_related("recording", "transcript").get(pk=pk)
    row = WordLabels(**_about(review), **_counted(review))
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        if WordLabels.objects.filter(pk=pk).exists():
            return None
        raise
    return review.practice_id


def _about(review: Review) -> dict[str, Any]:
    recording, transcript = review.recording, review.transcript
    hertz = f"{recording.sample_rate / 1000:g} kHz"
    sound = "1 channel" if recording.channels == 1 else f"{recording.channels} channels"
    return {
        "review": review,
        "practice_id": review.practice_id,
        "engine": transcript.engine,
        "model": transcript.model,
        "specialty": recording.specialty,
        "type": recording.type,
        "clinician_id": recording.author_id,
        "source": f"{recording.get_source_display()}, {hertz}, {sound}",
        "seconds": recording.duration,
    }


def _counted(review: Review) -> dict[str, Any]:
    attested = review.attested
    signed = documents.content(review)["words"]
    items = [
        i for row in review.transcript.segments.order_by("index").iterator() for i in row.items
    ]
    found = labels.judge(items, signed)
    judged = [items[word.at] for word in found.words]
    critical, flagged = _marked(review)
    shown = [item.get("confidence") or 0.0 for item in judged]
    columns = Columns(
        [labels.score_of(item) for item in judged],
        shown,
        [kind_of(item["content"]) for item in judged],
        [word.changed for word in found.words],
        [item["id"] in critical for item in judged],
        [
            item["id"] in flagged or score < review.threshold
            for item, score in zip(judged, shown, strict=True)
        ],
    )
    gaps = _gaps(review)
    return {
        "signed_at": attested.signed_at,
        "rules": labels.RULES,
        "words": len(columns),
        "changed": sum(columns.changed),
        "added": found.added,
        "left_out": found.left_out,
        "pace": median(gaps) if gaps else None,
        "paced": len(gaps),
        "columns": pack(columns),
    }


def _marked(review: Review) -> tuple[set[str], set[str]]:
    """Ids of words under a critical mark, and under one for a low score."""
    critical: set[str] = set()
    unsure: set[str] = set()
    for items, reason, grave in review.flags.values_list("items", "reason", "critical"):
        if grave:
            critical |= {*items}
        elif reason == Reason.LOW_CONFIDENCE:
            unsure |= {*items}
    return critical, unsure


def _gaps(review: Review) -> list[float]:
    """Seconds from one settled mark to the next by the same person, without absences."""
    rows = review.flags.filter(resolved_at__isnull=False).order_by("resolved_by", "resolved_at")
    settled = rows.values_list("resolved_by", "resolved_at")
    gaps = [
        (later - before).total_seconds()
        for (one, before), (other, later) in pairwise(settled)
        if one == other
    ]
    return [gap for gap in gaps if 0 < gap <= LONGEST_GAP]
