"""Who may work on what, and for how long: claim, heartbeat, fence, sweep.

A claim takes the job that has waited longest for a turn and gives its next free unit (the job
itself, or one of its chunks) to one worker until `lease_until`, with a token that rises by one each
time. Every write of the worker carries that token, so a worker that slept past its lease can no
longer write. Only the database's clock counts.
"""

import threading
import time
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When
from django.db.models.functions import Coalesce, Now

from transcripts import events
from transcripts.enums import LIVE_STATUSES, Action, JobStatus, QueueMode, Stage
from transcripts.models import Chunk, MedicalTranscriptionJob, Queue, Shadow
from transcripts.models.job import Leased

LEASE = timedelta(seconds=60)
HEARTBEAT_SECONDS = 15
STALL_SECONDS = 180
MAX_ATTEMPTS = 3
RELEASED = {"lease_until": None, "lease_owner": ""}


class LeaseLost(Exception):
    """Another worker has the unit now, or the job was cancelled; nothing more may be written."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What one worker claimed: a job, one of its chunks, or its shadow; with the token to write."""

    job: MedicalTranscriptionJob
    chunk: Chunk | None
    shadow: Shadow | None = None

    @property
    def row(self) -> Leased:
        return self.shadow or self.chunk or self.job


def free() -> Q:
    return Q(lease_until__isnull=True) | Q(lease_until__lt=Now())


def claimable_jobs() -> QuerySet[MedicalTranscriptionJob]:
    """Jobs with something to do that nobody holds."""
    waiting = Chunk.objects.filter(free(), job=OuterRef("pk"), done=False)
    return MedicalTranscriptionJob.objects.filter(
        Q(stage=Stage.TRANSCRIBE) & Exists(waiting) | ~Q(stage=Stage.TRANSCRIBE) & free(),
        Q(started_at__isnull=False) | ~queue_is(QueueMode.DRAINING),
        ~queue_is(QueueMode.PAUSED),
        status__in=LIVE_STATUSES,
        practice__queue_paused=False,
    )


def queue_is(*modes: QueueMode) -> Exists:
    """Whether an operator has set the queue to one of these."""
    return Exists(Queue.objects.filter(mode__in=modes))


# What is nearly done comes first, then what an operator put forward; then who has waited longest
# since being served, or at all.
TURN = (
    Case(When(stage=Stage.ASSEMBLE, then=0), default=1),
    -(F("priority") + F("practice__queue_priority")),
    Coalesce("served_at", "created_at"),
)


def claim(owner: str, *, job: MedicalTranscriptionJob | None = None) -> Unit | None:
    """Takes the next unit (of `job`, when given) for `owner`, or None.

    The attempt is counted before the work begins.
    """
    jobs = claimable_jobs() if job is None else claimable_jobs().filter(pk=job.pk)
    with transaction.atomic():
        job = jobs.select_for_update(skip_locked=True, of=("self",)).order_by(*TURN).first()
        if job is None:
            return None
        chunk = None
        if job.stage == Stage.TRANSCRIBE:
            chunk = (
                job.chunks.filter(free(), done=False)
                .select_for_update(skip_locked=True)
                .order_by("index")
                .first()
            )
            if chunk is None:
                return None
        unit = Unit(job, chunk)
        lost = unit.row.lease_until is not None  # who ends in good order gives it back
        take(unit.row, owner)
        started = {"started_at": Now()} if job.started_at is None else {}
        # Getting ready is not being served: a short job is then through before the next begins.
        served = {"served_at": Now()} if job.stage in (Stage.TRANSCRIBE, Stage.REMOTE) else {}
        MedicalTranscriptionJob.objects.filter(pk=job.pk).update(
            status=JobStatus.IN_PROGRESS, **served, **started
        )
        if lost:
            events.emit(
                events.Event(
                    action=Action.JOB_RESUMED,
                    practice_id=job.practice_id,
                    object_type=type(job).__name__,
                    object_id=job.pk,
                    detail={"stage": job.stage, "chunk": chunk and chunk.index},
                )
            )
        return unit


def take(row: Leased, owner: str) -> None:
    """Gives a locked row to `owner`: the next token, one attempt more, and the time for it."""
    row.lease_token += 1
    row.attempts += 1
    type(row).objects.filter(pk=row.pk).update(
        lease_owner=owner,
        lease_token=row.lease_token,
        attempts=row.attempts,
        lease_until=Now() + LEASE,
    )


def write(unit: Unit, **fields: object) -> None:
    """Updates the claimed row under its token; LeaseLost when the token is no longer the row's.

    Whoever ends a job raises all its tokens (see `revoke`), so the token alone decides.
    """
    row = unit.row
    if not type(row).objects.filter(pk=row.pk, lease_token=row.lease_token).update(**fields):
        raise LeaseLost


def revoke(job: MedicalTranscriptionJob) -> None:
    """Fences off every worker of the job: whatever they write from now on is dropped."""
    fenced = {"lease_token": F("lease_token") + 1, **RELEASED}
    MedicalTranscriptionJob.objects.filter(pk=job.pk).update(**fenced)
    job.chunks.update(**fenced)


class Heartbeat:
    """Extends the lease while the work moves. Without progress for STALL_SECONDS it stops, and the
    unit falls free: a hung engine must not hold it for ever.
    """

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.lost = False
        self._moved = time.monotonic()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=5)

    def progress(self) -> None:
        """Says that the work moved; LeaseLost when it is no longer ours."""
        self._moved = time.monotonic()
        if self.lost:
            raise LeaseLost

    def _beat(self) -> None:
        try:
            while not self._stop.wait(HEARTBEAT_SECONDS):
                if time.monotonic() - self._moved > STALL_SECONDS:
                    return
                try:
                    write(self.unit, lease_until=Now() + LEASE)
                except LeaseLost:
                    self.lost = True
                    return
                except Exception:  # the database is away: the next beat tries again
                    connection.close()
        finally:
            connection.close()
