"""The four plots of the threshold workbench, and the tables beside them, from a report."""

from typing import Any

from review.plots import Plot, Scale, Series, nice
from review.threshold.points import RANKINGS, Point
from review.threshold.points import at as between
from review.thresholds import Bench

SHARES = (0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
MOST = 0.5
LOOKS = {"raw": "raw", "calibrated": "cal", "classes": "cls"}


def plots(bench: Bench, point: Point | None) -> list[dict[str, Any]]:
    """Each plot with the head and the rows of its table."""
    if not bench.points:
        return []
    return [
        {"plot": _caught(bench, point), "table": _caught_table(bench)},
        {"plot": _minutes(bench, point), "table": _minutes_table(bench)},
        {"plot": _critical(bench, point), "table": _critical_table(bench)},
        {"plot": _reliability(bench), "table": _reliability_table(bench)},
    ]


def rows_of(points: list[Point]) -> list[Point]:
    """The points of the tables: those that really exist, near round shares of flagged words."""
    if not points:
        return []
    near = [min(points, key=lambda p: abs(p["flagged"] - share)) for share in SHARES]
    return list({point["t"]: point for point in near}.values())


def share(value: float) -> str:
    return f"{value * 100:.1f} %" if value < 0.0995 else f"{value * 100:.0f} %"


def of(point: Point, what: str, low: str, high: str) -> str:
    """A share with its interval."""
    return f"{share(point[what])} ({share(point[low])} to {share(point[high])})"


def _caught(bench: Bench, point: Point | None) -> Plot:
    scale = Scale(MOST)
    lines = bench.report["rankings"]
    series = [
        Series(label, LOOKS[name], scale.line((p["flagged"], p["caught"]) for p in lines[name]))
        for name, label in RANKINGS.items()
    ]
    series.append(Series("Marks at random", "chance", scale.line([(0, 0), (1, 1)])))
    bands = [
        ("own", scale.band([(p["flagged"], p["lo"], p["hi"]) for p in bench.points])),
        ("chance", _chance(scale, bench.points)),
    ]
    return Plot(
        "caught",
        "Errors caught against words flagged",
        "Each line rises from no words flagged to half of all. The higher, the more errors are "
        "caught for the same number of marks.",
        "Words flagged",
        "Errors caught",
        scale.x_ticks(0.1),
        scale.y_ticks(0.2),
        bands,
        series,
        point and scale.at((point["flagged"], point["caught"])),
        MOST,
    )


def _chance(scale: Scale, points: list[Point]) -> str:
    return scale.band([(p["flagged"], p["control_lo"], p["control_hi"]) for p in points])


def _caught_table(bench: Bench) -> dict[str, Any]:
    lines = bench.report["rankings"]
    rows = []
    for each in SHARES:
        points = {name: between(lines[name], each) for name in RANKINGS}
        chance = points["raw"]
        rows.append(
            [share(each)]
            + [of(points[name], "caught", "lo", "hi") for name in RANKINGS]
            + [of(chance, "control", "control_lo", "control_hi")]
        )
    return {"head": ["Words flagged", *RANKINGS.values(), "At random"], "rows": rows}


def _minutes(bench: Bench, point: Point | None) -> Plot:
    most, step = nice(MOST * bench.words_a_day * bench.pace / 60)
    scale = Scale(most)
    line = scale.line((bench.minutes(p), p["caught"]) for p in bench.points)
    end = bench.words_a_day * bench.pace / 60
    chance = scale.line([(0, 0), (end, 1)])
    return Plot(
        "minutes",
        "Minutes a day",
        "What the marks of each point take in a day, and the share of errors that this catches.",
        "Minutes a day",
        "Errors caught",
        scale.x_ticks(step, "{:g}"),
        scale.y_ticks(0.2),
        [],
        [
            Series(RANKINGS[bench.choice.ranking], LOOKS[bench.choice.ranking], line),
            Series("Marks at random", "chance", chance),
        ],
        point and scale.at((bench.minutes(point), point["caught"])),
        most,
    )


def _minutes_table(bench: Bench) -> dict[str, Any]:
    rows = [
        [
            f"{bench.minutes(p):g}",
            share(p["flagged"]),
            of(p, "caught", "lo", "hi"),
            of(p, "control", "control_lo", "control_hi"),
        ]
        for p in rows_of(bench.points)
    ]
    return {"head": ["Minutes a day", "Words flagged", "Errors caught", "At random"], "rows": rows}


def _critical(bench: Bench, point: Point | None) -> Plot:
    scale = Scale(MOST)
    points = bench.points
    line = scale.line((p["flagged"], p["critical"]) for p in points)
    band = scale.band([(p["flagged"], p["critical_lo"], p["critical_hi"]) for p in points])
    return Plot(
        "critical",
        "Errors in critical words",
        "Drug names, numbers and units, negation and side. Safety checks mark many of these words "
        "anyway, whatever the threshold.",
        "Words flagged",
        "Critical errors caught",
        scale.x_ticks(0.1),
        scale.y_ticks(0.2),
        [("own", band)],
        [
            Series(RANKINGS[bench.choice.ranking], LOOKS[bench.choice.ranking], line),
            Series("Marks at random", "chance", scale.line([(0, 0), (1, 1)])),
        ],
        point and scale.at((point["flagged"], point["critical"])),
        MOST,
    )


def _critical_table(bench: Bench) -> dict[str, Any]:
    rows = [
        [share(p["flagged"]), of(p, "critical", "critical_lo", "critical_hi"), share(p["control"])]
        for p in rows_of(bench.points)
    ]
    return {"head": ["Words flagged", "Critical errors caught", "At random"], "rows": rows}


def _reliability(bench: Bench) -> Plot:
    scale = Scale(1.0)
    series = []
    for name in RANKINGS:
        bins = bench.report["reliability"][name]["bins"]
        path = scale.line((each["score"], each["kept"]) for each in bins)
        dots = [scale.at((each["score"], each["kept"])) for each in bins]
        series.append(Series(RANKINGS[name], LOOKS[name], path, dots))
    series.append(Series("An honest score", "chance", scale.line([(0, 0), (1, 1)])))
    return Plot(
        "reliability",
        "How honest the scores are",
        "Words in ten groups of equal size, by score. Below the straight line a score promises "
        "more than it keeps.",
        "Score of the words",
        "Share that was kept",
        scale.x_ticks(0.2),
        scale.y_ticks(0.2),
        [],
        series,
        None,
        1.0,
    )


def _reliability_table(bench: Bench) -> dict[str, Any]:
    rows = []
    for name, label in RANKINGS.items():
        found = bench.report["reliability"][name]
        for each in found["bins"]:
            kept = of(each, "kept", "lo", "hi")
            rows.append([label, str(each["words"]), f"{each['score'] * 100:.1f} %", kept])
        rows.append([label, "all", "mean distance", f"{found['ece'] * 100:.1f} points"])
    return {"head": ["Score", "Words", "Promised", "Kept"], "rows": rows}
