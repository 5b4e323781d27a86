"""Where the signed text and an independent second one differ, upon what the machine said. Pure.

All three are compared as they would be said (see review.threshold.labels): case, marks, hesitations
and ways of writing a number are no difference. Changed words that touch are one place.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from review.diff import matches
from review.threshold.labels import forms

Block = tuple[int, int, int, int]  # from, to in the machine's words; from, to in the other's


class Span(NamedTuple):
    """Words from `first` to before `last`."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Place:
    """Words of the three texts at one place, and whether the signed or second one changed them."""

    machine: Span
    signed: Span
    second: Span
    first_changed: bool
    second_changed: bool
    same: bool


class _Run(NamedTuple):
    first: int
    last: int
    grown: int  # how many words more the other text has


class _Text:
    """The words of a text that say something, and where they stand among all."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words
        said = [(n, key(word)) for n, word in enumerate(words)]
        self.at = [n for n, says in said if says]
        self.keys = [says for _, says in said if says]

    def says(self, first: int, last: int) -> list[str]:
        return [form.text for form in forms([self.words[n] for n in self.at[first:last]])]

    def place(self, n: int) -> int:
        """Where a word that stands among all is among those that say something."""
        return bisect_left(self.at, n)

    def span(self, first: int, last: int) -> Span:
        if first < last:
            return Span(self.at[first], self.at[last - 1] + 1)
        here = self.at[first - 1] + 1 if first else 0
        return Span(here, here)


def compare(
    machine: Sequence[Sequence[Mapping[str, Any]]],
    signed: Sequence[Sequence[Any]],
    second: Sequence[Sequence[str]],
) -> list[Place]:
    """Every place where the signed or the second text says something else than the machine.

    `machine` are items by segment, `signed` the words of a signed document (id, content and more),
    `second` words by segment. Spans of the result count words of each text, without its segments.
    """
    ours = [item for segment in machine for item in segment]
    texts = [
        _Text([item["content"] for item in ours]),
        _Text([str(word[1]) for word in signed]),
        _Text([word for segment in second for word in segment]),
    ]
    kept = _by_ids(ours, signed)
    aligned = (
        list(_runs(texts[0], texts[1], kept)),
        list(_runs(texts[0], texts[2], _by_segments(machine, second))),
    )
    return list(_places(texts, aligned))


def changed(
    machine: Sequence[Mapping[str, Any]], signed: Sequence[Sequence[Any]]
) -> list[tuple[Span, Span]]:
    """Where the signed text says something else: words of the machine, words of the document."""
    ours = _Text([item["content"] for item in machine])
    theirs = _Text([str(word[1]) for word in signed])
    found, shift = [], 0
    for run in _runs(ours, theirs, _by_ids(machine, signed)):
        first, last = run.first + shift, run.last + shift + run.grown
        shift += run.grown
        if ours.says(run.first, run.last) != theirs.says(first, last):
            found.append((ours.span(run.first, run.last), theirs.span(first, last)))
    return found


@lru_cache(maxsize=50_000)
def key(word: str) -> tuple[str, ...]:
    """What a word says by itself; nothing for marks and hesitations."""
    return tuple(form.text for form in forms([word]))


def _by_ids(
    machine: Sequence[Mapping[str, Any]], signed: Sequence[Sequence[Any]]
) -> Iterator[Block]:
    """What stands between words that are the machine's own."""
    place = {word[0]: n for n, word in enumerate(signed)}
    i = j = 0
    for n, item in enumerate(machine):
        at = place.get(item["id"], -1)
        if at >= j:
            yield i, n, j, at
            i, j = n + 1, at + 1
    yield i, len(machine), j, len(signed)


def _by_segments(machine: Sequence[Sized], second: Sequence[Sized]) -> Iterator[Block]:
    i = j = 0
    for ours, theirs in zip(machine, second, strict=True):
        yield i, i + len(ours), j, j + len(theirs)
        i, j = i + len(ours), j + len(theirs)


def _runs(ours: _Text, theirs: _Text, blocks: Iterator[Block]) -> Iterator[_Run]:
    """Changed runs of words that say something, in order."""
    for block in blocks:
        i, i_end = map(ours.place, block[:2])
        j, j_end = map(theirs.place, block[2:])
        pairs = matches(ours.keys[i:i_end], theirs.keys[j:j_end])
        for a, b in [*((i + a, j + b) for a, b in pairs), (i_end, j_end)]:
            if a > i or b > j:
                yield _Run(i, a, (b - j) - (a - i))
            i, j = a + 1, b + 1


def _places(texts: Sequence[_Text], aligned: Sequence[Sequence[_Run]]) -> Iterator[Place]:
    both = sorted(
        (run.first, run.last, side, run.grown) for side in (0, 1) for run in aligned[side]
    )
    shift, n = [0, 0], 0
    while n < len(both):
        first, last = both[n][:2]
        grown = [0, 0]
        while n < len(both) and _touches(both[n], first, last):
            last = max(last, both[n][1])
            grown[both[n][2]] += both[n][3]
            n += 1
        spans = [(first, last)] + [
            (first + shift[side], last + shift[side] + grown[side]) for side in (0, 1)
        ]
        shift = [shift[side] + grown[side] for side in (0, 1)]
        says = [text.says(*span) for text, span in zip(texts, spans, strict=True)]
        if says[1] != says[0] or says[2] != says[0]:
            shown = [text.span(*span) for text, span in zip(texts, spans, strict=True)]
            yield Place(*shown, says[1] != says[0], says[2] != says[0], says[1] == says[2])


def _touches(run: tuple[int, int, int, int], first: int, last: int) -> bool:
    empty = run[0] == run[1] or first == last
    return run[0] < last or empty and run[0] <= last
