"""Errors caught against words flagged, with what chance would catch and how sure that is. Pure.

An error is a word that the signed document changed. Flagged are the words whose score is below a
threshold. A figure is never alone: each point has the share flagged, the share of errors caught,
and the share that marks at random at the same rate catch, with 95 % intervals.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from review.threshold.points import Point, control, wilson

SHARES = [n / 200 for n in range(20)] + [n / 100 for n in range(10, 30)]
SHARES += [n / 20 for n in range(6, 21)]
DRAWS = 200  # of the bootstrap


def curve(
    scores: np.ndarray, changed: np.ndarray, critical: np.ndarray, document: np.ndarray
) -> list[Point]:
    """Points in rising order of the share flagged, from none to all.

    One entry a word: score, whether it was changed, whether its class is critical, and the number
    of its document, from 0. Keys: t, the threshold; flagged, caught (lo, hi), control (control_lo,
    control_hi), critical (critical_lo, critical_hi; the caught share of changed critical words).
    """
    if not len(scores):
        return []
    lines = _thresholds(scores)
    flagged = _below(scores, lines)
    errors = _by_document(scores[changed], document[changed], lines)
    grave = scores[changed & critical]
    grave_flagged = _below(grave, lines)
    low, high = _interval(errors)
    caught, total = errors[:, :-1].sum(0), int(errors[:, -1].sum())
    points: list[Point] = []
    for n, line in enumerate(lines):
        share = flagged[n] / len(scores)
        by_chance = control(share, len(scores), total)
        of_grave = wilson(grave_flagged[n], len(grave))
        points.append(
            {
                "t": line,
                "flagged": share,
                "caught": caught[n] / total if total else 0.0,
                "lo": low[n],
                "hi": high[n],
                "control": share,
                "control_lo": by_chance[0],
                "control_hi": by_chance[1],
                "critical": grave_flagged[n] / len(grave) if len(grave) else 0.0,
                "critical_lo": of_grave[0],
                "critical_hi": of_grave[1],
            }
        )
    return [{key: round(float(value), 4) for key, value in point.items()} for point in points]


def reliability(scores: np.ndarray, kept: np.ndarray, bins: int = 10) -> dict[str, Any]:
    """How honest scores are: bins of about as many words each, and the mean distance (ece).

    A bin has words, score (mean), kept (share) and its interval lo, hi.
    """
    if not len(scores):
        return {"bins": [], "ece": 0.0}
    order = np.argsort(scores, kind="stable")
    made = []
    for part in np.array_split(order, min(bins, len(order))):
        good = float(kept[part].mean())
        low, high = wilson(good * len(part), len(part))
        mean = float(scores[part].mean())
        made.append({"words": len(part), "score": mean, "kept": good, "lo": low, "hi": high})
    off = sum(abs(bin["score"] - bin["kept"]) * bin["words"] for bin in made) / len(scores)
    rounded = [{key: round(value, 4) for key, value in bin.items()} for bin in made]
    return {"bins": rounded, "ece": round(off, 4)}


def _thresholds(scores: np.ndarray) -> list[float]:
    """Thresholds that flag about the wanted shares; words of one score are flagged together."""
    ordered = np.sort(scores)
    places = [min(len(ordered) - 1, int(share * len(ordered))) for share in SHARES]
    found = np.round(ordered[places], 4).tolist()
    return sorted({min(1.0, line) for line in found} | {0.0, 1.0 if ordered[-1] < 1 else 1.0001})


def _below(scores: np.ndarray, lines: Sequence[float]) -> np.ndarray:
    return np.searchsorted(np.sort(scores), lines, side="left")


def _by_document(scores: np.ndarray, document: np.ndarray, lines: Sequence[float]) -> np.ndarray:
    """Errors of each document below each threshold; the last column has all of them."""
    documents = int(document.max()) + 1 if len(document) else 1
    bins = np.searchsorted(np.asarray(lines), scores, side="right")
    count = np.zeros((documents, len(lines) + 1))
    np.add.at(count, (document, bins), 1)
    return np.cumsum(count, axis=1)


def _interval(errors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """95 % for the share caught: the wider of Wilson's and of a bootstrap by document."""
    total = errors[:, -1].sum()
    pairs = [wilson(part, total) for part in errors[:, :-1].sum(0)]
    low, high = np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])
    documents = len(errors)
    if documents < 2 or not total:
        return low, high
    draws = np.random.default_rng(1).multinomial(documents, [1 / documents] * documents, DRAWS)
    sums = draws @ errors
    sums = sums[sums[:, -1] > 0]
    shares = sums[:, :-1] / sums[:, -1:]
    return (
        np.minimum(low, np.quantile(shares, 0.025, axis=0)),
        np.maximum(high, np.quantile(shares, 0.975, axis=0)),
    )
