"""From an engine's raw word score to the share of such words that are right. Pure, no model here.

Ranking words by risk does not need this; showing an honest percentage does. Until enough reviewed
words exist for a model its table is IDENTITY, which only clamps: the percentage is then the
engine's own and not measured against reviewers.
"""

from bisect import bisect_right

Table = tuple[tuple[float, float], ...]

IDENTITY: Table = ((0.0, 0.0), (1.0, 1.0))


def calibrated(raw: float, table: Table = IDENTITY) -> float:
    """Read `raw` off a table of (raw, calibrated) points by straight lines between them; 0..1.

    Both columns must rise: raw strictly, calibrated not falling. Outside the table its first or
    last value holds. A score that is not a number counts as 0: such a word must be looked at.
    """
    if raw != raw:
        return 0.0
    after = bisect_right(table, raw, key=lambda point: point[0])
    if after == 0:
        value = table[0][1]
    elif after == len(table):
        value = table[-1][1]
    else:
        (x0, y0), (x1, y1) = table[after - 1 : after + 1]
        value = y0 + (y1 - y0) * (raw - x0) / (x1 - x0)
    return min(1.0, max(0.0, value))
