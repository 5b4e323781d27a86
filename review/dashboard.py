"""The dashboard as its page and its files show it: each figure with a value, a table and a plot."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone

from review.figures import Standing, filled, per_1000
from review.plots import Plot, Scale, Series, nice
from review.turnaround import span
from transcripts.enums import JobStatus, Source, Specialty

NONE = "–"


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` with what it means, the page behind it (`to`), and its table; a plot for some."""

    name: str
    title: str
    value: str
    note: str
    to: str
    head: list[str]
    rows: list[list[Any]]
    plot: Plot | None = None
    trouble: bool = False
    drawn: tuple[list[str], list[list[Any]]] | None = None  # of the plot, where it is another table

    @property
    def table(self) -> dict[str, Any]:
        return _shown(self.head, self.rows)

    @property
    def drawn_table(self) -> dict[str, Any]:
        return _shown(*self.drawn) if self.drawn else self.table


def _shown(head: list[str], rows: list[list[Any]]) -> dict[str, Any]:
    return {"head": head, "rows": [[NONE if c is None else c for c in row] for row in rows]}


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
    return Figure("queue", "In the queue", f"{now.waiting:,}", note, _list("queue"), head, rows)


def _late(now: Standing) -> Figure:
    rows = [["Unsigned documents past their time", now.late]]
    head, note = ["What", "Documents"], "unsigned documents past their time"
    return Figure(
        "late", "Late now", f"{now.late:,}", note, _list("late"), head, rows, trouble=now.late > 0
    )


def _turnaround(now: Standing) -> Figure:
    all_ = now.signed
    days = filled(now.days, now.at)
    head = ["Day", "Signed", "p50, hours", "p95, hours", "Due after, hours", "Late"]
    rows = [
        [day.isoformat(), row.get("documents", 0), *(_hours(row.get(k)) for k in WAYS)]
        + [row.get("late", 0)]
        for day, row in days
    ]
    value, note = NONE, "nothing was signed in the last 30 days"
    if all_["documents"]:
        value = f"{_span(all_['p50'])} / {_span(all_['p95'])}"
        note = f"half / 95 % of {all_['documents']:,} documents in 30 days"
        if all_["with_due"]:
            in_time = 1 - all_["late"] / all_["with_due"]
            note += f"; due after {_span(all_['target'])}, {in_time:.0%} in time"
    lines = [
        (label, look, [_hours(row.get(key)) for _, row in days])
        for label, look, key in (
            ("p50", "raw", "p50"),
            ("p95", "cal", "p95"),
            ("due", "chance", "target"),
        )
    ]
    plot = _plot("turnaround", "Turnaround by day", "Hours from arrival to signature.", lines)
    to = _list("turnaround")
    return Figure(
        "turnaround", "Turnaround p50 / p95", value, note, to, head, rows if plot else [], plot
    )


WAYS = ("p50", "p95", "target")


def _jobs(now: Standing) -> Figure:
    known = {row["status"]: row["many"] for row in now.jobs}
    rows = [[status.label, known.get(status, 0)] for status in JobStatus]
    failed = known.get(JobStatus.FAILED, 0)
    value, note = f"{sum(known.values()):,}", f"jobs of 30 days, {failed:,} failed"
    head = ["State", "Jobs"]
    return Figure("jobs", "Jobs by state", value, note, _list("jobs"), head, rows)


def _words(now: Standing) -> Figure:
    rows = [
        [timezone.localtime(row["hour"]).strftime("%Y-%m-%d %H:%M"), row["documents"], row["words"]]
        for row in now.hours
    ]
    lines = [("words", "raw", [row["words"] for row in now.hours])]
    about = "Words of the machine in documents, by the hour in which they were signed."
    spoken = any(row["words"] for row in now.hours)
    plot = _plot("words", "Words by hour", about, lines, "Hours ago") if spoken else None
    note = "in signed documents, mean of the last 24 hours"
    value, head = f"{now.words_an_hour:,.0f}", ["Hour", "Documents", "Words"]
    return Figure(
        "words", "Words an hour", value, note, _list("words"), head, rows if plot else [], plot
    )


