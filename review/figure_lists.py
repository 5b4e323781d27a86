"""The lists behind the figures of the dashboard: rows of plain cells, no name of a patient in them.

A list has at most LISTED rows. Where one is of documents, the first cell is the recording's id.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from review import figures
from review.figures import LATELY, NO_EDITS, SIGNED
from review.turnaround import span
from transcripts.enums import Specialty
from transcripts.models import Duty, Worker

LISTED = 500
BY = {
    "changed": "changed::float / greatest(words, 1) DESC",
    "flags": "flags::float / greatest(words, 1) DESC",
    "signed_at": "signed_at DESC",
}


@dataclass(frozen=True, slots=True)
class Listing:
    """A title, what stands in it, heads of columns, rows. `documents`: cells begin with an id."""

    title: str
    about: str
    head: list[str]
    rows: list[list[Any]]
    documents: bool = True


def of(figure: str, practice_id: UUID) -> Listing:
    """The list behind a figure. KeyError for a figure that has none here."""
    return LISTS[figure](practice_id)


def _queue(practice_id: UUID) -> Listing:
    now = timezone.now()
    rows = figures.jobs(practice_id, now).order_by("created_at")
    found = rows.values_list("recording_id", "status", "engine", "attempts", "created_at")
    cells = [
        [recording, status.replace("_", " ").capitalize(), engine, tried, _time(at), span(now - at)]
        for recording, status, engine, tried, at in found[:LISTED]
    ]
    head = ["Recording", "State", "Engine", "Attempts", "Since", "Age"]
    return Listing("Queue", "Jobs that are not ended, the oldest first.", head, cells)


def _jobs(practice_id: UUID) -> Listing:
    rows = figures.jobs(practice_id, timezone.now() - LATELY).order_by("-created_at")
    found = rows.values_list("recording_id", "status", "engine", "model", "created_at")
    cells = [
        [recording, status.replace("_", " ").capitalize(), engine, model, _time(at)]
        for recording, status, engine, model, at in found[:LISTED]
    ]
    head = ["Recording", "State", "Engine", "Model", "Begun"]
    return Listing("Jobs", "Jobs of the last 30 days, the newest first.", head, cells)


def _signed(practice_id: UUID, where: str = "") -> list[list[Any]]:
    query = f"""SELECT * FROM ({SIGNED}) AS signed {where}
        ORDER BY signed_at - received DESC LIMIT {LISTED}"""
    since = timezone.now() - LATELY
    return [
        [
            row["recording_id"],
            _time(row["received"]),
            _time(row["due_at"]) if row["due_at"] else "",
            _time(row["signed_at"]),
            span(row["signed_at"] - row["received"]),
            ("yes" if row["signed_at"] <= row["due_at"] else "late") if row["due_at"] else "",
        ]
        for row in figures.sql(query, practice_id, since=since, no_edits=list(NO_EDITS))
    ]


SIGNED_HEAD = ["Recording", "Received", "Due", "Signed", "Took", "In time"]


def _turnaround(practice_id: UUID) -> Listing:
    about = "Documents signed in the last 30 days, the slowest first."
    return Listing("Turnaround", about, SIGNED_HEAD, _signed(practice_id))


def _unedited(practice_id: UUID) -> Listing:
    about = "Documents signed in the last 30 days whose words nobody changed."
    rows = _signed(practice_id, "WHERE NOT edited")
    return Listing("Signed without an edit", about, SIGNED_HEAD, rows)


def _late(practice_id: UUID) -> Listing:
    now = timezone.now()
    found = figures.late(practice_id).order_by("due_at", "pk")
    rows = [
        [review.recording_id, review.get_state_display(), _time(review.due_at)]
        + [span(now - review.due_at)]
        for review in found[:LISTED]
    ]
    head = ["Recording", "State", "Due", "Late by"]
    return Listing("Late", "Unsigned documents past their time, the latest first.", head, rows)


def _words(title: str, order: str, about: str) -> Callable[[UUID], Listing]:
    query = f"""
        SELECT * FROM (
            SELECT r.recording_id, l.engine, l.model, l.specialty, l.signed_at, l.words, l.changed,
                (SELECT count(*) FROM review_flag AS f
                    WHERE f.review_id = l.review_id AND f.state != 'superseded') AS flags
            FROM review_wordlabels AS l JOIN review_review AS r ON r.id = l.review_id
            WHERE l.practice_id = %(practice)s AND l.signed_at >= %(since)s
        ) AS labelled ORDER BY {BY[order]}, recording_id LIMIT {LISTED}"""
    head = ["Recording", "Engine", "Specialty", "Signed", "Words", "Changed", "Marks"]
    head += ["Changed per 1,000", "Marks per 1,000"]

    def listing(practice_id: UUID) -> Listing:
        found = figures.sql(query, practice_id, since=timezone.now() - LATELY)
        rows = [
            [
                row["recording_id"],
                f"{row['engine']} {row['model']}",
                Specialty(row["specialty"]).label,
            ]
            + [_time(row["signed_at"]), row["words"], row["changed"], row["flags"]]
            + [figures.per_1000(row["changed"], row["words"])]
            + [figures.per_1000(row["flags"], row["words"])]
            for row in found
        ]
        return Listing(title, about, head, rows)

    return listing


def _storage(practice_id: UUID) -> Listing:
    rows = figures.stored(practice_id).order_by("-size", "pk")
    found = rows.values_list("pk", "source", "size", "duration", "created_at")
    cells = [
        [recording, source, size, span(timedelta(seconds=float(seconds))), _time(at)]
        for recording, source, size, seconds, at in found[:LISTED]
    ]
    head = ["Recording", "Source", "Bytes", "Length", "Received"]
    return Listing("Storage", "Recordings by the size of their media.", head, cells)


def _duties(practice_id: UUID) -> Listing:
    rows = [
        [duty.name, _time(duty.due_at), duty.ended_at and _time(duty.ended_at)]
        + [duty.outcome, duty.failures]
        for duty in Duty.objects.order_by("-failures", "name")
    ]
    about = "Work of the installation that recurs by itself; what fails comes first."
    head = ["Duty", "Due", "Last ended", "Outcome", "Failures in a row"]
    return Listing("Duties", about, head, [[x or "" for x in row] for row in rows], documents=False)


def _workers(practice_id: UUID) -> Listing:
    found = Worker.objects.order_by("name")
    rows = [[row.name, _time(row.started_at), _time(row.seen_at)] for row in found]
    about = "Worker processes of the installation in the last day. One alive was seen within 20 s."
    return Listing("Workers", about, ["Worker", "Started", "Seen"], rows, documents=False)


def _time(moment: Any) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M:%S")


LISTS: dict[str, Callable[[UUID], Listing]] = {
    "queue": _queue,
    "jobs": _jobs,
    "turnaround": _turnaround,
    "late": _late,
    "unedited": _unedited,
    "words": _words(
        "Words", "signed_at", "Documents signed in the last 30 days, the newest first."
    ),
    "changed": _words(
        "Changed words", "changed", "Documents signed in the last 30 days, the most changed first."
    ),
    "marks": _words(
        "Marks", "flags", "Documents signed in the last 30 days, the most marks first."
    ),
    "storage": _storage,
    "duties": _duties,
    "workers": _workers,
}
