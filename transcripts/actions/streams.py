"""Live streams: begun, kept as they are spoken, corrected, and finished as recordings or discarded.

Frames are numbered from 0 and kept in order: what was acknowledged survives every process. A stream
becomes a recording in tapes.py.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from transcripts import events
from transcripts.actions import recordings
from transcripts.actions.recordings import About
from transcripts.enums import Action, StreamState
from transcripts.models import (
    AccessKey,
    LiveStream,
    MedicalVocabulary,
    Practice,
    StreamAudio,
    StreamResult,
    User,
)

MAX_SECONDS = 14_400
MAX_FRAME_SECONDS = 1
MAX_TEXT = 2_000
MAX_LINES = 20_000
# Of one person in a practice: their sound is kept as rows until they are finished.
MAX_UNFINISHED = 20


class Refused(Exception):
    """The stream does not take this; the message is a sentence."""


@transaction.atomic
def begin(
    *,
    practice: Practice,
    by: User,
    about: About,
    sample_rate: int,
    channels: int,
    settings: dict[str, Any],
    content_identification: str = "",
    vocabulary: MedicalVocabulary | None = None,
    session_id: str = "",
    access_key: AccessKey | None = None,
) -> LiveStream:
    """Opens a stream. An open one of the same session ends; whoever runs it must be told.

    Raises WrongPatient, and Refused to a person with MAX_UNFINISHED dictations.
    """
    stored = access_key is None or practice.keep_streams
    if access_key is None:
        _check_unfinished(practice, by)
    if session_id:
        LiveStream.objects.filter(
            practice=practice, session_id=session_id, state=StreamState.OPEN
        ).update(state=StreamState.ENDED)
    stream = LiveStream.objects.create(
        practice=practice,
        by=by,
        access_key=access_key,
        dictated=access_key is None,
        patient=recordings.patient_of(practice, about),
        author=about.author,
        encounter_date=about.encounter_date,
        specialty=about.specialty,
        type=about.type,
        settings=settings,
        content_identification=content_identification,
        vocabulary=vocabulary,
        session_id=session_id,
        sample_rate=sample_rate,
        channels=channels,
        stored=stored,
        last_audio_at=Now(),
    )
    tell(stream, Action.STREAM_BEGUN, by)
    return stream


def _check_unfinished(practice: Practice, by: User) -> None:
    unfinished = LiveStream.objects.filter(
        practice=practice, by=by, dictated=True, state=StreamState.OPEN, frames__gt=0
    )
    if unfinished.count() >= MAX_UNFINISHED:
        raise Refused(
            f"You have {MAX_UNFINISHED} dictations that are not finished. "
            "Finish or discard one of them first."
        )


def keep(*, stream_id: UUID, seq: int, pcm: bytes) -> int:
    """Stores one frame; see keep_all."""
    return keep_all(stream_id=stream_id, first_seq=seq, frames=[pcm])


@transaction.atomic
def keep_all(*, stream_id: UUID, first_seq: int, frames: Sequence[bytes]) -> int:
    """Stores frames first_seq, first_seq + 1 … of s16le audio, each of at most a second.

    Returns how many frames are kept, which is the number of the frame wanted next: repeats are
    passed over, and nothing is kept past a gap or once the stream is finished. Raises Refused: a
    frame that is no audio, or more than MAX_SECONDS of it.
    """
    stream = LiveStream.objects.select_for_update(of=("self",)).get(pk=stream_id)
    for pcm in frames:
        _check_frame(stream, pcm)
    new = frames[stream.frames - first_seq :] if first_seq <= stream.frames else []
    if not new or stream.state not in (StreamState.OPEN, StreamState.ENDED):
        return stream.frames
    rows = []
    for seq, pcm in enumerate(new, stream.frames):
        rows.append(StreamAudio(stream=stream, seq=seq, first_sample=stream.samples, pcm=pcm))
        stream.samples += len(pcm) // (2 * stream.channels)
    if stream.seconds > MAX_SECONDS:
        raise Refused("This has reached four hours, the longest that can be recorded at once.")
    if stream.stored:
        StreamAudio.objects.bulk_create(rows)
    stream.frames += len(rows)
    LiveStream.objects.filter(pk=stream.pk).update(
        frames=stream.frames, samples=stream.samples, last_audio_at=Now()
    )
    return stream.frames


def _check_frame(stream: LiveStream, pcm: bytes) -> None:
    size = 2 * stream.channels
    if not pcm or len(pcm) % size or len(pcm) > size * stream.sample_rate * MAX_FRAME_SECONDS:
        raise Refused("A frame holds whole samples, at most a second of them.")


@transaction.atomic
def said(*, stream_id: UUID, index: int, line: dict[str, Any]) -> None:
    """Stores a final, a line as chunks carry it. A repeat of its number changes nothing."""
    stream = LiveStream.objects.select_for_update(of=("self",)).get(pk=stream_id)
    over = stream.state not in (StreamState.OPEN, StreamState.ENDED)
    if over or not stream.stored or index >= MAX_LINES:
        return
    StreamResult.objects.bulk_create(
        [StreamResult(stream=stream, index=index, start=line["start"], end=line["end"], line=line)],
        ignore_conflicts=True,
    )


@transaction.atomic
def correct(*, stream_id: UUID, changes: dict[int, dict[str, str] | None], by: User) -> None:
    """Gives lines other texts than were heard, or (None) the heard ones again.

    A change holds "text"; one made by "scratch that" also holds "was", the text before it. Raises
    Refused.
    """
    stream = _locked(stream_id, StreamState.OPEN, StreamState.ENDED)
    lines = set(stream.results.filter(index__in=changes).values_list("index", flat=True))
    if lines != set(changes):
        raise Refused("There is no such line.")
    for index, change in changes.items():
        if change is None:
            stream.corrections.pop(str(index), None)
        elif len(change["text"]) > MAX_TEXT:
            raise Refused("This line is too long.")
        else:
            stream.corrections[str(index)] = change
    stream.save(update_fields=["corrections"])
    tell(stream, Action.STREAM_CORRECTED, by, lines=sorted(changes))


def _locked(stream_id: UUID, *states: StreamState) -> LiveStream:
    stream = LiveStream.objects.select_for_update(of=("self",)).get(pk=stream_id)
    if stream.state not in states:
        raise Refused("This dictation has been finished already.")
    return stream


@transaction.atomic
def take(*, stream_id: UUID, browser: str) -> LiveStream:
    """Notes which browser numbers the frames from now on; the stream as it was before that."""
    stream = LiveStream.objects.select_for_update(of=("self",)).get(pk=stream_id)
    LiveStream.objects.filter(pk=stream_id).update(browser=browser)
    return stream


@transaction.atomic
def discard(*, stream_id: UUID, by: User) -> None:
    """Deletes what was spoken; that it was spoken stays in the audit log. Raises Refused."""
    stream = _locked(stream_id, StreamState.OPEN)
    LiveStream.objects.filter(pk=stream_id).update(state=StreamState.DISCARDED, corrections={})
    stream.audio.all().delete()
    stream.results.all().delete()
    tell(stream, Action.STREAM_DISCARDED, by, seconds=round(stream.seconds))


def tell(stream: LiveStream, action: Action, by: User | None, **detail: Any) -> None:
    """Emits a successful act upon a stream."""
    if stream.access_key_id:
        detail |= {"key": str(stream.access_key_id), "session": stream.session_id}
    events.emit(
        events.Event(
            action=action,
            practice_id=stream.practice_id,
            by=by,
            object_type="LiveStream",
            object_id=stream.pk,
            patient_id=stream.patient_id,
            detail=detail,
        )
    )
