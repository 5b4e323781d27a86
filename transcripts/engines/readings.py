"""Other readings of the lines an engine is unsure of: n-best from its beam and from sampling.

Only lines with a doubtful word are decoded again, several at once and with a short encoder window.
The line itself never changes. Which words are doubtful is confidence.py's and the engine's affair.
"""

import logging
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import chain
from typing import Any

import numpy as np

from transcripts.engines import numerals
from transcripts.engines.base import Alternative, Item, Segment, ignored
from transcripts.engines.lines import Word, lines
from transcripts.engines.spoken import split
from transcripts.engines.units import WRITTEN

log = logging.getLogger(__name__)

DOUBTFUL = 0.7  # a word whose raw score is below this makes its line worth another look
_BATCH = (
    6  # lines decoded at once: three times cheaper than one by one, and 10 s at most in between
)
_HYPOTHESES = 5  # of the beam, and as many again by sampling
_TEMPERATURE = 0.6
_MARGIN = 0.2  # seconds before and after a line, as far as its neighbours leave
_WINDOW, _SPARE, _LONGEST = 10.0, 4.0, 30.0  # a shorter encoder window makes the decoder loop
_TOKENS_A_SECOND = 8
_LIKE = 0.5  # a reading that shares less of its words with the line read something else
_RATE = 16_000
_FRAMES = 100  # features a second

_UNITS = {f"{name}{s}": short.lower() for name, short in WRITTEN.items() for s in ("", "s")}
_BESIDE_UNIT = re.compile(rf"(?<=\d)(?=(?:{'|'.join(sorted(set(_UNITS.values())))})\b)")


@dataclass(frozen=True, slots=True)
class Heard:
    """One hypothesis: its text, and the natural logarithm of its probability."""

    text: str
    logprob: float


def added(
    segments: Iterable[Segment],
    heard: np.ndarray,
    model: Any,
    *,
    most: int,
    hotwords: str | None = None,
    on_trouble: Callable[[str], None] = ignored,
) -> Iterator[Segment]:
    """The segments in order, those with a doubtful word with at most `most` other readings.

    `heard` is the whole piece, float32 16 kHz mono; `model` a faster_whisper.WhisperModel. Where
    decoding fails a line goes without other readings, and `on_trouble` hears "alternatives".
    """
    everything = list(segments)
    group: list[int] = []
    done = 0
    for number, segment in enumerate(everything):
        group += [number] if most > 0 and _doubtful(segment) else []
        if len(group) == _BATCH or number == len(everything) - 1:
            found = _read(everything, group, heard, model, hotwords, on_trouble)
            for at in range(done, number + 1):
                yield _safely(everything[at], found.get(at, ()), most)
            group, done = [], number + 1


def merged(line: Segment, heard: Sequence[Heard], *, most: int) -> Segment:
    """The line with those readings that differ from it by more than case, marks and digits.

    Confidence of a differing word is the share of its reading's probability in that of all
    distinct readings and the line itself, which counts as the best one when it was not heard again.
    A word as in the line keeps the line's times and confidence. Words of other readings are
    alternatives of a doubtful word where they stand in its place alone; their shares add up.
    """
    own = _key(line.text)
    best: dict[tuple[str, ...], Heard] = {}
    for each in sorted(heard, key=lambda one: -one.logprob):
        best.setdefault(_key(each.text), each)
    there = best.pop(own, None)
    others = {
        key: each for key, each in best.items() if SequenceMatcher(None, own, key).ratio() >= _LIKE
    }
    if not others:
        return line
    peak = max(each.logprob for each in others.values())
    rest = math.exp((there.logprob if there else peak) - peak)
    weights = [math.exp(each.logprob - peak) for each in others.values()]
    total = sum(weights) + max(rest, 1.0 if there is None else rest)
    words: dict[int, dict[str, float]] = {}
    readings = []
    for each, weight in zip(others.values(), weights, strict=True):
        items = _items(each.text)
        pairs = _pairs(line.items, items)
        share = round(weight / total, 4)
        readings.append(_timed(line, items, pairs, share))
        for at, content in _instead(line.items, items, pairs):
            places = words.setdefault(at, {})
            places[content] = places.get(content, 0.0) + share
    given = tuple(
        replace(item, alternatives=_ranked(item, words[at], most)) if at in words else item
        for at, item in enumerate(line.items)
    )
    return replace(line, items=given, alternatives=tuple(readings[:most]))


