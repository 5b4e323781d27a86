"""How the installation stands, for its operators: ids, numbers and codes of all practices.

No patient, no text and no file name is read here. Reads only.
"""

import platform
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import django
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Max, Min, Q, QuerySet
from django.db.models.functions import Greatest, Now
from django.utils import timezone

from review.models import AuditCheck, AuditKey, SigningKey
from review.models.audit import SYSTEM
from transcripts import duties, lease
from transcripts.actions import queue
from transcripts.enums import LIVE_STATUSES, JobStatus, QueueMode, Stage
from transcripts.models import (
    AccessKey,
    Chunk,
    Duty,
    MedicalTranscriptionJob,
    Practice,
    Queue,
    Shadow,
    Worker,
)
from transcripts.workers import ALIVE

LISTED = 50
NEXT = 10  # jobs of the queue, in the order in which they are served
STUCK = timedelta(minutes=15)
TRIED_OFTEN = 2
FAILED_SINCE = timedelta(days=30)
ENDS_SOON = timedelta(days=30)
CHECKS = ("model-check", "storage-check", "audit-check", "certificate-check")


@dataclass(frozen=True, slots=True)
class Busy:
    """What a worker holds at this moment."""

    job: UUID
    what: str
    until: datetime


@dataclass(slots=True)
class Standing:
    """Everything that the operators' page shows; `at` is when it was read."""

    at: datetime
    queue: Queue
    waiting: int
    running: int
    oldest: datetime | None
    workers: list[dict[str, Any]]
    practices: list[dict[str, Any]]
    next: list[MedicalTranscriptionJob]
    stuck: list[MedicalTranscriptionJob]
    failed: list[MedicalTranscriptionJob]
    failed_count: int
    duties: list[dict[str, Any]]
    checks: dict[str, dict[str, Any]]
    audit: list[AuditCheck]
    keys: list[dict[str, Any]]
    software: dict[str, Any] = field(default_factory=dict)


def standing() -> Standing:
    """All of it now, in a number of queries that does not grow with what there is."""
    live = MedicalTranscriptionJob.objects.filter(status__in=LIVE_STATUSES)
    counted = live.aggregate(
        waiting=Count("pk", filter=Q(status=JobStatus.QUEUED)),
        running=Count("pk", filter=Q(status=JobStatus.IN_PROGRESS)),
        oldest=Min("created_at"),
    )
    now, mode = timezone.now(), queue.mode()
    hands = _workers(now)
    free = any(each["alive"] and not each["busy"] for each in hands)
    rows = _duties(now)
    failed = failed_jobs()
    names = dict(Practice.objects.values_list("pk", "name"))
    return Standing(
        at=now,
        queue=mode,
        workers=hands,
        practices=_practices(),
        next=list(live.select_related("practice").order_by(*lease.TURN)[:NEXT]),
        stuck=list(stuck_jobs(hands_free=free and mode.mode == QueueMode.OPEN)[:LISTED]),
        failed=list(failed[:LISTED]),
        failed_count=failed.count(),
        duties=rows,
        checks={row["plan"].name: row for row in rows if row["plan"].name in CHECKS},
        audit=_audit(names),
        keys=_keys(now, names),
        software=_software(),
        **counted,
    )


def failed_jobs() -> QuerySet[MedicalTranscriptionJob]:
    """Jobs that failed lately, the latest first."""
    rows = MedicalTranscriptionJob.objects.filter(
        status=JobStatus.FAILED, completed_at__gt=Now() - FAILED_SINCE
    )
    return rows.select_related("practice").order_by("-completed_at")


def stuck_jobs(*, hands_free: bool) -> QuerySet[MedicalTranscriptionJob]:
    """Live jobs that were begun again and again, or that nobody takes up though hands are free.

    Those of a practice that is paused wait on purpose; a remote engine takes its time.
    """
    tries = Greatest("attempts", Max("chunks__attempts", filter=Q(chunks__done=False)))
    held = Q(lease_until__gt=Now()) | Q(chunks__lease_until__gt=Now())
    rows = MedicalTranscriptionJob.objects.filter(
        status__in=LIVE_STATUSES, practice__queue_paused=False
    ).exclude(stage=Stage.REMOTE)
    rows = rows.annotate(
        tries=tries,
        moved_at=Greatest("created_at", "served_at", "started_at"),
        holders=Count("pk", filter=held),
    )
    wanted = Q(tries__gte=TRIED_OFTEN)
    if hands_free:
        wanted |= Q(holders=0, moved_at__lt=Now() - STUCK)
    rows = rows.filter(wanted)
    return rows.select_related("practice").order_by("created_at")


