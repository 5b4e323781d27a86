"""Which human edits of an older transcript fit into a newer one. Pure: item dicts in, texts out.

An edit fits where the newer transcript says the same words as the older one did at that place, with
the same neighbours; there the edited words replace them. Everywhere else the two collide, and a
person has to look.
"""

from dataclasses import dataclass
from typing import Any

from review.diff import matches
from review.timing import text_of

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Carried:
    """The newer segments' texts with the edits that fit, how many fitted, and what did not.

    `collisions` are what people typed, as text, with the indexes of the old items it stood for.
    """

    texts: list[str]
    fitted: int
    collisions: list[tuple[str, int, int]]

    @property
    def collided(self) -> int:
        return len(self.collisions)


@dataclass(frozen=True, slots=True)
class _Edit:
    """Old items start..end became `words`, which hang on the word before them or the one after."""

    start: int
    end: int
    words: list[Item]
    after_word_before: bool


def carry(old: list[Item], edited: list[list[Item]], new: list[list[Item]]) -> Carried:
    """`old` are all items of a text before people, `edited` its segments after them."""
    flat = [item for segment in new for item in segment]
    place = dict(matches(keys(old), keys(flat)))
    homes = [n for n, segment in enumerate(new) for _ in segment]
    changed: dict[int, list[tuple[int, int, list[Item]]]] = {}
    collisions: list[tuple[str, int, int]] = []
    fitted = 0
    for edit in _edits(old, edited):
        span = _span(edit, place, len(old), len(flat))
        if span is None or len({homes[i] for i in range(*span)} or {0}) > 1:
            collisions.append((text_of(edit.words), edit.start, edit.end))
            continue
        home = _home(edit, span, homes)
        changed.setdefault(home, []).append((*span, edit.words))
        fitted += 1
    starts = [sum(len(s) for s in new[:n]) for n in range(len(new))] if changed else []
    texts = [
        text_of(_applied(segment, starts[n], changed[n]) if n in changed else segment)
        for n, segment in enumerate(new)
    ]
    return Carried(texts, fitted, collisions)


def keys(items: list[Item]) -> list[tuple[str, str]]:
    """What makes two items the same word."""
    return [(item["type"], item["content"]) for item in items]


def _home(edit: _Edit, span: tuple[int, int], homes: list[int]) -> int:
    """The newer segment an edit goes into; words put in at a boundary stay on their side of it."""
    if not homes:
        return 0
    if span[0] < span[1]:
        return homes[span[0]]
    at = span[0] - 1 if edit.after_word_before else span[0]
    return homes[min(max(at, 0), len(homes) - 1)]


def _edits(old: list[Item], segments: list[list[Item]]) -> list[_Edit]:
    """Runs of old items, and what people made of them."""
    edited = [item for segment in segments for item in segment]
    homes = [n for n, segment in enumerate(segments) for _ in segment]
    edits, i, j = [], 0, 0
    for a, b in [*matches(keys(old), keys(edited)), (len(old), len(edited))]:
        if a > i or b > j:
            joined = 0 < j < len(homes) and homes[j - 1] == homes[j]
            edits.append(_Edit(i, a, edited[j:b], after_word_before=joined or b == len(edited)))
        i, j = a + 1, b + 1
    return edits


def _span(edit: _Edit, place: dict[int, int], olds: int, news: int) -> tuple[int, int] | None:
    """Where the edit's old words stand in the new text, with the same neighbours, or None."""
    before = -1 if edit.start == 0 else place.get(edit.start - 1)
    after = news if edit.end == olds else place.get(edit.end)
    if before is None or after is None or after - before - 1 != edit.end - edit.start:
        return None
    same = all(place.get(edit.start + n) == before + 1 + n for n in range(edit.end - edit.start))
    return (before + 1, after) if same else None


def _applied(
    segment: list[Item], start: int, edits: list[tuple[int, int, list[Item]]]
) -> list[Item]:
    result, at = [], start
    for first, last, words in sorted(edits, key=lambda edit: edit[:2]):
        result += segment[at - start : first - start] + words
        at = last
    return result + segment[at - start :]
