"""Where to cut a recording: at the quietest place of a window. Pure sample arithmetic, no files."""

import numpy as np

RATE = 16_000
LEAST, AIM, MOST = 30, 60, 90  # seconds of a piece
_QUIET = RATE // 5  # the 200 ms whose level is compared
_HOP = RATE // 50
_FLOOR_DB = -70.0


def quietest(samples: np.ndarray, first: int, last: int) -> int:
    """Index in first..last, in the middle of the quietest 200 ms of an int16 mono array.

    Levels are compared in steps of 1 dB, and all below -70 dBFS are alike; of equals the one
    nearest to 60 s wins, so that digital silence does not give ragged pieces.
    """
    half = _QUIET // 2
    window = samples[first - half : last + half].astype(np.float64) / 32768
    power = np.concatenate(([0.0], np.cumsum(window * window)))
    starts = np.arange(0, len(window) - _QUIET + 1, _HOP)
    mean = np.maximum(power[starts + _QUIET] - power[starts], 0) / _QUIET
    levels = np.round(np.maximum(10 * np.log10(mean + 1e-12), _FLOOR_DB))
    middles = first + starts
    best = np.lexsort((np.abs(middles - AIM * RATE), levels))[0]
    return int(middles[best])


class Splitter:
    """Takes samples of one lane as they are decoded and gives back whole pieces.

    All pieces joined are exactly the samples fed. Each is 30..90 s long; a recording of up to
    90 s is one piece. Holds at most two minutes of audio.
    """

    def __init__(self) -> None:
        self._held: list[np.ndarray] = []
        self._length = 0

    def feed(self, samples: np.ndarray) -> list[np.ndarray]:
        """Add int16 mono samples; return the pieces that are complete."""
        self._held.append(samples)
        self._length += len(samples)
        pieces = []
        # With this much in hand, a cut at 90 s still leaves 30 s for the next piece.
        while self._length >= (MOST + LEAST) * RATE:
            pieces.append(self._take(LEAST * RATE, MOST * RATE))
        return pieces

    def finish(self) -> list[np.ndarray]:
        """Return what is left, as one piece or two; empty if nothing is."""
        pieces = []
        if self._length > MOST * RATE:
            pieces.append(self._take(LEAST * RATE, self._length - LEAST * RATE))
        if self._length:
            pieces.append(np.concatenate(self._held))
            self._held, self._length = [], 0
        return pieces

    def _take(self, first: int, last: int) -> np.ndarray:
        samples = np.concatenate(self._held)
        at = quietest(samples, first, last)
        self._held, self._length = [samples[at:]], len(samples) - at
        return samples[:at]
