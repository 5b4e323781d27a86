"""A chosen point as one cutoff for each class of words: which words are marked. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor

from review.threshold.kinds import Kind, kind_of
from review.threshold.tables import ALL, KINDS, Table, Tables, at, cutoff


@dataclass(frozen=True, slots=True)
class Line:
    """Raw scores below the cutoff of their class (by name) are marked."""

    cutoffs: Mapping[str, float]

    def unsure(self, content: str, raw: float) -> bool:
        return self.below(kind_of(content), raw)

    def below(self, kind: Kind, raw: float) -> bool:
        return not raw >= self.cutoffs[kind.name]  # a score that is no number is marked too


def drawn(ranking: str, threshold: float, used: Tables) -> Line:
    """The line for a threshold of a ranking (see points.RANKINGS) on the tables in use."""
    if ranking == "raw":
        return Line(dict.fromkeys(KINDS, threshold))
    read = {name: used[name if ranking == "classes" else ALL] for name in KINDS}
    return Line({n: round(cutoff(t, threshold), 4) for n, t in read.items()})


def floor_of(line: Line, shown: Table) -> float:
    """The confidence below which every word is marked, whatever its class; in hundredths.

    `shown` is the engine's table from raw scores to the confidence that people see.
    """
    least = min(1.0, min(line.cutoffs.values()))
    return floor(at(shown, least) * 100 + 1e-9) / 100