def _doubtful(segment: Segment) -> bool:
    return any(_unsure(item) for item in segment.items)


def _unsure(item: Item) -> bool:
    score = item.confidence if item.raw_confidence is None else item.raw_confidence
    return score is not None and score < DOUBTFUL


def _safely(line: Segment, heard: Sequence[Heard], most: int) -> Segment:
    try:
        return merged(line, heard, most=most) if heard else line
    except Exception as error:
        log.error("other readings of a line failed: %s", type(error).__name__)
        return line


def _read(
    segments: Sequence[Segment],
    group: Sequence[int],
    heard: np.ndarray,
    model: Any,
    hotwords: str | None,
    on_trouble: Callable[[str], None],
) -> dict[int, list[Heard]]:
    if not group:
        return {}
    try:
        stretches = [_stretch(segments, at, heard) for at in group]
        return dict(zip(group, hypotheses(stretches, model, hotwords), strict=True))
    except Exception as error:
        # The kind of error only: a decoder's message may quote what was said.
        log.error("other readings failed: %s", type(error).__name__)
        on_trouble("alternatives")
        return {}


def _stretch(segments: Sequence[Segment], at: int, heard: np.ndarray) -> np.ndarray:
    line = segments[at]
    start = max(line.start - _MARGIN, segments[at - 1].end if at else 0.0)
    after = segments[at + 1].start if at + 1 < len(segments) else line.end + _MARGIN
    end = max(line.end, min(line.end + _MARGIN, after))
    return heard[int(min(start, line.start) * _RATE) : int(end * _RATE)]


def hypotheses(
    stretches: Sequence[np.ndarray], model: Any, hotwords: str | None = None
) -> list[list[Heard]]:
    """Up to ten hypotheses for each stretch of samples, equal ones among them, in no order."""
    from faster_whisper.audio import pad_or_trim
    from faster_whisper.tokenizer import Tokenizer
    from faster_whisper.transcribe import get_suppressed_tokens

    seconds = max(len(stretch) for stretch in stretches) / _RATE
    window = int(min(_LONGEST, max(_WINDOW, seconds + _SPARE))) * _FRAMES
    features = [pad_or_trim(model.feature_extractor(stretch), window) for stretch in stretches]
    tokenizer = Tokenizer(
        model.hf_tokenizer, model.model.is_multilingual, task="transcribe", language="en"
    )
    prompt = model.get_prompt(tokenizer, [], without_timestamps=True, hotwords=hotwords)
    encoded = model.encode(np.stack(features))
    found: list[list[Heard]] = [[] for _ in stretches]
    for how in (
        {"beam_size": _HYPOTHESES},
        {"beam_size": 1, "sampling_topk": 0, "sampling_temperature": _TEMPERATURE},
    ):
        results = model.model.generate(
            encoded,
            [prompt] * len(stretches),
            num_hypotheses=_HYPOTHESES,
            return_scores=True,
            suppress_tokens=get_suppressed_tokens(tokenizer, [-1]),
            max_length=min(model.max_length, len(prompt) + int(seconds * _TOKENS_A_SECOND) + 16),
            **how,
        )
        for heard, result in zip(found, results, strict=True):
            for tokens, score in zip(result.sequences_ids, result.scores, strict=True):
                # The score is a mean over tokens.
                heard.append(Heard(tokenizer.decode(tokens).strip(), score * max(1, len(tokens))))
    return found


