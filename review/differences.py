"""Where two machine transcripts of one recording differ, word by word and by class of word. Pure.

Neither side is taken for right. Both are lines as chunks carry them (see transcripts.wire.line), in
the same written form. Words are aligned by diff.py, between pauses that both sides have.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from review import diff
from transcripts.engines import numerals, units
from transcripts.engines.spoken import listed, split

Line = dict[str, Any]
IsDrug = Callable[[str], bool]

PAUSE = 0.3  # seconds without a word on either side: a place to cut
FEWEST, MOST = 60, 400  # words between two cuts
OVERLAP = 0.06  # seconds by which engines let neighbouring words run into each other
AROUND = 3  # words shown before and after a place


class Kind(StrEnum):
    """Classes of words, the most harmful to mistake first."""

    DRUG = "drug"
    NUMBER = "number"
    POLARITY = "polarity"
    OTHER = "other"


LABELS = {
    Kind.DRUG: "Drug names",
    Kind.NUMBER: "Numbers and units",
    Kind.POLARITY: "Negation, side, yes or no",
    Kind.OTHER: "Other words",
}
_POLARITY = listed("""
    no not never none nor neither without deny denies denied denying negative positive absent
    yes yeah yep nope nah left right bilateral bilaterally unilateral isn't aren't wasn't weren't
    don't doesn't didn't hasn't haven't hadn't can't cannot couldn't won't wouldn't shouldn't
""")
_UNITS = {*units.WRITTEN, *units.FORMS, *units.TIMES} | {u.lower() for u in units.WRITTEN.values()}
_UNITS |= {f"{unit}s" for unit in units.WRITTEN}
_UNITS |= listed("% percent mmhg units unit degrees once twice thrice half daily nightly weekly")


@dataclass(frozen=True, slots=True)
class Word:
    """One word as it is compared; several may come from one item and share its times."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Place:
    """A run of words that differ; one side may be empty. Times are seconds of the recording."""

    kind: Kind
    ours: str
    theirs: str
    before: str
    after: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """`ours` and `theirs` count words; `same` those that both heard; `of` ours by class."""

    ours: int
    theirs: int
    same: int
    places: tuple[Place, ...]
    of: dict[Kind, int]

    def differing(self, kind: Kind) -> int:
        return sum(place.kind == kind for place in self.places)


def compare(ours: Sequence[Line], theirs: Sequence[Line], is_drug: IsDrug) -> Comparison:
    """Both transcripts, channel by channel where both have channels."""
    places: list[Place] = []
    count: Counter[Kind] = Counter()
    totals = [0, 0, 0]
    for mine, other in _sides(ours, theirs):
        count.update(kind_of(word.text, is_drug) for word in mine)
        pairs = _matched(mine, other)
        places += _places(mine, other, pairs, is_drug)
        for index, number in enumerate((len(mine), len(other), len(pairs))):
            totals[index] += number
    places.sort(key=lambda place: place.start)
    return Comparison(*totals, tuple(places), {kind: count[kind] for kind in Kind})


def kind_of(word: str, is_drug: IsDrug) -> Kind:
    """The class of one lower-case word."""
    if is_drug(word):
        return Kind.DRUG
    if any(letter.isdigit() for letter in word) or numerals.is_number(word) or word in _UNITS:
        return Kind.NUMBER
    return Kind.POLARITY if word in _POLARITY else Kind.OTHER


def _sides(ours: Sequence[Line], theirs: Sequence[Line]) -> Iterator[tuple[list[Word], list[Word]]]:
    channels = [{line["channel"] for line in side} - {None} for side in (ours, theirs)]
    if not all(channels):
        yield _words(ours), _words(theirs)
        return
    for channel in sorted(channels[0] | channels[1]):
        yield tuple(
            _words([line for line in side if line["channel"] == channel]) for side in (ours, theirs)
        )


def _words(lines: Sequence[Line]) -> list[Word]:
    found = [
        Word(text, float(item["start"]), float(item["end"]))
        for line in lines
        for item in line["items"]
        if item["type"] == "pronunciation" and item["start"] is not None
        for text in split(item["content"])
    ]
    return sorted(found, key=lambda word: word.start)


def _matched(ours: list[Word], theirs: list[Word]) -> list[tuple[int, int]]:
    pairs, i, j = [], 0, 0
    for to_i, to_j in _cuts(ours, theirs):
        mine = [word.text for word in ours[i:to_i]]
        other = [word.text for word in theirs[j:to_j]]
        pairs += [(i + a, j + b) for a, b in diff.matches(mine, other)]
        i, j = to_i, to_j
    return pairs


def _cuts(ours: list[Word], theirs: list[Word]) -> Iterator[tuple[int, int]]:
    """Ends of windows on both sides: at pauses of both where there are any, in the end anyway."""
    starts = [[word.start for word in side] for side in (ours, theirs)]
    last, heard, count = 0.0, 0.0, 0
    for word in sorted([*ours, *theirs], key=lambda word: word.start):
        paused = word.start - heard >= PAUSE and count >= FEWEST
        if (paused or count >= 2 * MOST) and word.start > last:
            yield bisect_left(starts[0], word.start), bisect_left(starts[1], word.start)
            last, count = word.start, 0
        heard = max(heard, word.end)
        count += 1
    yield len(ours), len(theirs)


def _places(
    ours: list[Word], theirs: list[Word], pairs: list[tuple[int, int]], is_drug: IsDrug
) -> Iterator[Place]:
    i = j = 0
    for to_i, to_j in [*pairs, (len(ours), len(theirs))]:
        at = i
        for mine, other in _apart(ours[i:to_i], theirs[j:to_j]):
            kinds = {kind_of(word.text, is_drug) for word in (*mine, *other)}
            yield Place(
                kind=next(kind for kind in Kind if kind in kinds),
                ours=_joined(mine),
                theirs=_joined(other),
                before=_joined(ours[max(0, at - AROUND) : at]),
                after=_joined(ours[at + len(mine) : at + len(mine) + AROUND]),
                start=min(word.start for word in (*mine, *other)),
                end=max(word.end for word in (*mine, *other)),
            )
            at += len(mine)
        i, j = to_i + 1, to_j + 1


def _apart(ours: list[Word], theirs: list[Word]) -> list[tuple[list[Word], list[Word]]]:
    """A run of differing words as several places, where time says which words stand for which."""
    parts: list[tuple[list[Word], list[Word]]] = []
    heard = 0.0
    both = [(word, 0) for word in ours] + [(word, 1) for word in theirs]
    for word, side in sorted(both, key=lambda each: each[0].start):
        if not parts or word.start >= heard - OVERLAP:
            parts.append(([], []))
        parts[-1][side].append(word)
        heard = max(heard, word.end)
    whole = all(mine and other for mine, other in parts)
    return parts if whole or not both else [(ours, theirs)]


def _joined(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)
