"""Searches of the FHIR endpoint: parameters to rows, rows to searchset Bundles, page by page."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from review.enums import FINAL, AddendumKind, Meaning
from review.models import AuditEvent, Signature
from transcripts.models import Practice

PAGE = 20
MOST = 100
_DATE = re.compile(r"(eq|ge|gt|le|lt)?(\d{4}-\d\d-\d\d)(T\S+)?")
_LOOKUPS = {"ge": "gte", "gt": "gt", "le": "lte", "lt": "lt"}


class BadSearch(Exception):
    """A parameter can't be understood; the message says which and why."""


def documents(practice: Practice, asked: Mapping[str, list[str]]) -> QuerySet[Signature]:
    """Signed documents and addenda of the practice, newest first; each with `superseded`.

    What was returned to its author and signed anew is not there any more.
    """
    later = Signature.objects.filter(review=OuterRef("review"), number__gt=OuterRef("number"))
    anew = later.filter(meaning=Meaning.AUTHOR_ATTESTED, addendum=None)
    amended = later.filter(addendum__kind=AddendumKind.AMENDMENT)
    rows = Signature.objects.filter(
        Q(addendum__isnull=False) | Q(meaning=Meaning.AUTHOR_ATTESTED) & ~Q(Exists(anew)),
        review__practice=practice,
        review__state__in=FINAL,
    ).annotate(
        superseded=ExpressionWrapper(
            Q(Exists(amended)) & ~Q(addendum__kind=AddendumKind.ADDENDUM),
            output_field=BooleanField(),
        )
    )
    rows = rows.select_related("key", "review__recording").order_by("-signed_at", "-id")
    for name, values in asked.items():
        for value in values:
            if name == "patient":
                rows = rows.filter(review__recording__patient=_uuid(name, value))
            elif name == "patient.identifier":
                mrn = value.rpartition("|")[2]
                rows = rows.filter(review__recording__patient__mrn=mrn)
            elif name == "identifier":
                rows = rows.filter(sha256=value.rpartition("|")[2])
            elif name == "status":
                states = {"current": False, "superseded": True}
                asked_for = [states[each] for each in value.split(",") if each in states]
                rows = rows.filter(superseded__in=asked_for)
            elif name == "date":
                rows = rows.filter(_when("signed_at", value))
            else:
                raise BadSearch(f"The search parameter {name[:40]!r} is not known.")
    return rows


def audit(practice: Practice, asked: Mapping[str, list[str]]) -> QuerySet[AuditEvent]:
    """Rows of the practice's audit log, newest first."""
    rows = AuditEvent.objects.filter(practice=practice.pk).order_by("-seq")
    for name, values in asked.items():
        for value in values:
            if name == "date":
                rows = rows.filter(_when("time", value))
            elif name == "patient":
                rows = rows.filter(patient=_uuid(name, value))
            else:
                raise BadSearch(f"The search parameter {name[:40]!r} is not known.")
    return rows


def page(
    rows: QuerySet[Any],
    asked: Mapping[str, list[str]],
    base: str,
    kind: str,
    make: Callable[[Any], dict[str, Any]],
) -> dict[str, Any]:
    """One page of a search as Bundle, with the total and a link to the next."""
    count = _number("_count", asked, PAGE, MOST)
    start = _number("_offset", asked, 0, 10**9)
    found = list(rows[start : start + count + 1])
    kept = {name: values for name, values in asked.items() if name not in ("_count", "_offset")}

    def link(at: int) -> str:
        query = urlencode([*_pairs(kept), ("_count", count), ("_offset", at)])
        return f"{base}/{kind}?{query}"

    links = [{"relation": "self", "url": link(start)}]
    if len(found) > count:
        links.append({"relation": "next", "url": link(start + count)})
    resources = [make(row) for row in found[:count]]
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": rows.count(),
        "link": links,
        "entry": [_entry(base, kind, each) for each in resources],
    }


def _entry(base: str, kind: str, resource: dict[str, Any]) -> dict[str, Any]:
    """A resource that was found, or an OperationOutcome that stands in its place."""
    if resource["resourceType"] != kind:
        return {"resource": resource, "search": {"mode": "outcome"}}
    return {
        "fullUrl": f"{base}/{kind}/{resource['id']}",
        "resource": resource,
        "search": {"mode": "match"},
    }


def narrowing(asked: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The parameters that choose rows, without those that choose the page."""
    return {name: values for name, values in asked.items() if not name.startswith("_")}


def _pairs(asked: Mapping[str, list[str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, values in asked.items() for value in values]


def _number(name: str, asked: Mapping[str, list[str]], otherwise: int, most: int) -> int:
    text = asked.get(name, [str(otherwise)])[-1]
    if not text.isascii() or not text.isdecimal() or len(text) > 10:
        raise BadSearch(f"{name} is a whole number.")
    return min(int(text), most)


def _uuid(name: str, value: str) -> str:
    try:
        return str(UUID(value.rpartition("/")[2]))
    except ValueError:
        raise BadSearch(f"{name} is the id of a Patient.") from None


def _when(field: str, value: str) -> Q:
    """A date or moment with FHIR's prefixes; a day means all of it (UTC)."""
    found = _DATE.fullmatch(value)
    try:
        if not found:
            raise ValueError
        if found[3]:
            start = datetime.fromisoformat(found[2] + found[3])
            start = start if start.tzinfo else start.replace(tzinfo=UTC)
            end = start
        else:
            start = datetime.combine(date.fromisoformat(found[2]), time.min, UTC)
            end = start + timedelta(days=1) - timedelta(microseconds=1)
    except (ValueError, OverflowError):
        raise BadSearch("A date is written as 2026-03-02, ge2026-03-02 or with a time.") from None
    prefix = found[1] or "eq"
    if prefix == "eq":
        return Q(**{f"{field}__gte": start, f"{field}__lte": end})
    edge = end if prefix in ("gt", "le") else start
    return Q(**{f"{field}__{_LOOKUPS[prefix]}": edge})
