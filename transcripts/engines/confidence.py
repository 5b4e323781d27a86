"""From an engine's raw word score to the share of such words that are right. Pure, no model here.

Ranking words by risk does not need this; showing an honest percentage does. The evidence is small:
the bundled tiny model's table rests on 460 words of 5 recordings (synthetic voices but for one of
11 s, read without faults), each heard clean and with white noise 20 and 12 dB below: 1,387
decodings, 49 of them wrong. Such speech is easier than a clinic's, so the table goes only part of
the way from the engine's score to what was counted (PRIOR). Error of calibration on recordings
that the fit had not seen: .055 raw, .034 with the table. A threshold of 0.7 then marks 8.1 % of
words instead of 9.7 %, and 34 of the 49 wrong ones instead of 36. `python -m tests.bench.quality`
measures it again. Models without a table keep their own score, clamped.
"""

from bisect import bisect_right
from collections.abc import Iterable

Table = tuple[tuple[float, float], ...]

IDENTITY: Table = ((0.0, 0.0), (1.0, 1.0))

PRIOR = 100  # words, in each tenth of the scale, that speak for the engine's own score

# By the start of the SHA-256 of model.bin, as in model_id.
_TABLES: dict[str, Table] = {
    "1a5afae06a4d": (
        *((0.0, 0.0), (0.05, 0.059), (0.147, 0.189), (0.247, 0.25), (0.349, 0.355), (0.443, 0.5)),
        *((0.538, 0.603), (0.638, 0.692), (0.733, 0.818), (0.827, 0.903), (0.857, 0.933)),
        *((0.928, 0.965), (0.982, 0.993), (0.997, 1.0), (1.0, 1.0)),
    ),
}


def table_of(model_id: str) -> Table:
    """The table of a model named like tiny.en@1a5afae06a4d, IDENTITY for one never measured."""
    return _TABLES.get(model_id.rpartition("@")[2], IDENTITY)


def fitted(words: Iterable[tuple[float, bool]], *, prior: float = PRIOR) -> Table:
    """The table for words given as (raw score, was it right): isotonic regression.

    `prior` words in each tenth count as right as often as their score says, so that few words
    change little. No words at all give about IDENTITY.
    """
    points = [(raw, float(right), 1.0) for raw, right in words]
    if prior > 0:
        points += [(n / 20, n / 20, prior) for n in range(1, 20, 2)]
    pools: list[list[float]] = []  # sums of weight, raw * weight and right * weight
    for raw, right, weight in sorted(points, key=lambda point: point[0]):
        pools.append([weight, raw * weight, right * weight])
        # A pool that does no better than the one before it joins that one.
        while len(pools) > 1 and pools[-2][2] / pools[-2][0] >= pools[-1][2] / pools[-1][0]:
            last = pools.pop()
            pools[-1] = [a + b for a, b in zip(pools[-1], last, strict=True)]
    found = {0.0: 0.0, 1.0: 1.0}
    for weight, raw, right in pools:
        at = round(raw / weight, 3)
        if 0 < at < 1:
            found[at] = max(found.get(at, 0.0), round(right / weight, 3))
    return tuple(sorted(found.items()))


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
