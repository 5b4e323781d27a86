"""What is done to the engine's words: display forms, writing, speakers, health information.

Each stage keeps what came before when it fails: the text stands, and the reviewer sees a warning.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from transcripts.engines import formatting, vocabulary
from transcripts.models import Chunk, LiveStream, MedicalTranscriptionJob

log = logging.getLogger(__name__)

Lines = list[dict[str, Any]]

FAILED = {
    "vocabulary": "The vocabulary's display forms could not be applied.",
    "formatting": "Numbers and spoken punctuation were left as they were spoken.",
    "speakers": "The speakers could not be told apart.",
    "speech": "Words that nobody said could not be told from the others.",
    "alternatives": "Other readings of doubtful words could not be made.",
    "phi": "Protected health information could not be marked.",
}


@dataclass(slots=True)
class Finished:
    """A whole transcript's lines, what was found in them, and which stages failed."""

    lines: Lines
    entities: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, str]] = field(default_factory=list)


def hotwords(job: MedicalTranscriptionJob) -> tuple[str, ...]:
    """Words for the decoder to listen for: the job's vocabulary first, then its specialty's."""
    return vocabulary.hotwords(_terms(job), job.recording.specialty)


def polish(job: MedicalTranscriptionJob, lines: Lines) -> tuple[Lines, list[str]]:
    """A chunk's lines as they are read, and the names of the stages that failed."""
    recording, failed = job.recording, []
    lines = _try("vocabulary", failed, lines, lambda: vocabulary.display(lines, _terms(job)))
    written = _try(
        "formatting",
        failed,
        lines,
        lambda: formatting.written(lines, type=recording.type, specialty=recording.specialty),
    )
    return written, failed


def voices(job: MedicalTranscriptionJob, audio: Path) -> bytes | None:
    """The chunk's voice vectors, when speakers are to be told apart; empty when that fails."""
    if not job.settings.get("ShowSpeakerLabels"):
        return None
    from transcripts.engines import speakers  # its weights are for workers only
    from transcripts.engines.local import samples

    return _try("speakers", [], b"", lambda: speakers.voices(samples(audio)))


def finish(job: MedicalTranscriptionJob, chunks: list[Chunk]) -> Finished:
    """The lines of all chunks in order of time, with speakers and health information."""
    failed = list(job.engine_state.get("failed_stages", []))
    lines = [line for chunk in chunks for line in chunk.segments]
    lines.sort(key=lambda line: (line["start"], line["channel"] or 0))
    # Once more over all: a "period" that begins a chunk belongs to the line before it.
    lines, again = polish(job, lines) if job.engine == "local" else (lines, [])
    failed += again
    if job.settings.get("ShowSpeakerLabels") and job.engine == "local":
        lines = _try("speakers", failed, lines, lambda: _speakers(job, chunks, lines))
    entities = job.engine_state.get("entities", [])
    if job.content_identification == "PHI" and job.engine == "local":
        entities = _try("phi", failed, [], lambda: _phi(lines))
    return Finished(lines, entities, _warnings(failed))


def written(stream: LiveStream, lines: Lines) -> Lines:
    """A live stream's lines in their written form, as polish does it for a chunk."""
    kind, specialty = stream.type, stream.specialty
    return _try(
        "formatting", [], lines, lambda: formatting.written(lines, type=kind, specialty=specialty)
    )


def heard_live(job: MedicalTranscriptionJob, lines: Lines) -> Finished:
    """Lines of a live stream, which are written already; health information is still to find."""
    failed: list[str] = []
    entities: list[dict[str, Any]] = []
    if job.content_identification == "PHI":
        entities = _try("phi", failed, [], lambda: _phi(lines))
    return Finished(lines, entities, _warnings(failed))


def _warnings(failed: list[str]) -> list[dict[str, str]]:
    return [{"code": code, "message": FAILED[code]} for code in dict.fromkeys(failed)]


def _speakers(job: MedicalTranscriptionJob, chunks: list[Chunk], lines: Lines) -> Lines:
    from transcripts.engines import speakers

    voices = [(float(chunk.start), bytes(chunk.voices or b"")) for chunk in chunks]
    return speakers.label(voices, lines, speakers=job.settings.get("MaxSpeakerLabels"))


def _phi(lines: Lines) -> list[dict[str, Any]]:
    from transcripts.engines import phi

    return phi.detect(lines)


def _terms(job: MedicalTranscriptionJob) -> list[vocabulary.Term]:
    rows = job.vocabulary.terms if job.vocabulary else []
    return [vocabulary.Term(**row) for row in rows]


def _try(name: str, failed: list[str], otherwise: Any, stage: Callable[[], Any]) -> Any:
    try:
        return stage()
    except Exception as error:
        log.error("stage %s failed (%s)", name, type(error).__name__, exc_info=settings.TESTING)
        failed.append(name)
        return otherwise
