"""Mutes a channel while it only holds the other one's speaker. Sample arithmetic, no files.

With a speaker a channel, each microphone also hears the other person faintly, and a speech engine
writes that down too. The level tells: a channel is muted while the other is over 12 dB louder.
"""

from collections.abc import Iterator

import numpy as np

RATE = 16_000
_FRAME = RATE // 50
_LOUDER, _AS_LOUD = 12.0, 9.0  # dB at which a channel closes, and opens again
_AROUND = 2  # frames on each side that a level is taken over: 100 ms in all
# Frames that stay open before and after: a word begins and ends softly.
_BEFORE, _AFTER = 3, 3
_AHEAD = _AROUND + _BEFORE
_BEHIND = _AROUND + _AFTER
# A channel counts as speaking this much above its own noise: a noisy one must not close the
# channel of a quiet speaker. Noise is the lowest level of late, forgotten by 1 dB a second.
_SPEAKING, _HEARD = 10.0, 6.0  # dB, to close the other one and to open itself
_FORGET = 1.0 * _FRAME / RATE
_SILENCE = -80.0  # dBFS
_RAMP = _FRAME // 2  # 10 ms, so that nothing clicks


def gate(channels: np.ndarray) -> np.ndarray:
    """Two channels of 16 kHz samples, (2, n), int16 or float32, with leaked speech muted.

    Shape, type and all samples outside muted stretches stay the same.
    """
    stream = Gate()
    return np.concatenate((stream.feed(channels), stream.finish()), axis=1)


def gated(blocks: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    """`gate` for blocks of shape (samples, 2) as a decoder gives them; no more or less samples."""
    stream = Gate()
    held: list[np.ndarray] = []
    for block in blocks:
        held.append(block)
        if sum(map(len, held)) >= RATE:
            yield stream.feed(np.concatenate(held).T).T
            held = []
    if held:
        yield stream.feed(np.concatenate(held).T).T
    yield stream.finish().T


class Gate:
    """`gate` for a recording that comes in blocks. Gives samples back about 0.1 s late.

    What all `feed` and the one `finish` give back, joined, does not depend on the blocks.
    """

    def __init__(self) -> None:
        self._samples = np.empty((2, 0), np.float32)  # not given back yet
        self._levels = np.empty((2, 0))  # frame energies from _BEHIND before self._samples
        self._floor = np.full(2, np.inf)
        self._closed = np.zeros(2, bool)
        self._gain = np.ones(2, np.float32)

    def feed(self, block: np.ndarray) -> np.ndarray:
        """Add samples (2, n); return those that are decided, (2, m)."""
        if not self._samples.shape[1]:
            self._samples = self._samples.astype(block.dtype)
        self._samples = np.concatenate((self._samples, block), axis=1)
        known = max(0, self._levels.shape[1] - _BEHIND)
        whole = self._samples.shape[1] // _FRAME
        fresh = _energy(self._samples[:, known * _FRAME : whole * _FRAME])
        if not self._levels.shape[1]:  # before the beginning it was as at the beginning
            self._levels = np.repeat(fresh[:, :1], _BEHIND, axis=1)
        self._levels = np.concatenate((self._levels, fresh), axis=1)
        return self._decided(whole - _AHEAD)

    def finish(self) -> np.ndarray:
        """Return what is left."""
        length = self._samples.shape[1]
        missing = -length % _FRAME + _AHEAD * _FRAME
        tail = np.zeros((2, missing), self._samples.dtype)
        return self.feed(tail)[:, :length]

    def _decided(self, count: int) -> np.ndarray:
        if count <= 0:
            return self._samples[:, :0]
        closed = self._judged(count)
        gains = _ramped(self._gain, ~closed)
        taken, self._samples = np.split(self._samples, [count * _FRAME], axis=1)
        self._levels = self._levels[:, count:]
        self._gain = gains[:, -1]
        result = taken * gains
        return np.rint(result).astype(taken.dtype) if taken.dtype.kind == "i" else result

    def _judged(self, count: int) -> np.ndarray:
        """Whether each channel is muted, (2, count), from energies of the frames around."""
        width = 2 * _AROUND + 1
        energy = np.lib.stride_tricks.sliding_window_view(self._levels, width, axis=1).sum(2)
        level = np.maximum(10 * np.log10(energy / (width * _FRAME) + 1e-12), _SILENCE)
        steps = np.arange(level.shape[1]) * _FORGET
        # Digital silence is no noise: a channel may be muted at first and hiss later.
        noise = np.where(level > _SILENCE, level, np.inf)
        below = np.minimum.accumulate(noise - steps, axis=1)
        floor = np.minimum(below, self._floor[:, None]) + steps
        over = np.where(level > _SILENCE, level - floor, 0)
        louder = (level - level[::-1])[::-1]  # of each channel: how much louder the other is
        shut = (louder > _LOUDER) & (over[::-1] > _SPEAKING)
        open_ = (louder < _AS_LOUD) & (over > _HEARD)
        # In between, and while nobody speaks, a channel stays as it was.
        last = np.where(shut | open_, np.arange(1, level.shape[1] + 1), 0)
        last = np.maximum.accumulate(last, axis=1)
        before = np.concatenate((self._closed[:, None], shut), axis=1)
        raw = np.take_along_axis(before, last, axis=1)
        # The next block begins `count` frames on, so its first level is the one at `count`.
        self._closed, self._floor = raw[:, count - 1], floor[:, count]
        reach = _BEFORE + _AFTER + 1
        return np.lib.stride_tricks.sliding_window_view(raw, reach, axis=1).all(2)[:, :count]


def _energy(samples: np.ndarray) -> np.ndarray:
    """Energy of each frame, full scale = 1 for a sample, (2, frames)."""
    scale = 32768.0 if samples.dtype.kind == "i" else 1.0
    frames = samples.reshape(2, -1, _FRAME).astype(np.float64) / scale
    return (frames**2).sum(2)


def _ramped(before: np.ndarray, open_: np.ndarray) -> np.ndarray:
    """A gain for each sample, float32 (2, frames * _FRAME), moving at the start of a frame."""
    gains = np.repeat(open_.astype(np.float32), _FRAME, axis=1)
    earlier = np.concatenate((before[:, None], open_[:, :-1].astype(np.float32)), axis=1)
    ramp = np.arange(1, _RAMP + 1, dtype=np.float32) / _RAMP
    for channel, frame in np.argwhere(earlier != open_):
        start = frame * _FRAME
        up = open_[channel, frame]
        gains[channel, start : start + _RAMP] = ramp if up else 1 - ramp
    return gains
