"""How the worklist shows its rows: one query for all columns, and the words they are shown in."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, JSONField, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from review import turnaround
from review.enums import FINAL, Pend, Priority, State
from review.models import Review
from review.worklists import flags_open
from transcripts import queries as transcription
from transcripts.enums import JobStatus, Specialty, Type
from transcripts.jinja import url
from transcripts.models.recording import clock_time
from transcripts.models.user import name_of
from transcripts.statements import Given, written_once

# Plain SQL and no models: building them took longer than the database. The newest job with its
# progress, and what the newest job that has tags is tagged with.
JOB = RawSQL(
    """(SELECT jsonb_build_object('status', j.status, 'failure_reason', j.failure_reason,
            'done', (SELECT sum(c.seconds_done) FROM transcripts_chunk AS c WHERE c.job_id = j.id),
            'all', (SELECT sum("end" - start) FROM transcripts_chunk AS c WHERE c.job_id = j.id))
        FROM transcripts_medicaltranscriptionjob AS j
        WHERE j.recording_id = review_review.recording_id ORDER BY j.generation DESC LIMIT 1)""",
    (),
    output_field=JSONField(),
)
TAGS = RawSQL(
    """(SELECT j.tags FROM transcripts_medicaltranscriptionjob AS j
        WHERE j.recording_id = review_review.recording_id AND j.tags != '{}'
        ORDER BY j.generation DESC LIMIT 1)""",
    (),
    output_field=JSONField(),
)
PERSON = ("first_name", "last_name", "username")
COLUMNS = {
    "patient": F("recording__patient__name"),
    "mrn": F("recording__patient__mrn"),
    "born": F("recording__patient__birth_date"),
    "type": F("recording__type"),
    "specialty": F("recording__specialty"),
    "duration": F("recording__duration"),
    "received": F("recording__created_at"),
    "author": F("recording__author__printed_name"),
    "job": JOB,
    "tags": TAGS,
} | {
    f"{who}_{name}": F(f"{path}__{name}")
    for who, path in (("author", "recording__author__user"), ("assignee", "assignee"))
    for name in PERSON
}
BADGES: dict[str, tuple[str, str]] = {  # class and icon
    State.READY: ("badge-accent", "file-text"),
    State.IN_REVIEW: ("badge-info", "pen"),
    State.READY_TO_SIGN: ("badge-human", "check-double"),
    State.COSIGNING: ("badge-human", "check-double"),
    State.SIGNED: ("badge-ok", "sign"),
    State.AMENDED: ("badge-ok", "sign"),
}
TYPES, SPECIALTIES, STATES = dict(Type.choices), dict(Specialty.choices), dict(State.choices)
MARKED = (State.READY, State.IN_REVIEW, State.READY_TO_SIGN)
TAGS_SHOWN = 3
PER_MARK = 5  # seconds: the slice with its margins, reading, deciding (see review.order)


def shown(page: Iterable[UUID]) -> list[dict[str, Any]]:
    """The reviews of a page, in its order, as it shows them. One query, and that of the page."""
    place = {pk: n for n, pk in enumerate(page)}
    found = _described(list(place)) if place else []
    now = timezone.localtime()
    return [_row(row, now) for row in sorted(found, key=lambda row: place[row["pk"]])]


@written_once
def _described(page: Given) -> QuerySet[Review]:
    """Of rows that were found: no columns are made for those that are passed over."""
    rows = Review.objects.filter(pk__in=page.each("uuid")).annotate(flags_open=flags_open())
    names = ("pk", "recording_id", "state", "priority", "due_at", "pend", "pend_note")
    return rows.values(*names, "flags_open", **COLUMNS)


def _row(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Times are told in the zone of `now`."""
    done = row["state"] in FINAL
    row["url"] = url("recording", row["recording_id"])
    row["author_name"] = row["author"] or _name(row, "author")
    row["assignee_name"] = _name(row, "assignee")
    row["length"] = clock_time(row["duration"])
    row["conversation"] = row["type"] == Type.CONVERSATION
    row["type"] = TYPES[row["type"]]
    row["specialty"] = SPECIALTIES[row["specialty"]]
    row["born"] = row["born"] and day(row["born"])
    row["state_words"] = STATES[row["state"]]
    row["marked"] = row["state"] in MARKED
    row["minutes"] = minutes_left(row["flags_open"])
    row["urgent"] = "" if done or not row["priority"] else Priority(row["priority"]).label
    row["rests"] = "" if done or not row["pend"] else Pend(row["pend"]).label
    tags = sorted((row["tags"] or {}).items())
    row["tags"], row["more_tags"] = tags[:TAGS_SHOWN], tags[TAGS_SHOWN:]
    row["due"] = row["due_at"] and not done
    row["at"] = (row["due_at"] if row["due"] else row["received"]).astimezone(now.tzinfo)
    row["day"], row["hour"] = day(row["at"]), f"{row['at']:%H:%M}"
    row["clock"], row["clock_words"] = turnaround.clock(row["due_at"], now)
    return row | _standing(row["state"], row["job"])


def _standing(state: str, job: dict[str, Any]) -> dict[str, Any]:
    """The badge, or for what is being transcribed how far it is."""
    status = job["status"]
    said: dict[str, Any] = {"percent": percent_done(job), "transcribing": False, "reason": ""}
    if status == JobStatus.FAILED:
        badge = ("Failed", "badge-danger", "error")
        said["reason"] = job["failure_reason"]
    elif status == JobStatus.CANCELLED:
        badge = ("Cancelled", "", "")
    elif state == State.WAITING and status == JobStatus.QUEUED:
        badge = ("Waiting for its turn", "", "clock")
    else:
        badge = (STATES[state], *BADGES.get(state, ("", "")))
        said["transcribing"] = state == State.WAITING and status == JobStatus.IN_PROGRESS
    return said | dict(zip(("badge", "badge_class", "badge_icon"), badge, strict=True))


def _name(row: dict[str, Any], who: str) -> str:
    """The person's name; empty for nobody."""
    first, last, username = (row[f"{who}_{name}"] or "" for name in PERSON)
    return name_of(first, last, username)


def day(at: Any) -> str:
    """A date or moment as 5 Mar 2026."""
    return f"{at.day} {at:%b %Y}"


def minutes_left(flags_open: int) -> int:
    """Estimated minutes for the open marks of a document; 0 for none."""
    return -(-flags_open * PER_MARK // 60)


def percent_done(job: dict[str, Any]) -> int:
    """Progress of a job, with its status and sums, as the worklist shows it, 0..100."""
    if job["status"] == JobStatus.COMPLETED:
        return 100
    return min(99, round(100 * transcription.share_done(job)))
