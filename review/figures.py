"""The figures of the dashboard: how a practice stands, from SQL, with a fixed number of queries.

What a figure of the past is about: the documents signed in the last 30 days. Workers and duties are
those of the whole installation.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Min, Q, QuerySet, Sum
from django.db.models.functions import Now
from django.utils import timezone

from review import thresholds
from review.enums import FROZEN
from review.models import AuditCheck, Review
from transcripts import duties
from transcripts.enums import LIVE_STATUSES
from transcripts.models import MedicalTranscriptionJob, Recording, Worker
from transcripts.workers import ALIVE

LATELY = timedelta(days=30)
HOURS = 48
# Operations that leave the words as the machine said them.
NO_EDITS = ("confirm", "early", "carry", "undo", "redo")

# Documents of a practice with their last signature before any addendum, since a moment.
SIGNED = """
    SELECT r.id, r.recording_id, r.due_at, rec.created_at AS received, s.at AS signed_at,
        EXISTS (SELECT FROM review_edit AS e
            WHERE e.review_id = r.id AND e.kind != ALL (%(no_edits)s)) AS edited
    FROM review_review AS r
    JOIN transcripts_recording AS rec ON rec.id = r.recording_id
    JOIN LATERAL (SELECT max(signed_at) AS at FROM review_signature
        WHERE review_id = r.id AND signed_at >= %(since)s AND addendum_id IS NULL
        AND meaning IN ('author-attested', 'co-signed')) AS s ON s.at IS NOT NULL
    WHERE r.practice_id = %(practice)s AND r.state IN ('signed', 'amended')
"""
BY_DAY = f"""
    SELECT (signed_at AT TIME ZONE %(zone)s)::date AS day, count(*) AS documents,
        percentile_cont(0.5) WITHIN GROUP (
            ORDER BY extract(epoch FROM signed_at - received)::float) AS p50,
        percentile_cont(0.95) WITHIN GROUP (
            ORDER BY extract(epoch FROM signed_at - received)::float) AS p95,
        percentile_cont(0.5) WITHIN GROUP (
            ORDER BY extract(epoch FROM due_at - received)::float) AS target,
        count(*) FILTER (WHERE due_at IS NOT NULL) AS with_due,
        count(*) FILTER (WHERE signed_at > due_at) AS late,
        count(*) FILTER (WHERE NOT edited) AS unedited
    FROM ({SIGNED}) AS signed GROUP BY GROUPING SETS ((1), ()) ORDER BY 1 NULLS FIRST
"""
# Words as review.threshold judged them; of each engine, model and specialty, of each day, of all.
WORDS = """
    SELECT engine, model, specialty, day, count(*) AS documents, sum(words)::bigint AS words,
        sum(changed)::bigint AS changed, sum(flags)::bigint AS flags
    FROM (
        SELECT l.*, (l.signed_at AT TIME ZONE %(zone)s)::date AS day, (
            SELECT count(*) FROM review_flag AS f
            WHERE f.review_id = l.review_id AND f.state != 'superseded') AS flags
        FROM review_wordlabels AS l
        WHERE l.practice_id = %(practice)s AND l.signed_at >= %(since)s
    ) AS labelled
    GROUP BY GROUPING SETS ((engine, model, specialty), (day), ())
    ORDER BY engine, model, specialty, day
"""
HOURLY = """
    SELECT h AS hour, coalesce(sum(l.words), 0)::bigint AS words, count(l.review_id) AS documents
    FROM generate_series(%(first)s::timestamptz, %(last)s::timestamptz, interval '1 hour') AS h
    LEFT JOIN review_wordlabels AS l ON l.practice_id = %(practice)s
        AND l.signed_at >= %(first)s AND l.signed_at >= h AND l.signed_at < h + interval '1 hour'
    GROUP BY h ORDER BY h
