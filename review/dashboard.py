"""The dashboard as its page and its files show it: each figure with a value, a table, a chart."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone

from review.figures import Standing, filled, per_1000
from review.turnaround import span
from transcripts.enums import JobStatus, Source, Specialty

NONE = "–"


@dataclass(frozen=True, slots=True)
class Table:
    """Cells by row; None where nothing is known."""

    head: list[str]
    rows: list[list[Any]]

    @property
    def shown(self) -> list[list[Any]]:
        return [[NONE if cell is None else cell for cell in row] for row in self.rows]


@dataclass(frozen=True, slots=True)
class Chart:
    """A table whose first column is a day or an hour, and which of the others are drawn."""

    title: str
    about: str
    table: Table
    lines: list[str]


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` with what it means, the page behind it (`to`), its table; a chart for some."""

    name: str
    title: str
    value: str
    note: str
    to: str
    table: Table
    chart: Chart | None = None
    trouble: bool = False


def _chart(title: str, about: str, table: Table, lines: list[str]) -> Chart | None:
    """None where nothing is known of any line."""
    drawn = [table.head.index(name) for name in lines]
    known = any(row[at] is not None for row in table.rows for at in drawn)
    return Chart(title, about, table, lines) if known else None


def _known(table: Table, chart: Chart | None) -> Table:
    """The table without its rows of nothing, where there is nothing to draw."""
    return table if chart else Table(table.head, [])


def figures(now: Standing) -> list[Figure]:
    """All figures, what is in work first."""
    return [
        _queue(now),
        _late(now),
        _turnaround(now),
        _jobs(now),
        _words(now),
        _unedited(now),
        _changed(now),
        _marks(now),
        _drift(now),
        _audit(now),
        _duties(now),
        _storage(now),
        _workers(now),
    ]


def _list(name: str) -> str:
    return reverse("dashboard-list", args=[name])


def _queue(now: Standing) -> Figure:
    waiting = [row for row in now.jobs if row["status"] in ("QUEUED", "IN_PROGRESS")]
    rows = [
        [JobStatus(row["status"]).label, row["many"], span(now.at - row["oldest"])]
        for row in waiting
    ]
    note = f"the oldest for {span(now.oldest)}" if now.oldest is not None else "nothing waits"
    head = ["State", "Jobs", "Oldest"]
    return Figure(
        "queue", "In the queue", f"{now.waiting:,}", note, _list("queue"), Table(head, rows)
    )


def _late(now: Standing) -> Figure:
    rows = [["Unsigned documents past their time", now.late]]
    table, note = Table(["What", "Documents"], rows), "unsigned documents past their time"
    value, trouble = f"{now.late:,}", now.late > 0
    return Figure("late", "Late now", value, note, _list("late"), table, trouble=trouble)


def _turnaround(now: Standing) -> Figure:
    all_ = now.signed
    head = ["Day", "Signed", "p50, hours", "p95, hours", "Due after, hours", "Late"]
    rows = [
        [day.isoformat(), row.get("documents", 0), *(_hours(row.get(k)) for k in WAYS)]
        + [row.get("late", 0)]
        for day, row in filled(now.days, now.at)
    ]
    value, note = NONE, "nothing was signed in the last 30 days"
    if all_["documents"]:
        value = f"{_span(all_['p50'])} / {_span(all_['p95'])}"
        note = f"half / 95 % of {all_['documents']:,} documents in 30 days"
        if all_["with_due"]:
            in_time = 1 - all_["late"] / all_["with_due"]
            note += f"; due after {_span(all_['target'])}, {in_time:.0%} in time"
    about, table = "Hours from arrival to signature.", Table(head, rows)
    chart = _chart("Turnaround by day", about, table, head[2:5])
    title, to = "Turnaround p50 / p95", _list("turnaround")
    return Figure("turnaround", title, value, note, to, _known(table, chart), chart)


WAYS = ("p50", "p95", "target")


def _jobs(now: Standing) -> Figure:
    known = {row["status"]: row["many"] for row in now.jobs}
    rows = [[status.label, known.get(status, 0)] for status in JobStatus]
    failed = known.get(JobStatus.FAILED, 0)
    value, note = f"{sum(known.values()):,}", f"jobs of 30 days, {failed:,} failed"
    head = ["State", "Jobs"]
    return Figure("jobs", "Jobs by state", value, note, _list("jobs"), Table(head, rows))


def _words(now: Standing) -> Figure:
    rows = [
        [timezone.localtime(row["hour"]).strftime("%Y-%m-%d %H:%M"), row["documents"], row["words"]]
        for row in now.hours
    ]
    about = "Words of the machine in documents, by the hour in which they were signed."
    table = Table(["Hour", "Documents", "Words"], rows)
    spoken = any(row["words"] for row in now.hours)
    chart = _chart("Words by hour", about, table, ["Words"]) if spoken else None
    note, value = "in signed documents, mean of the last 24 hours", f"{now.words_an_hour:,.0f}"
    to, known = _list("words"), _known(table, chart)
    return Figure("words", "Words an hour", value, note, to, known, chart)


