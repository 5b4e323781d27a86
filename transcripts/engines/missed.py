"""Speech that a decoder passed over in silence: where it is, from word times and voice activity.

A wrong word can be flagged for the reviewer, a sentence that is not there cannot. Pure arithmetic:
local.py finds the speech and decodes those spans again.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from transcripts.engines.lines import Word

# A word that follows lost speech is stretched back over it, so only its last part counts.
_WORD_COVERS = 0.8
_MARGIN = 0.15
_SHORTEST = 1.0  # less than this is breath and the padding of the voice detector
_FAINT = 22.0  # dB below what was heard: the other channel's leak, or someone in the corridor

Span = tuple[float, float]


def missed(
    speech: Iterable[Span], words: Sequence[Word], samples: np.ndarray, rate: int
) -> list[Span]:
    """The spans of `speech` (seconds, in order) that hold 1 s or more without words.

    `samples` is mono float. With no words at all, every long enough span counts.
    """
    covered = sorted(
        (max(word.start, word.end - _WORD_COVERS) - _MARGIN, word.end + _MARGIN) for word in words
    )
    heard = [_level(samples, rate, span) for span in covered]
    floor = float(np.median(heard)) - _FAINT if heard else -np.inf
    return [
        span
        for span in speech
        if any(
            end - start >= _SHORTEST and _level(samples, rate, (start, end)) >= floor
            for start, end in _gaps(*span, covered)
        )
    ]


def replaced(words: Sequence[Word], span: Span, second: Sequence[Word]) -> list[Word]:
    """All words, with those of a span decoded again: in its place if it found more, else as before.

    Words belong where they end, as their starts reach back over what was lost.
    """
    before = [word for word in words if word.end <= span[0]]
    within = [word for word in words if span[0] < word.end <= span[1]]
    after = [word for word in words if word.end > span[1]]
    return [*before, *(second if len(second) > len(within) else within), *after]


def _gaps(start: float, end: float, covered: Sequence[Span]) -> Iterable[Span]:
    at = start
    for first, last in covered:
        if last <= at or first >= end:
            continue
        if first > at:
            yield at, first
        at = max(at, last)
    if at < end:
        yield at, end


def _level(samples: np.ndarray, rate: int, span: Span) -> float:
    part = samples[max(0, int(span[0] * rate)) : max(0, int(span[1] * rate))]
    power = float(np.mean(np.square(part, dtype=np.float64))) if len(part) else 0.0
    return 10 * float(np.log10(power + 1e-12))
