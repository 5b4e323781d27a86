"""Exports of the audit log: which rows, in which form, with the checkpoints that pin them.

Rows are read in batches by their number, so that memory stays constant however long the log is.
"""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, BinaryIO
from uuid import UUID

from django.db import transaction
from django.db.models import F, Func, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from review.actions import exports
from review.audit import chain, checkpoints
from review.audit.export import FORMS, Pin, jsonl_pin
from review.enums import Action, AuditForm, Rhythm
from review.models import AuditCheckpoint, AuditEvent, AuditSchedule, Export
from review.permissions import Permission
from transcripts import events
from transcripts.models import Practice, User

KIND = "audit-log"
BATCH = 2_000
COLUMNS = ("seq", "stamp", "actor_id", "actor_display", "actor_role", "action", "object_type")
COLUMNS += ("object_id", "object_version", "outcome", "patient", "detail_text", "request_text")
COLUMNS += ("prev_hash", "hash", "canonical")
# Written as text by the database: for a million rows that is minutes of Python.
STAMP = "to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
AS_TEXT = {
    "stamp": Func(F("time"), template=STAMP, output_field=TextField()),
    "detail_text": Cast("detail", TextField()),
    "request_text": Cast("request", TextField()),
}
MOST_PINS = 2_000  # in one file, spread over its rows; the newest is always among them
SUFFIXES = {AuditForm.CSV: "csv", AuditForm.JSONL: "jsonl", AuditForm.FHIR: "ndjson"}
FILTERS = {
    "person": "actor_id",
    "patient": "patient",
    "action": "action",
    "outcome": "outcome",
    "object": "object_id",
    "since": "time__gte",
    "until": "time__lt",
}
DAY = timedelta(days=1)
PAUSES = {
    Rhythm.DAILY: DAY,
    Rhythm.WEEKLY: timedelta(days=7),
    Rhythm.MONTHLY: timedelta(days=30),
}


def register() -> None:
    exports.add(
        KIND,
        exports.Kind(
            label="Export of the audit log",
            make=write,
            permission=Permission.AUDIT,
            file_name=file_name,
            content_type="application/octet-stream",
            shared=True,
        ),
    )


@transaction.atomic
def request(
    *,
    practice: Practice,
    by: User | None,
    form: str,
    filters: dict[str, str] | None = None,
    kept: timedelta | None = exports.KEPT,
) -> Export:
    """An export of the whole log, or of what the filters (keys of FILTERS) leave. May be Refused.

    That the log was exported is the last of the rows that the file is sure to hold.
    """
    export = exports.request(
        kind=KIND,
        practice=practice,
        by=by,
        parameters={"form": str(AuditForm(form)), "filters": filters or {}},
        kept=kept,
    )
    events.emit(
        events.Event(
            action=Action.AUDIT_EXPORTED,
            practice_id=practice.pk,
            by=by,
            object_type="Export",
            object_id=export.pk,
            detail={"form": form, "filtered_by": sorted(filters or {})},
        )
    )
    return export


@transaction.atomic
def to_file(*, practice: Practice, form: str, file: BinaryIO) -> dict[str, Any]:
    """Writes the whole log at once, for the command line; on record like every export."""
    events.emit(
        events.Event(
            action=Action.AUDIT_EXPORTED,
            practice_id=practice.pk,
            object_type="AuditHead",
            detail={"form": str(AuditForm(form)), "filtered_by": []},
        )
    )
    made = Export(practice=practice, parameters={"form": form, "filters": {}})
    return write(made, file, lambda done, of: None)


def write(export: Export, file: BinaryIO, progress: exports.Progress) -> dict[str, Any]:
    """Writes the rows up to a new checkpoint, and the checkpoints. What was written, as numbers."""
    newest = checkpoints.make(export.practice_id)
    assert newest is not None, "the request for the export is a row"
    rows_of, pin_of = FORMS[export.parameters["form"]]
    written = 0

    def counted() -> Iterator[chain.Row]:
        nonlocal written
        for row in rows(export.practice_id, newest.size, export.parameters["filters"]):
            written += 1
            if written % BATCH == 0:
                progress(row.seq, newest.size)
            yield row

    for line in rows_of(counted()):
        file.write(line.encode())
    for pin in pins(export.practice_id, newest):
        file.write(pin_of(pin).encode())
    progress(newest.size, newest.size)
    return {"rows": written, "size": newest.size, "root": newest.root, "head": newest.head}


