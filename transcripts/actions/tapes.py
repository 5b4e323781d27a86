"""Finished live streams become recordings: the kept audio as FLAC, and the lines as a transcript.

Where the recogniser did not hear everything, because there was no place for it or a process died,
an ordinary job transcribes the recording instead.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from transcripts import bell, events, media, streaming
from transcripts.actions import assemble, jobs, recordings, stages, streams
from transcripts.actions.recordings import About
from transcripts.engines import audio
from transcripts.engines.base import PEAKS_PER_SECOND, EngineError, MediaInfo
from transcripts.enums import Action, EngineName, JobStatus, Source, Stage, StreamState
from transcripts.models import LiveStream, MedicalTranscriptionJob, Recording

log = logging.getLogger(__name__)

SHORTEST_SECONDS = 0.5
AWS_SILENCE = timedelta(seconds=60)
DICTATION_SILENCE = timedelta(hours=24)
FINISHING = timedelta(minutes=10)
AT_ONCE = 5


class _Finished(Exception):
    """Another process has finished the stream meanwhile."""


def finish(*, stream_id: UUID, heard_all: bool | Callable[[], bool] = False) -> Recording | None:
    """Makes a recording of what was kept, and its transcript of the lines; None without either.

    `heard_all` says that the recogniser came to the end of the audio; otherwise the lines count
    only when nothing but silence follows the last. A function is asked for it once the sound is
    written, so that the last words are heard meanwhile. Can be called again.
    """
    stream = _end(stream_id)
    if stream.state != StreamState.ENDED:
        return stream.recording
    with media.workspace() as folder:
        info = _tape(stream, folder)
        whole = heard_all() if callable(heard_all) else heard_all
        lines = lines_of(stream)
        try:
            if info is None or not (lines or any(info.peaks)):
                _close(stream)
                return None
            return recordings.admit(
                path=folder / "speech.flac",
                info=info,
                name=f"Dictation {stream.begun_at:%Y-%m-%d %H:%M}.flac"
                if stream.dictated
                else f"Stream {stream.session_id}.flac",
                about=_about(stream),
                practice=stream.practice,
                by=stream.by,
                source=Source.STREAM,
                then=lambda recording: _hand_over(
                    stream,
                    recording,
                    lines if lines and (whole or _covers(lines, info)) else [],
                ),
            )
        except _Finished:
            return LiveStream.objects.select_related("recording").get(pk=stream_id).recording


@transaction.atomic
def _end(stream_id: UUID) -> LiveStream:
    rows = LiveStream.objects.select_related("practice", "patient", "author", "by", "recording")
    stream = rows.select_for_update(of=("self",)).get(pk=stream_id)
    if stream.state == StreamState.OPEN:
        stream.state = StreamState.ENDED
        stream.save(update_fields=["state"])
    return stream


def _tape(stream: LiveStream, folder: Path) -> MediaInfo | None:
    """The kept audio as folder/speech.flac; None when there is too little of it."""
    if stream.seconds < SHORTEST_SECONDS or not stream.stored:
        return None
    frames = stream.audio.order_by("seq").values_list("pcm", flat=True)
    return audio.tape(
        frames.iterator(chunk_size=100),
        2 * stream.channels * stream.samples,
        folder / "speech.flac",
        sample_rate=stream.sample_rate,
        channels=stream.channels,
    )


def _covers(lines: list[dict], info: MediaInfo) -> bool:
    """Whether nothing is to be heard after the last line."""
    end = max((line["end"] for line in lines), default=0.0)
    return not any(info.peaks[round(end * PEAKS_PER_SECOND) + 1 :])


def _about(stream: LiveStream) -> About:
    patient = stream.patient
    return About(
        specialty=stream.specialty,
        type=stream.type,
        encounter_date=stream.encounter_date,
        author=stream.author,
        mrn=patient.mrn if patient else "",
        patient_name=patient.name if patient else "",
        birth_date=patient.birth_date if patient else None,
    )


def _hand_over(stream: LiveStream, recording: Recording, lines: list[dict]) -> None:
    """Within the transaction that makes the recording: its job, its transcript, the stream's end.

    Without lines the job is an ordinary one, waiting for a worker.
    """
    _close(stream, recording)
    job = jobs.start(
        recording=recording,
        by=stream.by,
        request=jobs.Request(
            settings=stream.settings,
            content_identification=stream.content_identification,
            vocabulary=stream.vocabulary,
            engine=EngineName.LOCAL if lines else "",
            access_key=stream.access_key,
        ),
    )
    if not lines:
        return
    MedicalTranscriptionJob.objects.filter(pk=job.pk).update(
        status=JobStatus.COMPLETED,
        stage=Stage.ASSEMBLE,
        model=_model(),
        started_at=Now(),
        completed_at=Now(),
    )
    job.refresh_from_db()
    assemble.store(job, stages.heard_live(job, lines))
    events.about(recording, Action.JOB_COMPLETED, job=str(job.pk))


def lines_of(stream: LiveStream) -> list[dict]:
    """What was heard as a transcript has it; "heard_as" is the number of a line's final.

    Written once more over all: a "period" after a pause belongs to the line before it.
    """
    lines = [result.line | {"heard_as": result.index} for result in stream.results.all()]
    lines.sort(key=lambda line: (line["start"], line["channel"] or 0))
    return stages.written(stream, lines)


def _model() -> str:
    try:
        return streaming.streams().model_id
    except EngineError:
        return ""


@transaction.atomic
def _close(stream: LiveStream, recording: Recording | None = None) -> None:
    rows = LiveStream.objects.filter(pk=stream.pk, state=StreamState.ENDED)
    if not rows.update(state=StreamState.FINISHED, recording=recording):
        raise _Finished
    stream.audio.all().delete()
    streams.tell(
        stream,
        Action.STREAM_FINISHED,
        stream.by,
        seconds=round(stream.seconds),
        recording=str(recording.pk) if recording else None,
    )


def _abandoned() -> QuerySet[LiveStream]:
    """Streams whose audio stopped coming, and those whose finishing a process did not survive."""
    opened, ended = Q(state=StreamState.OPEN), Q(state=StreamState.ENDED)
    return LiveStream.objects.filter(
        opened & Q(dictated=False, last_audio_at__lt=Now() - AWS_SILENCE)
        | opened & Q(dictated=True, last_audio_at__lt=Now() - DICTATION_SILENCE)
        | ended & Q(last_audio_at__lt=Now() - FINISHING)
    )


def sweep() -> None:
    """Finishes streams that nobody will finish. One query when there are none."""
    for _ in range(AT_ONCE):
        with transaction.atomic():
            rows = _abandoned().select_for_update(skip_locked=True, of=("self",))
            stream = rows.order_by("last_audio_at").first()
            if stream is None:
                return
            # The time is also a lease: nobody else takes it up before FINISHING has passed.
            LiveStream.objects.filter(pk=stream.pk).update(
                state=StreamState.ENDED, last_audio_at=Now()
            )
        try:
            finish(stream_id=stream.pk)
        except Exception as error:
            if settings.TESTING:
                raise
            log.error("%s was not finished: %s", stream, type(error).__name__)


def ring() -> None:
    """Wakes a worker when a stream is to be finished; the pulse calls it."""
    if _abandoned().exists():
        bell.ring()
