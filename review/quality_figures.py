"""Figures on quality: what second reviews say of each reviewer by month, and what escaped."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.utils import timezone

from review.enums import Outcome, SecondState
from review.models import SecondReview
from review.permissions import Permission, refusal
from review.plots import Plot, Scale, Series
from review.quality import capture, trend
from review.quality.rubric import Severity
from transcripts.models import Membership

LATELY = timedelta(days=365)
COUNTED = [str(one) for one in Severity if one != Severity.FEEDBACK]
_AS_FOUND = Q(findings__dispute=None) | Q(findings__dispute__outcome__in=["", Outcome.STANDS])
# What is an error still, after its dispute.
_ERROR = _AS_FOUND & Q(findings__severity__in=COUNTED) | Q(findings__dispute__severity__in=COUNTED)
LOWEST = 90  # where the axis of scores begins, unless a mean is lower


@dataclass(frozen=True)
class Figures:
    """`people`: (name, months) of each reviewer. `estimate` is None without a single pair."""

    people: list[tuple[str, list[trend.Month]]]
    estimate: capture.Estimate | None
    documents: int
    words: int
    by_type: list[tuple[str, capture.Estimate, int, int]]

    @property
    def sentence(self) -> str:
        return capture.sentence(self.estimate, self.documents, self.words) if self.estimate else ""


def figures(member: Membership) -> Figures:
    """What this person may see: a manager everybody, others themselves. One query."""
    rows = list(_closed(member))
    people: dict[tuple[str, UUID], list[trend.Scored]] = defaultdict(list)
    for row in rows:
        one = trend.Scored(
            str(row.subject_id),
            timezone.localtime(row.ended_at).date(),
            row.score,
            row.passed,
            row.errors,
            row.words,
        )
        people[row.subject.name, row.subject_id].append(one)
    blind = [row for row in rows if row.independent]
    types = sorted({row.review.recording.get_type_display() for row in blind})
    by_type = [
        (kind, *_pooled([r for r in blind if r.review.recording.get_type_display() == kind]))
        for kind in types
    ]
    return Figures(
        [(name, trend.months(scored)) for (name, _), scored in sorted(people.items())],
        *(_pooled(blind) if blind else (None, 0, 0)),
        by_type,
    )


def _closed(member: Membership) -> Any:
    rows = SecondReview.objects.filter(
        practice=member.practice_id,
        state=SecondState.CLOSED,
        ended_at__gte=timezone.now() - LATELY,
    )
    if refusal(member, Permission.QUALITY):
        rows = rows.filter(subject=member.user_id)
    rows = rows.select_related("subject", "review__recording").defer("typed")
    return rows.annotate(errors=Count("findings", filter=_ERROR))


def _pooled(rows: list[SecondReview]) -> tuple[capture.Estimate, int, int]:
    """The estimate over all, the documents, and their words."""
    both, first, second = (
        sum(getattr(row, name) for row in rows) for name in ("both", "first_only", "second_only")
    )
    return capture.estimate(both, first, second), len(rows), sum(row.words for row in rows)


TREND_HEAD = ["Reviewer", "Month", "Documents", "Words", "Mean score", "95 % from", "95 % to"]
TREND_HEAD += ["Passed", "Errors", "Errors per 1,000 words"]


def trend_rows(found: Figures) -> list[list[Any]]:
    return [
        [
            name,
            f"{one.month:%Y-%m}",
            one.documents,
            one.words,
            f"{one.mean:.2f}",
            "" if one.low is None else f"{one.low:.2f}",
            "" if one.high is None else f"{one.high:.2f}",
            one.passed,
            one.errors,
            "" if one.per_1000 is None else one.per_1000,
        ]
        for name, months in found.people
        for one in months
    ]


ESCAPED_HEAD = ["Documents", "Reviewed twice", "Words", "Found by both", "By the first alone"]
ESCAPED_HEAD += ["By the second alone", "Errors in all", "Escaped", "95 % from", "95 % to"]
ESCAPED_HEAD += ["Found by neither", "Caught by the first"]


def escaped_rows(found: Figures) -> list[list[Any]]:
    if found.estimate is None:
        return []
    every = ("All", found.estimate, found.documents, found.words)
    return [_escaped(*row) for row in [every, *found.by_type]]


def _escaped(name: str, one: capture.Estimate, documents: int, words: int) -> list[Any]:
    unknown = one.found > 0 and not one.both
    left, low, high = one.escaped
    return [
        name,
        documents,
        words,
        one.both,
        one.first,
        one.second,
        *(["unknown"] * 5 if unknown else []),
        *([] if unknown else [f"{one.total:.1f}", f"{left:.1f}", f"{low:.0f}", f"{high:.0f}"]),
        *([] if unknown else [f"{one.unseen[0]:.1f}"]),
        "" if unknown or one.caught is None else f"{one.caught:.0%}",
    ]


def plots(found: Figures) -> list[dict[str, Any]]:
    """A plot for each reviewer: mean scores by month, with their intervals."""
    rows = trend_rows(found)
    drawn = []
    for number, (name, months) in enumerate(found.people):
        if len(months) >= 2:
            mine = [row[1:] for row in rows if row[0] == name]
            table = {"head": TREND_HEAD[1:], "rows": mine}
            drawn.append({"plot": _plot(f"trend-{number}", name, months), "table": table})
    return drawn


def _plot(key: str, name: str, months: list[trend.Month]) -> Plot:
    first = months[0].month
    at = [(m.month.year - first.year) * 12 + m.month.month - first.month for m in months]
    lowest = min([LOWEST, *(int(m.low if m.low is not None else m.mean) for m in months)])
    scale = Scale(float(at[-1]), 100.0 - lowest)
    means = [(float(x), m.mean - lowest) for x, m in zip(at, months, strict=True)]
    band = [
        (float(x), m.low - lowest, m.high - lowest)
        for x, m in zip(at, months, strict=True)
        if m.low is not None and m.high is not None
    ]
    step = max(1, -(-(100 - lowest) // 5))
    y_ticks = [(scale.y(v - lowest), str(v)) for v in range(100, lowest - 1, -step)]
    x_ticks = [(scale.x(x), f"{m.month:%b}") for x, m in zip(at, months, strict=True)]
    pass_line = scale.line([(0.0, 98.0 - lowest), (float(at[-1]), 98.0 - lowest)])
    return Plot(
        key,
        name,
        "Mean score of the documents of each month, with its interval where there are two or more.",
        "Month",
        "Mean score",
        x_ticks,
        y_ticks,
        [("own", scale.band(band))] if band else [],
        [
            Series("Mean score", "raw", scale.line(means), [scale.at(p) for p in means]),
            Series("Passes from 98", "chance", pass_line),
        ],
        None,
        float(at[-1]),
    )