"""


@dataclass(frozen=True)
class Standing:
    """Everything that the dashboard shows, as numbers. Rows of SQL are dicts by column."""

    at: datetime
    jobs: list[dict[str, Any]]
    late: int
    days: list[dict[str, Any]]
    signed: dict[str, Any]
    words: dict[str, Any]
    words_by_day: list[dict[str, Any]]
    words_by_kind: list[dict[str, Any]]
    hours: list[dict[str, Any]]
    drift: list[dict[str, Any]]
    check: AuditCheck | None
    failing: list[str]
    storage: list[dict[str, Any]]
    workers: list[Worker] = field(default_factory=list)

    @property
    def waiting(self) -> int:
        return sum(row["many"] for row in self.jobs if row["status"] in LIVE_STATUSES)

    @property
    def oldest(self) -> timedelta | None:
        """The age of the job that has waited longest."""
        ages = [self.at - row["oldest"] for row in self.jobs if row["status"] in LIVE_STATUSES]
        return max(ages, default=None)

    @property
    def words_an_hour(self) -> float:
        """Words in documents signed in the last 24 full hours, an hour."""
        return sum(row["words"] for row in self.hours[-24:]) / 24


def standing(practice_id: UUID) -> Standing:
    """How a practice stands now. Eleven queries, however much there is; twelve with drift."""
    now = timezone.now()
    since = now - LATELY
    days = sql(BY_DAY, practice_id, since=since, no_edits=list(NO_EDITS))
    words = sql(WORDS, practice_id, since=since)
    hour = now.replace(minute=0, second=0, microsecond=0)
    first, last = hour - timedelta(hours=HOURS), hour - timedelta(hours=1)
    return Standing(
        at=now,
        jobs=_jobs(practice_id, since),
        late=late(practice_id).count(),
        signed=next(row for row in days if row["day"] is None),
        days=[row for row in days if row["day"] is not None],
        words=next(row for row in words if row["engine"] is None and row["day"] is None),
        words_by_day=[row for row in words if row["day"] is not None],
        words_by_kind=[row for row in words if row["engine"] is not None],
        hours=sql(HOURLY, practice_id, first=first, last=last),
        drift=thresholds.drift(practice_id),
        check=AuditCheck.objects.filter(practice=practice_id).first(),
        failing=duties.failing(),
        storage=_storage(practice_id),
        workers=list(Worker.objects.filter(seen_at__gt=Now() - ALIVE).order_by("name")),
    )


def late(practice_id: UUID) -> QuerySet[Review]:
    """Unsigned documents past their due time."""
    rows = Review.objects.filter(practice=practice_id, due_at__lt=Now())
    return rows.exclude(state__in=FROZEN)


def stored(practice_id: UUID) -> QuerySet[Recording]:
    """Recordings whose audio was not removed."""
    return Recording.objects.filter(practice=practice_id, removal=None)


def jobs(practice_id: UUID, since: datetime) -> QuerySet[MedicalTranscriptionJob]:
    """Jobs that are not ended, and those of the time since."""
    rows = MedicalTranscriptionJob.objects.filter(practice=practice_id)
    return rows.filter(Q(status__in=LIVE_STATUSES) | Q(created_at__gte=since))


def _jobs(practice_id: UUID, since: datetime) -> list[dict[str, Any]]:
    rows = jobs(practice_id, since).order_by("status").values("status")
    return list(rows.annotate(many=Count("pk"), oldest=Min("created_at")))


def _storage(practice_id: UUID) -> list[dict[str, Any]]:
    rows = stored(practice_id).order_by("source").values("source")
    sums = {"bytes": Sum("size"), "seconds": Sum("duration")}
    return list(rows.annotate(many=Count("pk"), **sums))


def sql(query: str, practice_id: UUID, **values: Any) -> list[dict[str, Any]]:
    """Rows of a query that is given the practice, the time zone and the values."""
    given = {"practice": practice_id, "zone": timezone.get_current_timezone_name()} | values
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def filled(rows: Sequence[dict[str, Any]], now: datetime) -> list[tuple[date, dict[str, Any]]]:
    """A row for each of the last 30 days, empty where there is none."""
    known = {row["day"]: row for row in rows}
    today = timezone.localtime(now).date()
    span = [today - timedelta(days=back) for back in range(LATELY.days, -1, -1)]
    return [(day, known.get(day, {})) for day in span]


def per_1000(part: int | None, words: int | None) -> float | None:
    """A rate; None without words."""
    return round(1000 * (part or 0) / words, 1) if words else None