def _unedited(now: Standing) -> Figure:
    rows = [
        [day.isoformat(), row.get("documents", 0), row.get("unedited", 0), _percent(row)]
        for day, row in filled(now.days, now.at)
    ]
    table = Table(["Day", "Signed", "Without an edit", "Per cent"], rows)
    about = "Per cent of the documents signed on a day."
    chart = _chart("Signed without an edit, by day", about, table, ["Per cent"])
    share = _percent(now.signed)
    value = NONE if share is None else f"{share:g} %"
    note = f"{now.signed['unedited']:,} of {now.signed['documents']:,} documents in 30 days"
    title, to = "Signed without an edit", _list("unedited")
    return Figure("unedited", title, value, note, to, _known(table, chart), chart)


def _rate(now: Standing, name: str, title: str, what: str, column: str) -> Figure:
    by_day = [
        [day.isoformat(), row.get("words", 0), row.get(column, 0)]
        + [per_1000(row.get(column), row.get("words"))]
        for day, row in filled(now.words_by_day, now.at)
    ]
    about = f"{what} per 1,000 words of the machine in the documents signed on a day."
    days = Table(["Day", "Words", what, "Per 1,000"], by_day)
    chart = _chart(f"{title}, by day", about, days, ["Per 1,000"])
    rows = [
        [f"{row['engine']} {row['model']}", Specialty(row["specialty"]).label, row["documents"]]
        + [row["words"], row[column], per_1000(row[column], row["words"])]
        for row in now.words_by_kind
    ]
    rate = per_1000(now.words[column], now.words["words"])
    value = NONE if rate is None else f"{rate:,.1f}"
    note = f"{now.words[column] or 0:,} in {now.words['words'] or 0:,} words of 30 days"
    table = Table(["Engine", "Specialty", "Documents", "Words", what, "Per 1,000"], rows)
    return Figure(name, title, value, note, _list(name), table, chart)


def _changed(now: Standing) -> Figure:
    return _rate(now, "changed", "Changed words per 1,000", "Changed words", "changed")


def _marks(now: Standing) -> Figure:
    return _rate(now, "marks", "Marks per 1,000 words", "Marks", "flags")


def _drift(now: Standing) -> Figure:
    rows = [
        [one["name"], one["alarm"].get_way_display(), round(one["alarm"].before, 1)]
        + [round(one["alarm"].after, 1), one["alarm"].documents]
        for one in now.drift
    ]
    head = ["Of", "Way", "Before, per 1,000", "After, per 1,000", "Documents since"]
    value, note = str(len(rows)), "that nobody has acknowledged"
    to = reverse("thresholds")
    return Figure("drift", "Drift alarms", value, note, to, Table(head, rows), trouble=bool(rows))


def _audit(now: Standing) -> Figure:
    found, head = now.check, ["Ended", "Holds", "Events", "First that does not hold"]
    to = reverse("audit")
    if found is None:
        return Figure("audit", "Audit log", NONE, "was not checked yet", to, Table(head, []))
    value = "Holds" if found.ok else "Broken"
    ended = timezone.localtime(found.ended_at).strftime("%Y-%m-%d %H:%M")
    note = f"{found.size:,} events, checked {span(now.at - found.ended_at)} ago"
    rows = [[ended, "yes" if found.ok else "no", found.size, found.broken_seq or ""]]
    return Figure("audit", "Audit log", value, note, to, Table(head, rows), trouble=not found.ok)


def _duties(now: Standing) -> Figure:
    names, value = now.failing, str(len(now.failing))
    note = ", ".join(names[:3]) if names else "all recurring work went well"
    table, to = Table(["Duty"], [[name] for name in names]), _list("duties")
    return Figure("duties", "Duties failing", value, note, to, table, trouble=bool(names))


def _storage(now: Standing) -> Figure:
    rows = [
        [
            Source(row["source"]).label,
            row["many"],
            row["bytes"],
            round(float(row["seconds"]) / 3600, 1),
        ]
        for row in now.storage
    ]
    value = filesizeformat(sum(row["bytes"] for row in now.storage))
    many = sum(row["many"] for row in now.storage)
    head, note = ["Source", "Recordings", "Bytes", "Hours"], f"media of {many:,} recordings"
    return Figure("storage", "Storage", value, note, _list("storage"), Table(head, rows))


def _workers(now: Standing) -> Figure:
    rows = [[row.name, span(now.at - row.started_at)] for row in now.workers]
    value, note = str(len(rows)), "alive, of the whole installation"
    to, head = _list("workers"), ["Worker", "Up for"]
    return Figure("workers", "Workers", value, note, to, Table(head, rows), trouble=not rows)


def _percent(row: dict[str, Any]) -> float | None:
    return round(100 * row["unedited"] / row["documents"], 1) if row.get("documents") else None


def _hours(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds / 3600, 2)


def _span(seconds: float) -> str:
    return span(timedelta(seconds=seconds))
