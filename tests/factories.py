"""Recordings and reviews for tests. Words are given, where a test is not about the engine."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction

from review.models import Review
from tests.cast import Cast
from transcripts import lease
from transcripts.actions import recordings
from transcripts.actions.assemble import assemble
from transcripts.enums import Specialty, Stage, Type
from transcripts.models import Chunk, MedicalTranscriptionJob, Membership, Recording

AUDIO = Path(__file__).parent / "audio"
MANIFEST = {f["file"]: f for f in json.loads((AUDIO / "manifest.json").read_text())["files"]}

# (content, confidence); a mark stands alone and has none. 0.41 and 0.55 are below the threshold.
WORDS = [
    [("Patient", 0.98), ("takes", 0.95), ("lisinopril", 0.41), ("daily", 0.91), (".", None)],
    [("Denies", 0.93), ("chest", 0.97), ("pain", 0.55), (".", None)],
    [("Follow", 0.99), ("up", 0.99), ("in", 0.99), ("two", 0.88), ("weeks", 0.97), (".", None)],
]
MARKED = 2


def about(author: Membership, **changes: Any) -> recordings.About:
    values: dict[str, Any] = {
        "mrn": "10001",
        "patient_name": "Paula Probe",
        "birth_date": date(1970, 1, 31),
        "specialty": Specialty.FAMILYMEDICINE,
        "type": Type.DICTATION,
        "author": author,
        "encounter_date": date(2026, 3, 2),
    }
    return recordings.About(**(values | changes))


def upload(cast: Cast, file: str = "human_speech_jfk.flac", **changes: Any) -> Recording:
    """A real file through the real intake; its job is queued."""
    author = changes.pop("author", cast.clinician)
    return recordings.upload(
        path=AUDIO / file,
        name=file,
        about=about(author, **changes),
        practice=author.practice,
        by=cast.editor.user,
    )


def line(words: list[tuple[str, float | None]], start: float) -> dict[str, Any]:
    """A chunk's line with half a second for each word."""
    items, now = [], start
    for content, confidence in words:
        spoken = confidence is not None
        items.append(
            {
                "type": "pronunciation" if spoken else "punctuation",
                "content": content,
                "start": now if spoken else None,
                "end": now + 0.5 if spoken else None,
                "confidence": confidence,
                "raw_confidence": confidence,
                "alternatives": [],
                "by": "machine",
            }
        )
        now += 0.5 if spoken else 0
    return {"start": start, "end": now, "speaker": None, "channel": None, "items": items}


def transcribed(recording: Recording, lines: list[list[tuple[str, float | None]]]) -> Review:
    """The recording's review as if its engine had said `lines`, through the real assembly."""
    return assembled(recording, [line(words, start=3.0 * i) for i, words in enumerate(lines)])


def assembled(
    recording: Recording, segments: list[dict[str, Any]], model: str = "given-words"
) -> Review:
    """The recording's review from line dicts, through the real assembly."""
    job = recording.jobs.get()
    chunk = {"start": 0, "end": recording.duration, "audio": "", "done": True}
    with transaction.atomic():
        Chunk.objects.create(job=job, index=0, segments=segments, **chunk)
        MedicalTranscriptionJob.objects.filter(pk=job.pk).update(stage=Stage.ASSEMBLE, model=model)
    unit = lease.claim("test", job=job)
    assemble(unit)
    return Review.objects.select_related("recording", "practice").get(recording=recording)


def reviewable(cast: Cast, **changes: Any) -> Review:
    """A review of three segments with two marked words."""
    return transcribed(upload(cast, **changes), WORDS)