def _key(text: str) -> tuple[str, ...]:
    """The words of a text without case and marks, numbers in digits and units in short."""
    spaced = _BESIDE_UNIT.sub(" ", text.lower().replace("%", " percent "))
    words = [_UNITS.get(word, word) for word in split(spaced)]
    key: list[str] = []
    at = 0
    while at < len(words):
        number = numerals.read(words, at)
        key.append(number.figures if number else words[at])
        at = number.end if number else at + 1
    return tuple(key)


def _items(text: str) -> list[Item]:
    """The items of a reading; they still need times and confidence."""
    tokens = text.split()
    words = [Word(f" {token}", n * 0.1, n * 0.1 + 0.1, 0.0) for n, token in enumerate(tokens)]
    made = lines(words, duration=len(tokens) * 0.1)
    return list(chain.from_iterable(segment.items for segment in made))


Pairs = list[tuple[str, list[int], list[int]]]


def _pairs(own: Sequence[Item], other: Sequence[Item]) -> Pairs:
    """Stretches of both ("equal", "replace", "insert", "delete"), as positions of their words."""
    ours = [at for at, item in enumerate(own) if item.type == "pronunciation"]
    theirs = [at for at, item in enumerate(other) if item.type == "pronunciation"]
    match = SequenceMatcher(
        None,
        [_key(own[at].content) for at in ours],
        [_key(other[at].content) for at in theirs],
        autojunk=False,
    )
    return [(tag, ours[a:b], theirs[c:d]) for tag, a, b, c, d in match.get_opcodes()]


def _timed(line: Segment, other: list[Item], pairs: Pairs, share: float) -> tuple[Item, ...]:
    """A reading with the line's times; what has none there is spread evenly over its place."""
    timed = list(other)
    before = line.start
    for number, (tag, ours, theirs) in enumerate(pairs):
        if ours:
            start, end = line.items[ours[0]].start, line.items[ours[-1]].end
        else:
            after = pairs[number + 1][1] if number + 1 < len(pairs) else []
            start, end = before, line.items[after[0]].start if after else line.end
        first, last = start or 0.0, max(end or 0.0, start or 0.0)
        step = (last - first) / max(1, len(theirs))
        for n, at in enumerate(theirs):
            if tag == "equal":
                same = line.items[ours[n]]
                item = replace(same, content=other[at].content, alternatives=(), marks=())
            else:
                start, end = round(first + n * step, 3), round(first + (n + 1) * step, 3)
                item = replace(other[at], start=start, end=end, confidence=share)
                item = replace(item, raw_confidence=share)
            timed[at] = item
        before = last
    return tuple(timed)


def _instead(own: Sequence[Item], other: Sequence[Item], pairs: Pairs) -> Iterator[tuple[int, str]]:
    """Positions of doubtful words and what the other reading has in their place.

    One word for one, or several for one: taking these over needs no change beside them. Where
    several words became fewer, only the reading of the whole line shows it.
    """
    for tag, ours, theirs in pairs:
        if tag != "replace":
            continue
        if len(ours) == len(theirs):
            offered = [(at, other[n].content) for at, n in zip(ours, theirs, strict=True)]
        elif len(ours) == 1:
            offered = [(ours[0], " ".join(other[n].content for n in theirs))]
        else:
            continue
        for at, content in offered:
            if _unsure(own[at]) and _key(content) != _key(own[at].content):
                yield at, content


def _ranked(item: Item, found: dict[str, float], most: int) -> tuple[Alternative, ...]:
    by_key: dict[tuple[str, ...], Alternative] = {}
    for content, share in found.items():
        known = by_key.get(_key(content))
        by_key[_key(content)] = Alternative(
            known.content if known else content,
            round(min(1.0, share + (known.confidence or 0.0 if known else 0.0)), 4),
        )
    ranked = sorted(by_key.values(), key=lambda other: -(other.confidence or 0.0))
    return tuple(ranked[:most])