def narrow(rows: QuerySet[AuditEvent], filters: dict[str, Any]) -> QuerySet[AuditEvent]:
    """Rows that fit all filters that are set; `since` and `until` are days, both included."""
    given = {name: value for name, value in filters.items() if value}
    # As moments, which the index knows.
    if since := given.get("since"):
        given["since"] = _midnight(since)
    if until := given.get("until"):
        given["until"] = _midnight(until, end=True)
    return rows.filter(**{FILTERS[name]: value for name, value in given.items()})


def _midnight(day: date | str, *, end: bool = False) -> datetime:
    """The beginning of a day by the site's clock, or its end; a date or its ISO form."""
    wanted = date.fromisoformat(str(day))
    if end:
        wanted = min(wanted, date.max - DAY) + DAY
    return timezone.make_aware(datetime.combine(wanted, datetime.min.time()))


def rows(practice: UUID, until: int, filters: dict[str, str]) -> Iterator[chain.Row]:
    """The chain's rows up to a number, in order, in batches."""
    found = narrow(AuditEvent.objects.filter(practice=practice, seq__lte=until), filters)
    found = found.annotate(**AS_TEXT).order_by("seq").values_list(*COLUMNS)
    written, after = str(practice), 0
    # Not by way of model instances: these rows are a million at times.
    while batch := list(found.filter(seq__gt=after)[:BATCH]):
        for seq, time, who, name, role, action, kind, thing, version, outcome, *rest in batch:
            patient, detail, request_, prev_hash, value, canonical = rest
            yield chain.Row(
                seq,
                time,
                written,
                {"id": who or None, "display": name, "role": role or None},
                action,
                {"type": kind, "id": thing or None, "version": version or None},
                outcome,
                json.loads(detail),
                patient or None,
                json.loads(request_),
                prev_hash,
                value,
                canonical,
            )
        after = batch[-1][0]


def pins(practice: UUID, newest: AuditCheckpoint) -> Iterator[Pin]:
    """Checkpoints of a chain, thinned out evenly where there are many."""
    found = AuditCheckpoint.objects.filter(practice=practice, size__lte=newest.size)
    step = found.count() // MOST_PINS + 1
    values = found.order_by("size").values_list("size", "statement", "signature", "key_id")
    for number, (size, *pin) in enumerate(values.iterator(chunk_size=BATCH)):
        if number % step == 0 or size == newest.size:
            yield Pin(*pin)


def pin_line(checkpoint: AuditCheckpoint) -> str:
    """A checkpoint as a line of JSON, as it stands in an export."""
    return jsonl_pin(Pin(checkpoint.statement, checkpoint.signature, checkpoint.key_id))


def file_name(export: Export) -> str:
    suffix = SUFFIXES[AuditForm(export.parameters["form"])]
    part = "-selection" if export.parameters["filters"] else ""
    return f"countersign-audit-{export.created_at:%Y-%m-%d}{part}.{suffix}"


@transaction.atomic
def schedule(*, practice: Practice, by: User, rhythm: str, form: str) -> None:
    """Sets how often the log is exported by itself into the storage; "" for never."""
    if rhythm:
        AuditSchedule.objects.update_or_create(
            practice=practice,
            defaults={
                "rhythm": Rhythm(rhythm),
                "form": AuditForm(form),
                "due_at": timezone.now(),
            },
        )
    else:
        AuditSchedule.objects.filter(practice=practice).delete()
    events.emit(
        events.Event(
            action=Action.AUDIT_SCHEDULED,
            practice_id=practice.pk,
            by=by,
            object_type="AuditSchedule",
            detail={"rhythm": rhythm or "never", "form": form},
        )
    )


def request_due() -> dict[str, int]:
    """Asks for the exports that practices' schedules call for; a duty."""
    asked = 0
    for each in AuditSchedule.objects.filter(due_at__lte=timezone.now()):
        with transaction.atomic():
            rows_due = AuditSchedule.objects.filter(pk=each.pk, due_at=each.due_at)
            following = timezone.now() + PAUSES[Rhythm(each.rhythm)]
            if rows_due.update(due_at=following):
                request(practice=each.practice, by=None, form=each.form, kept=None)
                asked += 1
    return {"asked": asked}
