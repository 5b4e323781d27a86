"""What a worker does with a claimed unit: prepare, transcribe a chunk, or assemble."""

import logging
import threading
import time
from datetime import timedelta
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from transcripts import bell, lease, live, media, trace
from transcripts.actions import at_rest, copies, jobs, remote, stages
from transcripts.actions.assemble import assemble
from transcripts.aws import intake
from transcripts.engines import audio
from transcripts.engines.base import Engine, EngineError, MediaRejected, Options, Piece
from transcripts.enums import EngineName, Stage
from transcripts.lease import Heartbeat, LeaseLost, Unit
from transcripts.models import Chunk, MedicalTranscriptionJob, Recording
from transcripts.wire import line

log = logging.getLogger(__name__)

WORN_OUT = (
    "The transcription stopped unexpectedly {} times on this recording. Try again; "
    "if it fails once more, save the recording in another format such as FLAC and upload it anew."
)
UNREADABLE = (
    "The stored audio is not as it was stored, or its key is missing. It was not transcribed. "
    "Tell whoever runs Countersign, and upload the recording again."
)
TELL_EVERY_SECONDS = 1.0


def run(unit: Unit) -> None:
    """Works the unit to its end. Never raises for what a retry or a failed job answers."""
    with trace.about(job=unit.job.pk):
        _run(unit)


def _run(unit: Unit) -> None:
    try:
        if unit.row.attempts > lease.MAX_ATTEMPTS:
            jobs.fail(unit=unit, reason=WORN_OUT.format(lease.MAX_ATTEMPTS))
            return
        with Heartbeat(unit) as heartbeat:
            _stage(unit, heartbeat)
        if unit.job.engine == EngineName.AWS:
            copies.tidy(unit.job)
    except LeaseLost:
        log.info("lost %s to another worker or a cancel", unit.row)
    except EngineError as error:
        _give_up(unit, error.reason)
    except MediaRejected as rejection:
        _give_up(unit, f"{rejection.message} {rejection.remedy}")
    except media.UNREADABLE as error:
        key = unit.chunk.audio if unit.chunk else unit.job.recording.media
        at_rest.refused(recording=unit.job.recording, key=key, error=error)
        _give_up(unit, UNREADABLE)
    except Exception as error:
        # The type and place say enough; the message could hold what was being transcribed.
        log.error("working on %s: %s", unit.row, type(error).__name__, exc_info=settings.TESTING)
        _let_go(unit)


def _stage(unit: Unit, heartbeat: Heartbeat) -> None:
    if unit.chunk is not None:
        transcribe(unit, heartbeat)
    elif unit.job.stage == Stage.INTAKE:
        intake.take_in(unit, heartbeat)
    elif unit.job.stage == Stage.PREPARE:
        prepare(unit, heartbeat)
    elif unit.job.stage == Stage.REMOTE:
        remote.look(unit)
    else:
        assemble(unit)


def _give_up(unit: Unit, reason: str) -> None:
    try:
        jobs.fail(unit=unit, reason=reason)
    except LeaseLost:
        log.info("lost %s before it could be failed", unit.row)


def _let_go(unit: Unit) -> None:
    """Frees the unit after a pause that grows with the attempts; the sweep rings for it."""
    try:
        lease.write(unit, lease_until=Now() + timedelta(seconds=5 * unit.row.attempts))
    except Exception:
        log.info("%s stays leased until it runs out", unit.row)


def prepare(unit: Unit, heartbeat: Heartbeat) -> None:
    """Makes a playable copy, and cuts the audio at silences into chunks, each its own object.

    For a remote engine nothing is cut: the recording is sent as it is.
    """
    recording = Recording.objects.get(pk=unit.job.recording_id)
    by_channel = bool(unit.job.settings.get("ChannelIdentification"))
    with media.local_copy(recording.media) as path, media.workspace() as folder:
        playback = _playback(recording, path, folder)
        heartbeat.progress()
        if unit.job.engine == EngineName.AWS:
            return remote.send(unit, heartbeat, path, playback)
        pieces = audio.cut(path, folder, by_channel=by_channel)
        heartbeat.progress()
        prefix = f"{recording.media.rpartition('/')[0]}/chunks-{unit.row.lease_token}"
        chunks = [_chunk(unit.job, i, piece, prefix) for i, piece in enumerate(pieces)]
    with transaction.atomic():
        lease.write(unit, stage=Stage.TRANSCRIBE, attempts=0, **lease.RELEASED)
        Chunk.objects.filter(job=unit.job).delete()
        Chunk.objects.bulk_create(chunks)
        if playback:
            Recording.objects.filter(pk=recording.pk).update(playback=playback)
        _tell(unit.job, "progress")
        bell.ring(len(chunks))
    return None


