"""Points of a curve: what they hold, and how one is chosen; plain Python, for web processes. Pure.

Keys of a point: t, the threshold; flagged, the share of words below it; caught, the share of errors
(lo, hi); control, what marks at random catch (control_lo, control_hi); critical, the caught share
of changed critical words (critical_lo, critical_hi). Intervals are 95 %.
"""

from bisect import bisect_left
from collections.abc import Sequence

# How words may be ranked: by the engine's score, by the calibrated one, by that of their class.
RANKINGS = {
    "raw": "The machine’s own score",
    "calibrated": "Calibrated",
    "classes": "Calibrated by class of word",
}
Point = dict[str, float]
Z = 1.96


def wilson(part: float, whole: float) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927); 0..1 where nothing was counted."""
    if not whole:
        return 0.0, 1.0
    share, z2 = part / whole, Z * Z
    middle = (share + z2 / (2 * whole)) / (1 + z2 / whole)
    half = Z / (1 + z2 / whole) * (share * (1 - share) / whole + z2 / (4 * whole**2)) ** 0.5
    return max(0.0, middle - half), min(1.0, middle + half)


def control(share: float, words: int, errors: int) -> tuple[float, float]:
    """The 95 % interval of what `share` of all words, drawn at random, catches of the errors."""
    if not errors or words < 2:
        return 0.0, 1.0
    half = Z * (share * (1 - share) / errors * (words - errors) / (words - 1)) ** 0.5
    return max(0.0, share - half), min(1.0, share + half)


def at(points: Sequence[Point], flagged: float) -> Point:
    """The point at a share flagged, by a straight line between its neighbours: within a group of
    words with one score, it is chance which are taken. ValueError without points."""
    if not points:
        raise ValueError("a curve without points")
    n = bisect_left(points, flagged, key=lambda point: point["flagged"])
    if n == 0:
        return points[0]
    if n == len(points):
        return points[-1]
    before, after = points[n - 1], points[n]
    part = (flagged - before["flagged"]) / (after["flagged"] - before["flagged"])
    return {key: before[key] + part * (after[key] - before[key]) for key in before}


def reaching(points: Sequence[Point], caught: float) -> Point | None:
    """The point with the fewest words flagged that catches this share; None when none does."""
    return next((point for point in points if point["caught"] >= caught - 1e-9), None)


def nearest(points: Sequence[Point], threshold: float) -> Point:
    """The point whose threshold is nearest. ValueError without points."""
    return min(points, key=lambda point: abs(point["t"] - threshold))
