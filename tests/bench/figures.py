"""One figure of a bench, with the limit that it is held against, for `make bench`'s table."""

import json
import math
import os
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` in `unit`; `limit` is the same in the same unit for what can't be beaten: the bare
    engine, a raw publish, COPY, an empty view. `goal` is what the project promises, in words."""

    bench: str
    name: str
    value: float
    unit: str
    limit: float | None = None
    against: str = ""
    goal: str = ""

    @property
    def ratio(self) -> float | None:
        return self.value / self.limit if self.limit else None


def share(values: Collection[float], part: float) -> float:
    """The value that this part of them does not exceed (nearest rank); 0 of none."""
    return sorted(values)[max(0, math.ceil(part * len(values)) - 1)] if values else 0.0


def record(*figures: Figure) -> None:
    """Keeps them for the table, where a run of all benches asked for one (BENCH_FIGURES)."""
    if not (path := os.environ.get("BENCH_FIGURES")):
        return
    with Path(path).open("a") as file:
        for figure in figures:
            file.write(json.dumps(asdict(figure)) + "\n")


def recorded(path: Path) -> list[Figure]:
    """What was kept in this file so far; nothing where there is none."""
    if not path.exists():
        return []
    return [Figure(**json.loads(line)) for line in path.read_text().splitlines()]


def table(figures: list[Figure]) -> str:
    """As Markdown, one line a figure."""
    lines = [
        "| bench | figure | value | against | ratio | goal |",
        "| --- | --- | ---: | --- | ---: | --- |",
    ]
    for each in figures:
        limit = f": {_short(each.limit)} {each.unit}".rstrip() if each.limit else ""
        value = f"{_short(each.value)} {each.unit}".strip()
        ratio = f"{each.ratio:.2f}" if each.ratio is not None else ""
        lines.append(
            f"| {each.bench} | {each.name} | {value} | {each.against}{limit} | {ratio} "
            f"| {each.goal} |"
        )
    return "\n".join(lines) + "\n"


def _short(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