def _playback(recording: Recording, path: Path, folder: Path) -> str:
    if recording.playable or recording.playback:
        return ""
    copy = folder / "playback"
    audio.playback_copy(path, copy)
    return media.store(f"{recording.media.rpartition('/')[0]}/playback", copy)


def _chunk(job: MedicalTranscriptionJob, index: int, piece: Piece, prefix: str) -> Chunk:
    return Chunk(
        job=job,
        index=index,
        channel=piece.channel,
        start=round(piece.start, 3),
        end=round(piece.end, 3),
        audio=media.store(f"{prefix}/{index}", piece.path),
    )


# The engine takes one piece of audio at a time; the test phrase waits for its turn.
ENGINE = threading.Lock()


def loaded_model() -> str:
    """The model that this process holds in memory; empty before its first chunk."""
    return engine().model_id if engine.cache_info().currsize else ""


@cache
def engine() -> Engine:
    """The engine of this process. Loaded here, in the worker, and never in a web process."""
    from transcripts.engines.local import LocalEngine

    return LocalEngine(settings.ENGINE_MODEL, cpu_threads=settings.ENGINE_THREADS)


def transcribe(unit: Unit, heartbeat: Heartbeat) -> None:
    """Transcribes one chunk; what is said so far is stored and shown about once a second."""
    chunk = unit.chunk
    job = MedicalTranscriptionJob.objects.select_related("recording", "vocabulary").get(
        pk=unit.job.pk
    )
    troubled: list[str] = []
    options = Options(
        specialty=job.recording.specialty,
        type=job.recording.type,
        vocabulary=stages.hotwords(job),
        alternatives=job.settings.get("MaxAlternatives", 0),
        on_trouble=troubled.append,
    )
    told = [time.monotonic()]
    lines: list[dict] = []

    def progress(seconds: float) -> None:
        heartbeat.progress()
        if time.monotonic() - told[0] >= TELL_EVERY_SECONDS:
            told[0] = time.monotonic()
            _show(unit, lines, seconds)

    with media.local_copy(chunk.audio) as path, ENGINE:
        for segment in engine().transcribe(path, options, progress):
            lines.append(line(segment, offset=float(chunk.start), channel=chunk.channel))
        voices = stages.voices(job, path)
    lines, failed = stages.polish(job, lines)
    failed += troubled
    with transaction.atomic():
        # Of two last chunks one waits here and sees the other; a cancel locks in this order too.
        job = MedicalTranscriptionJob.objects.select_for_update().get(pk=unit.job.pk)
        lease.write(
            unit,
            done=True,
            seconds_done=chunk.end - chunk.start,
            segments=lines,
            voices=voices,
            **lease.RELEASED,
        )
        last = not Chunk.objects.filter(job=unit.job, done=False).exists()
        job.stage = Stage.ASSEMBLE if last else job.stage
        job.model = engine().model_id
        if failed:
            job.engine_state["failed_stages"] = job.engine_state.get("failed_stages", []) + failed
        job.save(update_fields=["stage", "model", "engine_state"])
        _tell(unit.job, "lines", chunk=str(chunk.pk))


def _show(unit: Unit, lines: list[dict], seconds: float) -> None:
    with transaction.atomic():
        lease.write(unit, segments=lines, seconds_done=round(seconds, 3))
        _tell(unit.job, "lines" if lines else "progress", chunk=str(unit.chunk.pk))


def _tell(job: MedicalTranscriptionJob, kind: str, **ids: str) -> None:
    live.announce(
        practice_id=job.practice_id,
        recording_id=job.recording_id,
        kind=kind,
        job=str(job.pk),
        **ids,
    )
