"""From an engine's score to the share of such words that is kept: isotonic regression. Pure.

The fit never falls: a word with a higher score is never said to be less sure. Few words change
little: every table leans on a parent (the engine's own score, the bundled recordings, all words of
the practice), which counts as so many words more, spread where the words themselves are.
"""

from collections.abc import Sequence

import numpy as np

from review.threshold.tables import IDENTITY, Table

LEAN = 100.0  # words that the parent of a table counts for
_SPREAD = 20  # places where the parent is read
_LEAST, _MOST = 0.001, 0.9999  # nothing is certain


def pava(values: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The never-falling sequence with the least weighted sum of squared distances to `values`.

    Pool adjacent violators (Ayer et al. 1955), linear in time. Weights are above 0.
    """
    pools: list[list[float]] = []  # weight, weight * value, how many values
    for value, weight in zip(values, weights, strict=True):
        pools.append([weight, weight * value, 1])
        while len(pools) > 1 and pools[-2][1] * pools[-1][0] >= pools[-1][1] * pools[-2][0]:
            last = pools.pop()
            pools[-1] = [a + b for a, b in zip(pools[-1], last, strict=True)]
    return [total / weight for weight, total, many in pools for _ in range(int(many))]


def fit(
    scores: np.ndarray, kept: np.ndarray, parent: Table = IDENTITY, lean: float = LEAN
) -> Table:
    """The table of words with these scores (0..1), of which some were kept (true), under a parent.

    Points (score, share kept), both rising; without words it is the parent.
    """
    if not len(scores):
        return parent
    spread = np.quantile(scores, (np.arange(_SPREAD) + 0.5) / _SPREAD)
    x = np.concatenate([scores, spread])
    y = np.concatenate([kept.astype(float), read(parent, spread)])
    w = np.concatenate([np.ones(len(scores)), np.full(_SPREAD, lean / _SPREAD)])
    # Words with one score are one point: their order must not matter.
    at, where = np.unique(np.round(x, 4), return_inverse=True)
    weight = np.bincount(where, w)
    value = np.bincount(where, w * y) / weight
    fitted = np.clip(pava(value.tolist(), weight.tolist()), _LEAST, _MOST)
    return _points(at, fitted, weight)


def read(table: Table, scores: np.ndarray) -> np.ndarray:
    """The share kept for each score, by straight lines between the points; a score that is no
    number counts as 0."""
    points = np.asarray(table)
    return np.interp(np.nan_to_num(scores), points[:, 0], points[:, 1])


def _points(at: np.ndarray, fitted: np.ndarray, weight: np.ndarray) -> Table:
    """One point a pool, at its mean score: a few dozen however many words there were."""
    edges = np.concatenate([[True], np.diff(fitted) > 1e-12])
    pool = np.cumsum(edges) - 1
    many = np.bincount(pool, weight)
    x = np.bincount(pool, weight * at) / many
    y = fitted[edges]
    made: Table = []
    for score, share in zip(np.round(x, 4).tolist(), np.round(y, 5).tolist(), strict=True):
        if made and score <= made[-1][0]:
            made[-1][1] = max(made[-1][1], share)
        else:
            made.append([score, share])
    return made
