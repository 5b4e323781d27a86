"""Which voiceprints are one voice: spectral clustering in NumPy. No audio, no times of words.

Cost does not grow with the recording: at most 800 voiceprints are compared with each other,
and the rest go to the voice whose mean they are nearest to.
"""

import numpy as np

MOST = 10  # voices looked for when nobody said how many there are
_SAMPLE = 800
# Of each voiceprint's neighbours this share counts. Many voices need fewer neighbours each, or
# the neighbours of a rare voice are other voices.
_KEEP_GIVEN, _KEEP_UNKNOWN = 0.3, 0.15
_LEAST_KEPT = 6
# A window that is less alike to the ones beside it than this probably holds two voices.
_STEADY = 0.86
_BESIDE = 0.6  # seconds between the middles of windows that are beside each other
# Means of two different people were 0.52..0.84 alike, of halves of one person 0.85..0.97.
_ALIKE_UNKNOWN = 0.79
_FEWEST = 4  # windows of a voice
# Told that there are k voices, only the plain signs of fewer count.
_ALIKE_GIVEN = 0.93
_ALIKE_UNCLEAR, _APART = 0.78, 3.8  # the cut through one voice lay 2.7..3.75 deviations apart


def voices(prints: np.ndarray, middles: np.ndarray, *, count: int | None) -> np.ndarray:
    """Mean voiceprint of each voice found, float32 (k, 256), of length 1.

    `prints` float32 (n, 256) of length 1, n >= 1; `middles` (n,) seconds, ascending. k is at most
    `count`; with None it is estimated, 1..10.
    """
    if count is None:
        chosen = np.flatnonzero(_steadiness(prints, middles) >= _STEADY)
        if len(chosen) < 2 * _FEWEST:
            chosen = np.arange(len(prints))
    else:
        chosen = np.arange(len(prints))
    if len(chosen) > _SAMPLE:
        chosen = chosen[np.linspace(0, len(chosen) - 1, _SAMPLE).astype(int)]
    sample = prints[chosen]
    most = max(1, min(count or MOST, len(sample) // _FEWEST))
    labels = _spectral(sample, most, _KEEP_UNKNOWN if count is None else _KEEP_GIVEN)
    labels = _merged(sample, labels, count is not None)
    means = _means(sample, labels)
    if len(chosen) < len(prints):
        nearest = (prints @ means.T).argmax(1)
        if len(np.unique(nearest)) == len(means):
            means = _means(prints, nearest)
    return means


def _steadiness(prints: np.ndarray, middles: np.ndarray) -> np.ndarray:
    """How alike each window is to the windows beside it, and those to each other: the least."""
    alone = 0.8  # nothing beside it: neither steady nor not
    near = np.diff(middles) < _BESIDE
    alike = np.einsum("ij,ij->i", prints[:-1], prints[1:])
    before = np.concatenate(([np.inf], np.where(near, alike, np.inf)))
    after = np.concatenate((np.where(near, alike, np.inf), [np.inf]))
    found = np.minimum(before, after)
    if len(prints) > 2:
        across = np.einsum("ij,ij->i", prints[:-2], prints[2:])
        both = near[:-1] & near[1:]
        found[1:-1] = np.where(both, np.minimum(found[1:-1], across), found[1:-1])
    return np.where(np.isinf(found), alone, found)


def _spectral(prints: np.ndarray, count: int, keep: float) -> np.ndarray:
    """Labels 0..count-1 by the eigenvectors of the pruned similarity graph."""
    n = len(prints)
    if count == 1:
        return np.zeros(n, int)
    alike = np.maximum(prints @ prints.T, 0)
    kept = min(n, max(_LEAST_KEPT, int(n * keep)))
    least = np.partition(alike, n - kept, axis=1)[:, n - kept]
    graph = np.where(alike >= least[:, None], alike, 0)
    graph = np.maximum(graph, graph.T)
    scale = 1 / np.sqrt(graph.sum(1))
    # The largest eigenvectors here are the smallest of the normalised Laplacian.
    _, vectors = np.linalg.eigh(graph * scale[:, None] * scale)
    points = vectors[:, -count:]
    points /= np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-9)
    return _k_means(points.astype(np.float64), count)


def _k_means(points: np.ndarray, count: int) -> np.ndarray:
    random = np.random.default_rng(0)  # the same recording gives the same speakers
    best, labels = np.inf, np.zeros(len(points), int)
    for _ in range(10):
        centres = points[_spread(points, count, random)]
        for _ in range(50):
            distances = ((points[:, None] - centres) ** 2).sum(2)
            nearest = distances.argmin(1)
            moved = centres.copy()
            for each in range(count):
                if (nearest == each).any():
                    moved[each] = points[nearest == each].mean(0)
            if np.allclose(moved, centres):
                break
            centres = moved
        cost = distances.min(1).sum()
        if cost < best - 1e-9:
            best, labels = cost, nearest
    return np.unique(labels, return_inverse=True)[1]


def _spread(points: np.ndarray, count: int, random: np.random.Generator) -> list[int]:
    """Indexes of starting points far from each other (k-means++)."""
    chosen = [int(random.integers(len(points)))]
    distance = np.full(len(points), np.inf)
    while len(chosen) < count:
        distance = np.minimum(distance, ((points - points[chosen[-1]]) ** 2).sum(1))
        total = distance.sum()
        odds = distance / total if total > 0 else None
        chosen.append(int(random.choice(len(points), p=odds)))
    return chosen


def _merged(prints: np.ndarray, labels: np.ndarray, told: bool) -> np.ndarray:
    """Join what is one voice, the most alike first, until all are distinct."""
    while labels.max() > 0:
        sizes = np.bincount(labels)
        means = _means(prints, labels)
        alike = means @ means.T
        np.fill_diagonal(alike, -1)
        if told:
            same = alike > _ALIKE_GIVEN
            for a, b in np.argwhere(np.triu(alike > _ALIKE_UNCLEAR)):
                if _apart(prints[labels == a], prints[labels == b]) < _APART:
                    same[a, b] = same[b, a] = True
        else:
            few = sizes < _FEWEST
            same = (alike > _ALIKE_UNKNOWN) | few[:, None] | few
            np.fill_diagonal(same, False)
        if not same.any():
            break
        a, b = np.unravel_index(np.where(same, alike, -2).argmax(), alike.shape)
        labels = np.where(labels == b, a, labels)
        labels = np.unique(labels, return_inverse=True)[1]
    return labels


def _apart(one: np.ndarray, other: np.ndarray) -> float:
    """Distance of two groups along the line between their means, in standard deviations."""
    between = other.mean(0) - one.mean(0)
    length = float(np.linalg.norm(between))
    along = between / max(length, 1e-9)
    left = [group @ along - group.mean(0) @ along for group in (one, other)]
    spread = sum(float((part**2).sum()) for part in left) / max(len(one) + len(other) - 2, 1)
    return length / max(spread**0.5, 1e-9)


def _means(prints: np.ndarray, labels: np.ndarray) -> np.ndarray:
    means = np.stack([prints[labels == each].mean(0) for each in range(labels.max() + 1)])
    return means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