def _unedited(now: Standing) -> Figure:
    days = filled(now.days, now.at)
    rows = [
        [day.isoformat(), row.get("documents", 0), row.get("unedited", 0), _percent(row)]
        for day, row in days
    ]
    lines = [("share", "raw", [_percent(row) for _, row in days])]
    about = "Per cent of the documents signed on a day."
    plot = _plot("unedited", "Signed without an edit, by day", about, lines)
    share = _percent(now.signed)
    value = NONE if share is None else f"{share:g} %"
    note = f"{now.signed['unedited']:,} of {now.signed['documents']:,} documents in 30 days"
    head = ["Day", "Signed", "Without an edit", "Per cent"]
    to = _list("unedited")
    return Figure(
        "unedited", "Signed without an edit", value, note, to, head, rows if plot else [], plot
    )


def _rate(now: Standing, name: str, title: str, what: str, column: str) -> Figure:
    days = filled(now.words_by_day, now.at)
    rates = [per_1000(row.get(column), row.get("words")) for _, row in days]
    about = f"{what} per 1,000 words of the machine in the documents signed on a day."
    plot = _plot(name, f"{title}, by day", about, [(what.lower(), "raw", rates)])
    rows = [
        [f"{row['engine']} {row['model']}", Specialty(row["specialty"]).label, row["documents"]]
        + [row["words"], row[column], per_1000(row[column], row["words"])]
        for row in now.words_by_kind
    ]
    rate = per_1000(now.words[column], now.words["words"])
    value = NONE if rate is None else f"{rate:,.1f}"
    note = f"{now.words[column] or 0:,} in {now.words['words'] or 0:,} words of 30 days"
    head = ["Engine", "Specialty", "Documents", "Words", what, "Per 1,000"]
    by_day = [
        [day.isoformat(), row.get("words", 0), row.get(column, 0), each]
        for (day, row), each in zip(days, rates, strict=True)
    ]
    drawn = (["Day", "Words", what, "Per 1,000"], by_day)
    to = _list(name)
    return Figure(name, title, value, note, to, head, rows, plot, drawn=drawn)


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
    return Figure("drift", "Drift alarms", value, note, to, head, rows, trouble=bool(rows))


def _audit(now: Standing) -> Figure:
    found, head = now.check, ["Ended", "Holds", "Events", "First that does not hold"]
    to = reverse("audit")
    if found is None:
        return Figure("audit", "Audit log", NONE, "was not checked yet", to, head, [])
    value = "Holds" if found.ok else "Broken"
    ended = timezone.localtime(found.ended_at).strftime("%Y-%m-%d %H:%M")
    note = f"{found.size:,} events, checked {span(now.at - found.ended_at)} ago"
    rows = [[ended, "yes" if found.ok else "no", found.size, found.broken_seq or ""]]
    return Figure("audit", "Audit log", value, note, to, head, rows, trouble=not found.ok)


def _duties(now: Standing) -> Figure:
    names, value = now.failing, str(len(now.failing))
    note = ", ".join(names[:3]) if names else "all recurring work went well"
    rows, to = [[name] for name in names], _list("duties")
    return Figure("duties", "Duties failing", value, note, to, ["Duty"], rows, trouble=bool(names))


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
    return Figure("storage", "Storage", value, note, _list("storage"), head, rows)


def _workers(now: Standing) -> Figure:
    rows = [[row.name, span(now.at - row.started_at)] for row in now.workers]
    value, note = str(len(rows)), "alive, of the whole installation"
    to, head = _list("workers"), ["Worker", "Up for"]
    return Figure("workers", "Workers", value, note, to, head, rows, trouble=not rows)


def _plot(
    name: str,
    title: str,
    about: str,
    lines: list[tuple[str, str, list[float | None]]],
    x_label: str = "Days ago",
) -> Plot | None:
    """A plot over the past, the newest at the right; None where nothing is known."""
    known = [value for _, _, values in lines for value in values if value is not None]
    if not known:
        return None
    count = len(lines[0][2]) - 1
    most, step = nice(max(known))
    scale = Scale(float(count), most)
    series = []
    for label, look, values in lines:
        points = [(float(x), value) for x, value in enumerate(values) if value is not None]
        dots = [scale.at(point) for point in points]
        series.append(Series(label, look, scale.line(points), dots))
    ticks = [(scale.x(count - ago), str(ago)) for ago in range(0, count + 1, max(1, count // 6))]
    y_ticks = scale.y_ticks(step, "{:g}")
    return Plot(name, title, about, x_label, title, ticks, y_ticks, [], series, None, float(count))


def _percent(row: dict[str, Any]) -> float | None:
    return round(100 * row["unedited"] / row["documents"], 1) if row.get("documents") else None


def _hours(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds / 3600, 2)


def _span(seconds: float) -> str:
    return span(timedelta(seconds=seconds))
