"""The audit log as a page shows it: by its numbers, which are its times, or by any other field.

By number a page follows from the number of the last row, however long the log is. By another field
the newest WINDOW of the rows that were asked for are put in order, so that no order costs a pass
through a log of years; `top` keeps the pages of one reading together while new rows come.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, Func, IntegerField, OrderBy, QuerySet, TextField, Value
from django.db.models.functions import Lower, NullIf
from django.http import QueryDict

from review.models import AuditEvent

WINDOW = 20_000
NEWEST = "-time"
LONGEST_NUMBER = 17  # digits
FIELDS = {
    "time": "Time",
    "who": "Person",
    "role": "Role",
    "what": "Action",
    "patient": "Patient",
    "object": "Object",
    "outcome": "Outcome",
}
CHOICES = [
    (NEWEST, "Newest first"),
    ("time", "Oldest first"),
    *((name, label) for name, label in FIELDS.items() if name != "time"),
    *((f"-{name}", f"{label}, last first") for name, label in FIELDS.items() if name != "time"),
]


@dataclass(frozen=True, slots=True)
class Reading:
    """A page of rows; `more` is what the address of the next one says, empty at the end.

    `cut`: there are older rows than those that were put in order.
    """

    rows: list[AuditEvent]
    more: dict[str, int]
    first: bool
    cut: bool = False


def read(
    found: QuerySet[AuditEvent], sort: str, asked: QueryDict, *, size: int, head: int, said: dict
) -> Reading:
    """A page of `size` rows of `found`. `head`: the newest number; `said`: what acts are called."""
    if sort == NEWEST:
        before = number(asked, "before")
        rows = found.filter(seq__lt=before) if before is not None else found
        return _by_number(rows.order_by("-seq"), "before", size, before is None)
    if sort == "time":
        after = number(asked, "after")
        rows = found.filter(seq__gt=after) if after is not None else found
        return _by_number(rows.order_by("seq"), "after", size, after is None)
    top = min(number(asked, "top") or head, head)
    page = min(number(asked, "page") or 0, WINDOW // size)
    found = found.filter(seq__lte=top)
    older = found.order_by("-seq").values_list("seq", flat=True)[WINDOW : WINDOW + 1]
    low = next(iter(older), 0)
    rows = found.filter(seq__gt=low).order_by(_order(sort, said), "-seq")
    taken = list(rows.defer("canonical")[page * size : (page + 1) * size + 1])
    more = {"top": top, "page": page + 1} if len(taken) > size else {}
    return Reading(taken[:size], more, page == 0, bool(low))


def _by_number(rows: QuerySet[AuditEvent], name: str, size: int, first: bool) -> Reading:
    taken = list(rows.defer("canonical")[: size + 1])
    more = {name: taken[size - 1].seq} if len(taken) > size else {}
    return Reading(taken[:size], more, first)


def _order(sort: str, said: dict[str, str]) -> OrderBy:
    """By what the page shows; what says nothing comes last either way."""
    shown = {
        "who": Lower("actor_display"),
        "role": NullIf("actor_role", Value("")),
        "what": _place(F("action"), sorted(said, key=lambda action: said[action].casefold())),
        "patient": NullIf("patient", Value("")),
        "object": NullIf("object_type", Value("")),
        "outcome": F("outcome"),
    }
    field = shown[sort.removeprefix("-")]
    return OrderBy(field, descending=sort.startswith("-"), nulls_last=True)


def _place(field: F, order: Iterable[str]) -> Func:
    """Where the field's value stands in a list."""
    values = Func(
        *map(Value, order), template="ARRAY[%(expressions)s]::text[]", output_field=TextField()
    )
    return Func(
        values,
        field,
        template="array_position(%(expressions)s::text)",
        output_field=IntegerField(),
    )


def number(asked: QueryDict, name: str) -> int | None:
    """A row's number as an address says it; None where it says none."""
    said = asked.get(name, "")
    sound = said.isascii() and said.isdecimal() and len(said) <= LONGEST_NUMBER
    return int(said) if sound else None
