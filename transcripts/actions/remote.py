"""Jobs that Amazon Transcribe Medical does: send, look again later, take the result.

A worker holds such a job only for one step; the next look is a time in its row. A shadow of a job
goes the same way (see shadows.py): then its row says how far it is, and the job what is asked.
Beside what copies.py keeps of it, `engine_state["remote"]` has: looks (since it was sent), failures
(calls in a row that AWS did not answer), vocabulary (its name at AWS).
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from transcripts import bell, lease, live
from transcripts.actions import copies
from transcripts.actions.copies import Sent
from transcripts.engines.aws import RUNNING, Asked, Unavailable, sentence
from transcripts.engines.aws_result import parse
from transcripts.engines.base import EngineError
from transcripts.enums import LIVE_STATUSES, Stage
from transcripts.lease import Heartbeat, Unit
from transcripts.models import (
    Chunk,
    MedicalTranscriptionJob,
    MedicalVocabulary,
    Recording,
    Shadow,
)
from transcripts.wire import line

log = logging.getLogger(__name__)

Document = dict[str, Any]
Taker = Callable[[Unit, MedicalTranscriptionJob, Document], None]

FIRST_PAUSE, LONGEST_PAUSE = 5, 60  # seconds; doubled from the first to the longest
MOST_FAILURES = 33  # about half an hour
MOST_LOOKS = 1_440  # about a day

OUT_OF_REACH = (
    "Amazon Transcribe Medical could not be reached for about half an hour ({}). "
    "Try again when the connection to AWS works."
)
TOO_LONG = "Amazon Transcribe Medical did not finish within a day. Try again."
NOT_DONE = "Amazon Transcribe Medical could not transcribe this recording: {}"
VOCABULARY = "Amazon Transcribe Medical does not accept the vocabulary: {}"


def send(
    unit: Unit, heartbeat: Heartbeat, path: Path, playback: str = "", take: Taker | None = None
) -> None:
    """Copies the recording at `path` into the practice's bucket and starts the job at AWS.

    `playback` is the key of a playable copy just made, or "". `take` is look's.
    """
    job, sent = _read(unit)
    remote = copies.noted_of(sent)
    label = remote.setdefault("label", copies.new_label(sent))
    with transaction.atomic():
        # Before the upload: whatever happens now, the copy will be found and removed.
        lease.write(unit, engine_state=copies.noted(sent, remote))
        if playback:
            Recording.objects.filter(pk=job.recording_id).update(playback=playback)
    try:
        copies.engine().upload(
            job.practice.bucket, copies.key(label, "media"), path, heartbeat.progress
        )
    except Unavailable as error:
        return _wait_for(unit, sent, remote, error)
    except EngineError:
        lease.write(unit, engine_state=copies.noted(sent, copies.given_up(remote)))
        raise
    heartbeat.progress()
    with transaction.atomic():
        lease.write(unit, stage=Stage.REMOTE)
        if sent is job:
            _tell(job, "progress")
    return look(unit, take)


def look(unit: Unit, take: Taker | None = None) -> None:
    """One step of a job that was sent: start it if need be, take its result, or look later.

    `take` stores the result document; left out, it becomes the job's transcript.
    """
    job, sent = _read(unit)
    remote = copies.noted_of(sent)
    if "label" not in remote:  # given up before, and started again by someone
        lease.write(unit, stage=Stage.PREPARE, attempts=0, **lease.RELEASED)
        return bell.ring()
    try:
        document = _step(job, remote)
        if document is not None:
            return (take or _take)(unit, job, document)
        if remote.get("looks", 0) >= MOST_LOOKS:
            raise EngineError(TOO_LONG)
    except Unavailable as error:
        return _wait_for(unit, sent, remote, error)
    except EngineError:
        lease.write(unit, engine_state=copies.noted(sent, copies.given_up(remote)))
        raise
    looks = remote.get("looks", 0)
    remote |= {"looks": looks + 1, "failures": 0}
    return _later(unit, sent, remote, looks)


def _step(job: MedicalTranscriptionJob, remote: dict[str, Any]) -> dict[str, Any] | None:
    """The result, or None while there is none. Does the same again when it was cut short."""
    aws, label, bucket = copies.engine(), remote["label"], job.practice.bucket
    state = aws.state(copies.name(label))
    if state.name == "COMPLETED":
        return aws.result(bucket, copies.key(label, "result.json"))
    if state.name == "FAILED":
        raise EngineError(NOT_DONE.format(sentence(state.reason or "It gave no reason")))
    if state.name not in RUNNING and _vocabulary_ready(job, remote):
        aws.start(
            copies.name(label),
            Asked(
                bucket=bucket,
                media_key=copies.key(label, "media"),
                output_key=copies.key(label, "result.json"),
                media_format=job.recording.media_format,
                type=job.recording.type,
                settings=job.settings,
                content_identification=job.content_identification,
                vocabulary=remote.get("vocabulary", ""),
            ),
        )
    return None


def _vocabulary_ready(job: MedicalTranscriptionJob, remote: dict[str, Any]) -> bool:
    """Whether AWS knows the job's vocabulary, which is made there when it does not."""
    if job.vocabulary is None:
        return True
    aws, bucket = copies.engine(), job.practice.bucket
    name = remote["vocabulary"] = _versions(job.vocabulary) + str(job.vocabulary.version)
    state = aws.vocabulary(name)
    if state.name == "FAILED":
        aws.delete_vocabulary(name)
        raise EngineError(VOCABULARY.format(sentence(state.reason)))
    if not state.name:
        table = copies.key(remote["label"], "vocabulary.txt")
        aws.put(bucket, table, job.vocabulary.content.encode())
        aws.create_vocabulary(name, bucket, table)
        _forget_older(job.vocabulary, name)
    return state.name == "READY"


