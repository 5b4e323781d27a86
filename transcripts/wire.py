"""Rows and engine values as the JSON that browsers and chunks carry. Writes no row."""

from collections.abc import Callable
from typing import Any
from uuid import uuid5

from django.urls import reverse

from transcripts import media
from transcripts.engines.base import Item, Segment
from transcripts.engines.spoken import text_of
from transcripts.enums import LIVE_STATUSES, JobStatus
from transcripts.models import Chunk, LiveStream, MedicalTranscriptionJob, Recording


def line(segment: Segment, *, offset: float, channel: int | None) -> dict[str, Any]:
    """An engine's segment with times of the whole recording, offset by `offset` seconds."""

    def at(seconds: float | None) -> float | None:
        return None if seconds is None else round(seconds + offset, 3)

    return {
        "start": at(segment.start),
        "end": at(segment.end),
        "speaker": segment.speaker,
        "channel": channel,
        "items": [_item(item, at) for item in segment.items],
        "alternatives": [[_item(item, at) for item in other] for other in segment.alternatives],
    }


def _item(item: Item, at: Callable[[float | None], float | None]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": item.type,
        "content": item.content,
        "start": at(item.start),
        "end": at(item.end),
        "confidence": item.confidence,
        "raw_confidence": item.raw_confidence,
        "alternatives": [
            {"content": a.content, "confidence": a.confidence} for a in item.alternatives
        ],
        "by": "machine",
    }
    return made | ({"marks": list(item.marks)} if item.marks else {})


def provisional(chunk: Chunk) -> list[dict[str, Any]]:
    """A chunk's lines as segments; those of a finished chunk can be edited already."""
    return [
        {
            **line,
            "id": str(uuid5(chunk.pk, str(number))),
            "position": number,
            "version": 0,
            "text": text_of(line["items"]),
            "items": [
                {**item, "id": f"p{chunk.index}-{number}-{i}"}
                for i, item in enumerate(line["items"])
            ],
            "flags": [],
            "edited_by": None,
            "editable": chunk.done,
        }
        for number, line in enumerate(chunk.segments)
    ]


def dictation(row: LiveStream) -> dict[str, Any]:
    """A dictation that is not finished, and where its page, socket and end are."""
    patient = row.patient
    return {
        "id": str(row.pk),
        "url": reverse("dictation", args=[row.pk]),
        "socket": f"/ws/dictate/{row.pk}/",
        "discard_url": reverse("dictation-discard", args=[row.pk]),
        "seconds": row.seconds,
        "patient": patient.name if patient else "",
        "mrn": patient.mrn if patient else "",
        "kind": f"{row.get_type_display()}, {row.get_specialty_display()}",
        "author": row.author.printed_name if row.author else "",
    }


def spoken_line(index: int, line: dict[str, Any], threshold: float) -> dict[str, Any]:
    """A line heard live as the dictation page shows it; "low" marks words to look at."""
    return {
        "number": index,
        "start": line["start"],
        "end": line["end"],
        "text": text_of(line["items"]),
        "starts": next((k for k in ("paragraph", "new_line") if line.get(k)), ""),
        "items": [
            {
                "type": item["type"],
                "content": item["content"],
                "low": item["confidence"] is not None
                and item["confidence"] < threshold
                or bool(item.get("marks")),
            }
            for item in line["items"]
        ],
    }


def job(
    row: MedicalTranscriptionJob,
    *,
    seconds_done: float,
    position: int | None,
    estimated_seconds: int | None,
) -> dict[str, Any]:
    """The job as the page shows it; seconds are of audio."""
    ended = row.status in (JobStatus.FAILED, JobStatus.CANCELLED)
    total = float(row.recording.duration)
    return {
        "id": str(row.pk),
        "name": row.name,
        "status": row.status,
        "seconds_done": total if row.status == JobStatus.COMPLETED else min(seconds_done, total),
        "seconds_total": total,
        "failure_reason": row.failure_reason or None,
        "queue_position": position,
        "estimated_seconds": estimated_seconds,
        "can_retry": ended,
        "can_cancel": row.status in LIVE_STATUSES,
        "retry_url": reverse("job-retry", args=[row.pk]),
        "cancel_url": reverse("job-cancel", args=[row.pk]),
    }


def recording(row: Recording) -> dict[str, Any]:
    """The recording with its patient, for people who may see it."""
    patient = row.patient
    return {
        "id": str(row.pk),
        "name": row.original_name,
        "duration": float(row.duration),
        "specialty": row.specialty,
        "specialty_label": row.get_specialty_display(),
        "type": row.type,
        "type_label": row.get_type_display(),
        "channels": row.channels,
        "audio_url": reverse("recording-audio", args=[row.pk]),
        "peaks_url": reverse("recording-peaks", args=[row.pk]),
        "audio_removed": media.removed(row),
        "patient": patient
        and {
            "mrn": patient.mrn,
            "name": patient.name,
            "birth_date": patient.birth_date and patient.birth_date.isoformat(),
        },
        "author": row.author_name,
        "encounter_date": row.encounter_date.isoformat(),
    }
