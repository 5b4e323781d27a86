"""Marks on words that no score gives away: "no_speech" where nobody was heard, "loop" where the
decoder repeated itself. Decoding a loop again is the engine's part, other readings are readings.py.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from transcripts.engines.base import Item, Segment, ignored
from transcripts.engines.lines import Word

log = logging.getLogger(__name__)

_RATE = 16_000
_FRAME = 512  # samples that the voice detector judges at once
# A word was spoken if this many frames of its span (96 ms) are this likely to be speech. Three of
# 1,582 words of the test recordings, clean and with noise 20 and 12 dB below, miss that (all but
# one in a far-field meeting); of 88 words invented over 8 s of silence, noise, hum, clicks or
# beeps, it leaves 8, each with real speech at its edge.
_LIKELY, _FRAMES = 0.1, 3

_TIMES = 4  # a phrase said so often without a break is a loop
_LONGEST_PHRASE = 10
# Fewer different words than this, of so many in a row, are a loop with small changes in it.
_DISTINCT = 0.4
_STRETCHES = (10, 20, 30)

Span = tuple[float, float]


def retried(words: Sequence[Word], again: Callable[[Span], list[Word]]) -> list[Word]:
    """All words, with each loop decoded once more and the better outcome kept.

    `again` decodes a span (seconds) in another way. The second outcome is better if it has words
    and repeats fewer of them; without words the loop stays, as there may have been speech.
    """
    result: list[Word] = []
    done = 0
    for first, last in loops([word.text for word in words]):
        start = words[first - 1].end if first else words[first].start
        end = words[last].start if last < len(words) else words[last - 1].end
        result += words[done:first]
        loop = list(words[first:last])
        second = again((start, end)) if end > start else []
        result += second if second and _repeated(second) < _repeated(loop) else loop
        done = last
    return [*result, *words[done:]]


def marked(
    segments: Iterable[Segment],
    heard: np.ndarray,
    on_trouble: Callable[[str], None] = ignored,
) -> Iterator[Segment]:
    """The segments with their items' marks set; `heard` is the whole piece, float32 16 kHz mono.

    Without a voice detector nothing is marked "no_speech", and `on_trouble` hears "speech".
    """
    lines = list(segments)
    looped = _looped(lines)
    try:
        likely = speech(heard) if lines else np.zeros(0, np.float32)
    except Exception as error:
        log.error("no voice detection: %s", type(error).__name__)
        on_trouble("speech")
        likely = None
    for number, line in enumerate(lines):
        items = tuple(
            _marked(item, likely, (number, position) in looped)
            for position, item in enumerate(line.items)
        )
        yield replace(line, items=items)


def speech(heard: np.ndarray) -> np.ndarray:
    """How likely each 32 ms of 16 kHz samples are to be speech, 0..1."""
    from faster_whisper.vad import get_vad_model

    padded = np.pad(heard, (0, -len(heard) % _FRAME))
    return np.asarray(get_vad_model()(padded)).ravel() if len(padded) else np.zeros(0, np.float32)


def unheard(start: float, end: float, likely: np.ndarray) -> bool:
    """Is there no speech between `start` and `end` seconds, by what `speech` gave?

    No margin around the word: a decoder piles invented words up at the edge of the next speech.
    """
    first = int(start * _RATE / _FRAME)
    span = likely[first : max(first + 1, int(np.ceil(end * _RATE / _FRAME)))]
    return bool(np.sum(span >= _LIKELY) < min(_FRAMES, len(span)))


def loops(contents: Sequence[str]) -> list[tuple[int, int]]:
    """Where words repeat like a stuck decoder: index ranges (first, after the last), in order.

    That is a phrase of up to ten words four times in a row, or ten, twenty or thirty words with
    less than 40 % of them distinct. Case and punctuation do not count.
    """
    words = ["".join(filter(str.isalnum, content.lower())) for content in contents]
    stuck = np.zeros(len(words) + 1, bool)
    for size in range(1, _LONGEST_PHRASE + 1):
        same = 0
        for at in range(size, len(words)):
            same = same + 1 if words[at] == words[at - size] else 0
            if same >= size * (_TIMES - 1):
                stuck[at - size * _TIMES + 1 : at + 1] = True
    for size in _STRETCHES:
        for at in range(len(words) - size + 1):
            counts = Counter(words[at : at + size])
            if len(counts) < _DISTINCT * size:
                again = [n for n in range(at, at + size) if counts[words[n]] > 1]
                stuck[again[0] : again[-1] + 1] = True
    edges = np.flatnonzero(np.diff(stuck, prepend=False))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _repeated(words: Sequence[Word]) -> float:
    found = loops([word.text for word in words])
    return sum(last - first for first, last in found) / len(words)


def _looped(lines: Sequence[Segment]) -> set[tuple[int, int]]:
    """Line and item numbers of all words in loops, which run on over the ends of lines."""
    spoken = [
        (number, position)
        for number, line in enumerate(lines)
        for position, item in enumerate(line.items)
        if item.type == "pronunciation"
    ]
    found = loops([lines[number].items[position].content for number, position in spoken])
    return {at for first, last in found for at in spoken[first:last]}


def _marked(item: Item, likely: np.ndarray | None, looped: bool) -> Item:
    marks = []
    silent = item.start is not None and item.end is not None and likely is not None
    if silent and unheard(item.start or 0.0, item.end or 0.0, likely):
        marks.append("no_speech")
    if looped:
        marks.append("loop")
    return replace(item, marks=(*item.marks, *marks)) if marks else item