def _versions(vocabulary: MedicalVocabulary) -> str:
    """What the names of all its versions at AWS begin with. The digits keep apart practices, and a
    vocabulary from a deleted one of its name.
    """
    return f"{vocabulary.name[:150]}-{vocabulary.pk.hex[-12:]}-v"


def _forget_older(vocabulary: MedicalVocabulary, name: str) -> None:
    """AWS keeps at most 100 vocabularies: those that were replaced go, unless a job uses them."""
    running = MedicalTranscriptionJob.objects.filter(
        status__in=LIVE_STATUSES, vocabulary=vocabulary
    )
    shadows = Shadow.objects.filter(status__in=LIVE_STATUSES, job__vocabulary=vocabulary)
    at_aws = "engine_state__remote__vocabulary"
    used = {name, *running.values_list(at_aws, flat=True), *shadows.values_list(at_aws, flat=True)}
    try:
        for other in copies.engine().vocabularies(_versions(vocabulary)):
            if other not in used:
                copies.engine().delete_vocabulary(other)
    except (EngineError, Unavailable) as error:
        log.warning("old vocabularies stay at AWS (%s)", type(error).__name__)


def _take(unit: Unit, job: MedicalTranscriptionJob, document: Document) -> None:
    """Stores the result as the job's one chunk; from here on all engines' jobs are alike."""
    duration = job.recording.duration
    result = parse(document, duration=float(duration))
    lines = [line(each, offset=0.0, channel=each.channel) for each in result.segments]
    state = job.engine_state | {"entities": result.entities}
    if job.settings.get("VocabularyName") and job.vocabulary is None:
        state["failed_stages"] = ["vocabulary"]
    with transaction.atomic():
        lease.write(
            unit,
            stage=Stage.ASSEMBLE,
            attempts=0,
            model=copies.engine().model_id,
            engine_state=state,
            **lease.RELEASED,
        )
        Chunk.objects.filter(job=job).delete()
        Chunk.objects.create(
            job=job,
            index=0,
            start=0,
            end=duration,
            done=True,
            seconds_done=duration,
            segments=lines,
        )
        _tell(job, "lines")
        bell.ring()


def _wait_for(unit: Unit, sent: Sent, remote: dict[str, Any], error: Unavailable) -> None:
    failures = remote.get("failures", 0)
    if failures >= MOST_FAILURES:
        # Not given up: the job may well be done at AWS, and starting again goes on with it.
        lease.write(unit, engine_state=copies.noted(sent, remote | {"failures": 0}))
        raise EngineError(OUT_OF_REACH.format(error))
    log.warning("AWS did not answer for %s (%s)", sent, error)
    _later(unit, sent, remote | {"failures": failures + 1}, failures)


def _later(unit: Unit, sent: Sent, remote: dict[str, Any], doublings: int) -> None:
    """Frees the worker; the job falls due again after 5, 10, 20, 40, then 60 seconds."""
    pause = timedelta(seconds=min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(doublings, 10)))
    lease.write(
        unit,
        engine_state=copies.noted(sent, remote),
        attempts=0,
        lease_owner="",
        lease_until=Now() + pause,
    )


def _read(unit: Unit) -> tuple[MedicalTranscriptionJob, Sent]:
    """The job, and the row that says how far it is at AWS: its own, or its shadow's."""
    rows = MedicalTranscriptionJob.objects.select_related("recording", "practice", "vocabulary")
    job = rows.get(pk=unit.job.pk)
    return job, Shadow.objects.get(pk=unit.shadow.pk) if unit.shadow else job


def _tell(job: MedicalTranscriptionJob, kind: str) -> None:
    live.announce(
        practice_id=job.practice_id, recording_id=job.recording_id, kind=kind, job=str(job.pk)
    )
