"""The live streams of this web process: the pool as the settings want it, and what streams need."""

import os
from typing import Any

from django.conf import settings

from transcripts import wire
from transcripts.engines.base import Segment
from transcripts.engines.streaming import Result, StreamOptions, Streams
from transcripts.engines.vocabulary import Term
from transcripts.models import MedicalVocabulary, Practice

_pool: Streams | None = None


def streams() -> Streams:
    """The pool of this process; nothing runs before its first stream or `start`."""
    global _pool
    if _pool is None:
        wanted = settings.STREAMS
        cores = len(os.sched_getaffinity(0))
        _pool = Streams(
            model=settings.ENGINE_MODEL,
            wanted=None if wanted == "auto" else int(wanted),
            cores=max(1, cores // settings.WEB_PROCESSES),
        )
    return _pool


def full() -> bool:
    """Whether another stream would find no place in this process now, as far as is known."""
    pool = streams()
    measured = pool.capacity > 0 or settings.STREAMS == "0"
    return measured and pool.open_count >= pool.capacity


def options_for(
    practice: Practice,
    *,
    sample_rate: int,
    channels: int,
    specialty: str,
    type: str,
    vocabulary: MedicalVocabulary | None = None,
    speakers: bool = False,
    phi: bool = False,
    offset: float = 0.0,
) -> StreamOptions:
    """What the engine is told of a stream of this practice."""
    rows = vocabulary.terms if vocabulary and vocabulary.practice_id == practice.pk else []
    return StreamOptions(
        sample_rate=sample_rate,
        channels=channels,
        specialty=specialty,
        type=type,
        terms=tuple(Term(**row) for row in rows),
        speakers=speakers,
        phi=phi,
        offset=offset,
    )


def line_of(result: Result) -> dict[str, Any]:
    """A final as the line that chunks carry (wire.line), with the forms that were spoken."""
    speaker = next((each for each in result.speakers if each), None)
    segment = Segment(result.start, result.end, result.items, speaker=speaker)
    made = wire.line(segment, offset=0.0, channel=result.channel)
    for item, said in zip(made["items"], result.spoken, strict=False):
        if said is not None:
            item["spoken"] = said
    return made | ({result.breaks: True} if result.breaks else {})