def _workers(now: datetime) -> list[dict[str, Any]]:
    busy = _busy()
    return [
        {"row": row, "alive": row.seen_at > now - ALIVE, "busy": busy.get(row.owner)}
        for row in Worker.objects.order_by("-seen_at", "name")
    ]


def _busy() -> dict[str, Busy]:
    """What each owner of a lease works on; workers take one unit at a time."""
    held = Q(lease_until__gt=Now()) & ~Q(lease_owner="")
    found = {}
    columns = ("lease_owner", "lease_until")
    for owner, until, job, stage in MedicalTranscriptionJob.objects.filter(held).values_list(
        *columns, "pk", "stage"
    ):
        found[owner] = Busy(job, Stage(stage).label.lower(), until)
    for owner, until, job, index in Chunk.objects.filter(held).values_list(
        *columns, "job_id", "index"
    ):
        found[owner] = Busy(job, f"chunk {index + 1}", until)
    for owner, until, job in Shadow.objects.filter(held).values_list(*columns, "job_id"):
        found[owner] = Busy(job, "comparison", until)
    return found


def _practices() -> list[dict[str, Any]]:
    """Each practice with what it has in the queue. Names of practices are no one's health."""
    live = Count("jobs", filter=Q(jobs__status__in=LIVE_STATUSES))
    recent = Q(jobs__status=JobStatus.FAILED, jobs__completed_at__gt=Now() - FAILED_SINCE)
    rows = Practice.objects.annotate(live=live, failed=Count("jobs", filter=recent))
    people = Practice.objects.annotate(
        n=Count("memberships", filter=Q(memberships__disabled_at=None))
    )
    many = dict(people.values_list("pk", "n"))
    return [{"row": row, "people": many[row.pk]} for row in rows.order_by("name", "pk")]


def _duties(now: datetime) -> list[dict[str, Any]]:
    rows = Duty.objects.in_bulk()
    found = []
    for plan in duties.plans():
        row = rows.get(plan.name)
        running = bool(row and row.lease_until and row.lease_until > now)
        failing = bool(row and row.failures and not (running and row.failures == 1))
        asked = bool(row and not running and row.due_at <= now)
        found.append(
            {"plan": plan, "row": row, "running": running, "failing": failing, "asked": asked}
        )
    return found


def _audit(names: dict[UUID, str]) -> list[AuditCheck]:
    """The last check of each chain, broken ones first."""
    rows = AuditCheck.objects.order_by("practice", "-ended_at").distinct("practice")
    found = sorted(rows, key=lambda row: (row.ok, names.get(row.practice, "")))
    for row in found:
        row.name = "The installation" if row.practice == SYSTEM else names.get(row.practice, "–")
    return found


def _keys(now: datetime, names: dict[UUID, str]) -> list[dict[str, Any]]:
    """Keys that end or grow old: what they are, since when, and until when if they end."""
    found = [
        {"what": "Signing key", "whose": names.get(row.practice_id, "–"), "id": row.key_id}
        | {"made": row.created_at, "ends": None}
        for row in SigningKey.objects.filter(retired_at=None).order_by("created_at")
    ]
    found += [
        {"what": "Audit key", "whose": "The installation", "id": row.key_id}
        | {"made": row.created_at, "ends": None}
        for row in AuditKey.objects.order_by("-created_at")[:1]
    ]
    ending = AccessKey.objects.filter(revoked_at=None, expires_at__lt=now + ENDS_SOON)
    found += [
        {"what": "Access key", "whose": names.get(row.practice_id, "–"), "id": row.access_key_id}
        | {"made": row.created_at, "ends": row.expires_at, "over": row.expires_at <= now}
        for row in ending.order_by("expires_at")[:LISTED]
    ]
    return found


def _software() -> dict[str, Any]:
    """Versions, and migrations that were not run."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        ((postgres,),) = cursor.fetchall()
    return {
        "version": settings.VERSION,
        "django": django.get_version(),
        "python": platform.python_version(),
        "postgres": postgres.split()[0],
        "pending": [f"{migration.app_label}.{migration.name}" for migration, _ in plan],
        "engine": settings.ENGINE,
        "storage": "S3" if settings.STORAGE.startswith("s3://") else "a folder, encrypted",
        "mail": settings.EMAIL_HOST,
        "second_factor": settings.OPERATOR_SECOND_FACTOR,
    }
