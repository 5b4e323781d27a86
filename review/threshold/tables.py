"""Fitted tables and how they are read, in plain Python: web processes load no numpy. Pure.

A table is points (score, share of such words that is kept), both rising. There is one for each
class of words, by its name, and one for all words.
"""

from bisect import bisect_left, bisect_right

from review.threshold.kinds import Kind

Table = list[list[float]]
Tables = dict[str, Table]  # by the name of a Kind, and ALL
Calibrated = dict[str, Tables]  # by type

IDENTITY: Table = [[0.0, 0.0], [1.0, 1.0]]
ALL = "all"
KINDS = tuple(kind.name for kind in Kind)
LAST = 20  # documents that a change is previewed on
ENOUGH_DOCUMENTS, ENOUGH_CHANGED = 20, 50  # signed, before a practice's own figures are believed


def at(table: Table, score: float) -> float:
    """The share kept for a score, by a straight line between the points around it; outside them
    the first or the last. A score that is no number counts as 0."""
    score = score if score == score else 0.0
    n = bisect_right(table, score, key=lambda point: point[0])
    if n == 0 or n == len(table):
        return table[max(0, n - 1)][1]
    (x0, y0), (x1, y1) = table[n - 1], table[n]
    return y0 + (y1 - y0) * (score - x0) / (x1 - x0)


def cutoff(table: Table, share: float) -> float:
    """The score from which on at least `share` is kept; words below it are to be marked.

    0 when all are that good, above 1 when none is.
    """
    n = bisect_left(table, share, key=lambda point: point[1])
    if n == 0:
        return 0.0
    if n == len(table):
        return 1.01
    (x0, y0), (x1, y1) = table[n - 1], table[n]
    return x0 + (x1 - x0) * (share - y0) / (y1 - y0)


def tables_for(type: str, fitted: Calibrated, prior: Tables | None) -> Tables:
    """The tables in use for a type: its own, else the prior, else the engine's own scores."""
    return fitted.get(type) or prior or dict.fromkeys((ALL, *KINDS), IDENTITY)
