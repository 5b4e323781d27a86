"""The same recording at AWS too, to compare: begun when a local job is done, worked when idle.

A site wants this by COUNTERSIGN_SHADOW=aws, and each practice by its own switch. Nothing here
touches a job, a transcript or a review; how both texts differ is computed in review.
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Coalesce, Now

from transcripts import bell, events, lease, live, media
from transcripts.actions import copies, remote
from transcripts.engines.aws_result import parse
from transcripts.engines.base import EngineError
from transcripts.enums import LIVE_STATUSES, Action, EngineName, JobStatus, QueueMode, Stage
from transcripts.lease import Heartbeat, LeaseLost, Unit
from transcripts.models import MedicalTranscriptionJob, Practice, Shadow
from transcripts.wire import line

log = logging.getLogger(__name__)

SWITCHED_OFF = "Comparing with AWS was switched off before this recording was done."
WORN_OUT = "Sending this recording to AWS stopped unexpectedly {} times."


def wanted(practice: Practice) -> bool:
    """Whether the site and the practice let recordings leave to be compared."""
    return settings.SHADOW == EngineName.AWS and practice.shadow


def expect(event: events.Event) -> None:
    """A job is done: where the site and its practice want that, its shadow is due."""
    rows = MedicalTranscriptionJob.objects.select_related("recording", "practice")
    job = rows.get(pk=event.detail["job"])
    if job.engine == EngineName.LOCAL and wanted(job.practice):
        _, made = Shadow.objects.get_or_create(job=job, defaults={"practice_id": job.practice_id})
        if made:
            bell.ring()


def ring() -> None:
    """Wakes a worker when a shadow is due; the pulse calls it."""
    if _due().exists():
        bell.ring()


def turn(owner: str) -> None:
    """One step of the shadow that waited longest, if one is due."""
    unit = claim(owner)
    if unit is not None:
        run(unit)


def claim(owner: str) -> Unit | None:
    """Takes the shadow that was served longest ago, or None."""
    with transaction.atomic():
        rows = _due().select_for_update(skip_locked=True, of=("self",))
        rows = rows.select_related("job__practice", "job__recording")
        shadow = rows.order_by(Coalesce("served_at", "created_at")).first()
        if shadow is None:
            return None
        lease.take(shadow, owner)
        Shadow.objects.filter(pk=shadow.pk).update(status=JobStatus.IN_PROGRESS, served_at=Now())
        return Unit(shadow.job, None, shadow)


def run(unit: Unit) -> None:
    """Works the step to its end: later again, done, or failed with a reason. Never raises."""
    try:
        if not wanted(unit.job.practice):
            return _fail(unit, SWITCHED_OFF)
        if unit.row.attempts > lease.MAX_ATTEMPTS:
            return _fail(unit, WORN_OUT.format(lease.MAX_ATTEMPTS))
        with Heartbeat(unit) as heartbeat:
            _step(unit, heartbeat)
        copies.tidy(unit.shadow)
    except LeaseLost:
        log.info("lost %s to another worker", unit.row)
    except EngineError as error:
        _fail(unit, error.reason)
    except Exception as error:
        # The type and place say enough; the message could hold what was transcribed.
        log.error("working on %s: %s", unit.row, type(error).__name__, exc_info=settings.TESTING)
        _let_go(unit)
    return None


def _let_go(unit: Unit) -> None:
    try:
        lease.write(unit, lease_until=Now() + timedelta(seconds=60 * unit.row.attempts))
    except Exception:
        log.info("%s stays leased until it runs out", unit.row)


def _due() -> QuerySet[Shadow]:
    stopped = lease.queue_is(QueueMode.DRAINING, QueueMode.PAUSED)
    return Shadow.objects.filter(lease.free(), ~stopped, status__in=LIVE_STATUSES)


def _step(unit: Unit, heartbeat: Heartbeat) -> None:
    if unit.shadow.stage == Stage.REMOTE:
        return remote.look(unit, _take)
    recording = unit.job.recording
    if not unit.shadow.engine_state:
        with transaction.atomic():
            events.about(recording, Action.SHADOW_SENT, job=str(unit.job.pk))
    with media.local_copy(recording.media) as path:
        return remote.send(unit, heartbeat, path, take=_take)


def _take(unit: Unit, job: MedicalTranscriptionJob, document: remote.Document) -> None:
    result = parse(document, duration=float(job.recording.duration))
    lines = [line(each, offset=0.0, channel=each.channel) for each in result.segments]
    _end(unit, job, JobStatus.COMPLETED, model=copies.engine().model_id, segments=lines)


def _fail(unit: Unit, reason: str) -> None:
    job = MedicalTranscriptionJob.objects.select_related("recording").get(pk=unit.job.pk)
    try:
        _end(unit, job, JobStatus.FAILED, failure_reason=reason)
    except LeaseLost:
        log.info("lost %s before it could be failed", unit.row)


def _end(unit: Unit, job: MedicalTranscriptionJob, status: JobStatus, **more: object) -> None:
    with transaction.atomic():
        lease.write(unit, status=status, completed_at=Now(), **more, **lease.RELEASED)
        done = status == JobStatus.COMPLETED
        action = Action.SHADOW_COMPLETED if done else Action.SHADOW_FAILED
        events.about(job.recording, action, job=str(job.pk))
        live.announce(practice_id=job.practice_id, recording_id=job.recording_id, kind="reload")
