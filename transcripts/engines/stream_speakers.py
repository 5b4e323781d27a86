"""Who is speaking, while the conversation goes on: names that stay with their voices.

Clustering sees the last minutes of voiceprints, as the batch engine sees all of them (clusters.py);
what it finds is matched with the voices that were named before.
"""

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np

from transcripts.engines import clusters, speakers
from transcripts.engines.voiceprint import SIZE

_KEPT = 400  # windows of late, some three minutes of speech
_SAME = 0.8  # likeness of means that makes a voice a known one
_SLOWLY = 0.3  # of a voice's mean, by each utterance

Line = dict[str, Any]


class Voices:
    """The voices of one stream."""

    def __init__(self, known: Sequence[str] = ()) -> None:
        """`known` is what `memory` gave, for a stream that goes on elsewhere."""
        held = [np.frombuffer(base64.b64decode(one), "<f2").astype(np.float32) for one in known]
        self._means = np.stack(held) if held else np.empty((0, SIZE), np.float32)
        self._prints = np.empty((0, SIZE), np.float32)
        self._middles = np.empty(0)

    def memory(self) -> list[str]:
        """The voices named so far."""
        return [base64.b64encode(mean.astype("<f2").tobytes()).decode() for mean in self._means]

    def label(self, lines: Sequence[Line], at: float, voices: bytes) -> list[Line]:
        """The lines with "speaker"; split where it changes. `voices` are speakers.voices from `at`.

        An utterance without a voiceprint (a cough, a short word) is the last speaker's.
        """
        middles, prints = speakers.read([(at, voices)])
        self._prints = np.concatenate((self._prints, prints))[-_KEPT:]
        self._middles = np.concatenate((self._middles, middles))[-_KEPT:]
        if not len(self._prints):
            return [{**line, "speaker": "spk_0"} for line in lines]
        self._learn(clusters.voices(self._prints, self._middles, count=None))
        found = speakers.told_apart(lines, self._middles, self._prints, self._means)
        return [{**part, "speaker": f"spk_{voice}"} for part, voice in found]

    def _learn(self, means: np.ndarray) -> None:
        """Move known voices towards what was found, and name the new ones."""
        alike = means @ self._means.T
        left = set(range(len(means)))
        taken: set[int] = set()
        for one, other in sorted(np.ndindex(alike.shape), key=lambda pair: -alike[pair]):
            if one in left and other not in taken and alike[one, other] >= _SAME:
                moved = (1 - _SLOWLY) * self._means[other] + _SLOWLY * means[one]
                self._means[other] = moved / np.linalg.norm(moved)
                left.discard(one)
                taken.add(other)
        fresh = [
            means[one] for one in sorted(left) if not len(alike[one]) or alike[one].max() < _SAME
        ]
        if fresh and len(self._means) < clusters.MOST:
            self._means = np.concatenate((self._means, np.stack(fresh)))[: clusters.MOST]
