"""One voice lane of a stream: where utterances begin, pause and end. Pure sample arithmetic.

The lane holds the audio since the current utterance began (or the last moments of silence) and is
told how likely each frame is to be speech. It stops at the moments when something is to be decoded.
Positions are samples at 16 kHz since the lane began.
"""

import uuid
from collections import deque
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

RATE = 16_000
FRAME = 512

_BEGINS, _GOES_ON = 0.5, 0.35  # likeliness of speech at which an utterance begins, and goes on
_ONSET = 3  # frames of speech that make an utterance; less is a click
_LEAST = int(0.2 * RATE)  # speech in an utterance that is worth decoding
_BEFORE, _AFTER = int(0.3 * RATE), int(0.2 * RATE)  # silence decoded along with the speech

# When partials are due: of speech, after the one before, and as a share of the utterance so far
# (most words of long ones are on the screen).
FIRST_PARTIAL, NEXT_PARTIAL, NEXT_SHARE = int(0.4 * RATE), int(0.8 * RATE), 0.1
PAUSE = int(0.16 * RATE)  # silence after which the final is decoded in case nothing follows
# Silence that ends an utterance, by its length: long ones are dear, and end at the first breath.
_ENDPOINTS = ((8.0, 0.55), (14.0, 0.4), (30.0, 0.25))
MOST = 15 * RATE  # an utterance is cut here at the latest, at the quietest place of its last third

# Where a long utterance is cut so much of it is quiet: less is also the middle of a word.
QUIET = 0.2  # seconds

Event = Literal["partial", "pause", "end"]


@dataclass
class Utterance:
    """Speech from `start` to (so far) `last`; `final` once it has been decoded that far."""

    start: int
    last: int
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    spoken: int = 0  # samples of speech
    due: int = 0  # when the next partial is
    partials: int = 0
    paused: bool = False
    ended: bool = False


class Lane:
    """Takes samples (float32) and their judgement; says what is to be decoded."""

    def __init__(self) -> None:
        self._base = 0  # position of the first sample held
        self._held: deque[np.ndarray] = deque()
        self._length = 0
        self._judged = 0
        self._likely: deque[float] = deque()
        self._onset = 0
        self._free = 0  # where an utterance may begin at the earliest: the end of the last one
        self._silent = 0
        self.utterance: Utterance | None = None

    @property
    def end(self) -> int:
        """Position after the last sample that came."""
        return self._base + self._length

    @property
    def at(self) -> int:
        """Position up to which the lane has listened."""
        return self._judged

    @property
    def done(self) -> int:
        """Position up to which everything has been dealt with."""
        return self.utterance.start if self.utterance else max(self._free, self._silent)

    def add(self, samples: np.ndarray) -> None:
        """Take more audio."""
        if len(samples):
            self._held.append(samples)
            self._length += len(samples)

    def unjudged(self, most: int) -> np.ndarray:
        """The next whole frames, at most so many samples, that `judged` is to be told about."""
        first = self._judged + len(self._likely) * FRAME
        count = max(0, min(self.end - first, most)) // FRAME * FRAME
        return self.audio(first, first + count)

    def judged(self, likely: np.ndarray) -> None:
        """Take the judgement of the frames that `unjudged` gave."""
        self._likely.extend(likely.tolist())

    def audio(self, first: int, last: int) -> np.ndarray:
        """The samples from first to last, as far as they are held."""
        if len(self._held) > 1:
            self._held = deque([np.concatenate(self._held)])
        if not self._held:
            return np.zeros(0, np.float32)
        return self._held[0][max(0, first - self._base) : max(0, last - self._base)]

    def listen(self) -> Event | None:
        """Go on until something is to be done, or nothing is left to hear."""
        while self._likely:
            if self.utterance and self.utterance.ended:
                return "end"
            event = self._frame(self._likely.popleft())
            if event:
                return event
        if self.utterance and self.utterance.ended:
            return "end"
        return None

    def finish(self) -> Event | None:
        """No more audio: what is being said is all."""
        if self.utterance:
            self.utterance.ended = True
            return "end"
        return None

    def span(self) -> tuple[int, int]:
        """The utterance with a little silence around it: what the decoder gets."""
        assert self.utterance
        last = min(self.utterance.last + _AFTER, self._judged)
        return self.utterance.start, last

    def close(self) -> None:
        """The utterance has been dealt with."""
        assert self.utterance
        self._free = min(self.utterance.last, self._judged)
        self.utterance, self._onset = None, 0
        self._forget(self._free)

    def _frame(self, likely: float) -> Event | None:
        self._judged += FRAME
        now = self.utterance
        if now is None:
            self._onset = self._onset + 1 if likely >= _BEGINS else 0
            if self._onset >= _ONSET:
                first = self._judged - self._onset * FRAME
                spoken = self._onset * FRAME
                self.utterance = Utterance(max(self._free, first - _BEFORE), self._judged)
                self.utterance.spoken = spoken
                self.utterance.due = first + FIRST_PARTIAL
            else:
                self._silent = self._judged - _BEFORE - self._onset * FRAME
                self._forget(self._silent)
            return None
        if likely >= _GOES_ON:
            now.last, now.paused = self._judged, False
            now.spoken += FRAME
        silence = self._judged - now.last
        length = (now.last - now.start) / RATE
        if now.last - now.start >= MOST:
            self._cut(now)
            return "end"
        if silence >= _endpoint(length) * RATE:
            now.ended = True
            return "end"
        if silence >= PAUSE and not now.paused and now.spoken >= _LEAST:
            now.paused = True
            return "pause"
        if self._judged >= now.due and silence < PAUSE:
            now.due = self._judged + max(NEXT_PARTIAL, int(NEXT_SHARE * (self._judged - now.start)))
            return "partial"
        return None

    def _cut(self, now: Utterance) -> None:
        """End an utterance that goes on and on where it is quietest; the rest is heard anew."""
        first = now.start + 2 * MOST // 3
        window = self.audio(first, now.last).astype(np.float64)
        width, hop = int(QUIET * RATE), RATE // 50
        power = np.concatenate(([0.0], np.cumsum(window * window)))
        starts = np.arange(0, len(window) - width, hop)
        at = first + int(starts[np.argmin(power[starts + width] - power[starts])]) + width // 2
        now.last, now.ended = at, True
        # Frames are judged from the cut on once more; the detector's memory may run ahead of them.
        self._likely.extendleft([_BEGINS] * max(0, (self._judged - at) // FRAME))
        self._judged = self._judged - max(0, (self._judged - at) // FRAME) * FRAME

    @property
    def empty(self) -> bool:
        """Was too little said in the utterance for a word?"""
        return self.utterance is None or self.utterance.spoken < _LEAST

    def _forget(self, before: int) -> None:
        """Drop the audio that nothing will be decoded from."""
        if before - self._base < RATE:
            return
        held = self.audio(before, self.end).copy()
        self._held, self._length, self._base = deque([held]), len(held), before


def _endpoint(seconds: float) -> float:
    return next((silence for most, silence in _ENDPOINTS if seconds < most), _ENDPOINTS[-1][1])
