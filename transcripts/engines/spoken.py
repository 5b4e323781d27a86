"""Items as the words that were said, and several items as one in its written form.

Shared by vocabulary, formatting and phi. An item whose content was rewritten keeps what was said
in "spoken"; whoever rewrites reads those words and leaves such an item alone, so that every
rewriting can be run twice with the same outcome. What is rewritten to what lives elsewhere.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Line = dict[str, Any]
Item = dict[str, Any]

# A hyphen between words parts them ("forty-five-year-old"); one between digits does not.
_HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=\w)|(?<=\d)-(?=[^\W\d_])")


@dataclass(frozen=True, slots=True)
class Word:
    """One spoken word: `item` is the index of its item; `first` and `last` say where in it."""

    text: str
    item: int
    first: bool
    last: bool


@dataclass(frozen=True, slots=True)
class Edit:
    """The words from `first` up to but not including `end` become `content`."""

    first: int
    end: int
    content: str


def listed(text: str) -> frozenset[str]:
    """The words of a rule, written down as one text."""
    return frozenset(text.split())


def said(item: Item) -> str:
    """What was said for this item; "" for a mark that nobody spoke."""
    if item["type"] == "punctuation":
        return str(item.get("spoken") or "")
    return str(item.get("spoken") or item["content"])


def split(text: str) -> list[str]:
    """The lower-case words of a text, without marks around them and without hyphens."""
    parts = (part.strip(",;:?!()…") for word in text.split() for part in _HYPHEN.split(word))
    bare = (p[:-1] if p.endswith(".") and p.find(".") == len(p) - 1 else p for p in parts)
    return [word.lower() for word in bare if word]


def words(items: Sequence[Item], first: int = 0) -> list[Word]:
    """The spoken words of items, which are numbered from `first`."""
    found = []
    for index, item in enumerate(items, first):
        texts = split(said(item))
        for number, text in enumerate(texts):
            found.append(Word(text, index, number == 0, number == len(texts) - 1))
    return found


def stretches(items: Sequence[Item]) -> Iterator[tuple[int, int]]:
    """Runs [first, end) of pronunciations: what was said without a mark in between."""
    first = None
    for index, item in enumerate(items):
        if item["type"] == "pronunciation":
            first = index if first is None else first
        elif first is not None:
            yield first, index
            first = None
    if first is not None:
        yield first, len(items)


def text_of(items: Iterable[Item]) -> str:
    """Contents joined by one space, none before punctuation."""
    parts = ((" " if i["type"] == "pronunciation" else "") + i["content"] for i in items)
    return "".join(parts).strip()


def merged(items: Sequence[Item], content: str, *, spoken: str | None = None) -> Item:
    """One item for several: their whole time, their least confidence, and what was said."""
    timed = [item for item in items if item["start"] is not None and item["end"] is not None]
    result = {
        **items[0],
        "content": content,
        "start": min((item["start"] for item in timed), default=None),
        "end": max((item["end"] for item in timed), default=None),
        "confidence": least(items, "confidence"),
        "raw_confidence": least(items, "raw_confidence"),
        "spoken": spoken or " ".join(filter(None, map(said, items))),
    }
    marks = list(dict.fromkeys(m for item in items for m in item.get("marks", ())))
    return result | {"marks": marks} if marks else result


def least(items: Iterable[Item], key: str) -> float | None:
    return min((item[key] for item in items if item.get(key) is not None), default=None)


def applied(
    items: Sequence[Item],
    spoken_words: Sequence[Word],
    edits: Iterable[Edit],
    alternatives: Callable[[Edit], list[dict[str, Any]]] | None = None,
) -> list[Item]:
    """The items with edits made. `edits` are in order and apart; words count items from 0.

    An edit that begins inside an item, or touches an item that is in its written form already, is
    passed over. One that ends inside an item keeps the rest: "forty-five-year-old" becomes
    "45-year-old". `alternatives` gives other readings of an edited place; without it one item
    keeps its own and several have none, since theirs were readings of single words.
    """
    result: list[Item] = []
    done = 0
    for edit in edits:
        head, tail = spoken_words[edit.first], spoken_words[edit.end - 1]
        covered = items[head.item : tail.item + 1]
        if not head.first or head.item < done or any("spoken" in item for item in covered):
            continue
        content = edit.content + _rest(covered[-1], spoken_words, edit.end, tail)
        if content == text_of(covered):
            continue
        if alternatives:
            others = alternatives(edit)
        else:
            others = covered[0].get("alternatives", []) if len(covered) == 1 else []
        result += items[done : head.item]
        result.append({**merged(covered, content), "alternatives": others})
        done = tail.item + 1
    return result + list(items[done:])


def _rest(item: Item, spoken_words: Sequence[Word], end: int, tail: Word) -> str:
    if tail.last:
        return ""
    left = sum(1 for word in spoken_words[end:] if word.item == tail.item)
    return "-" + "-".join(_HYPHEN.split(item["content"])[-left:])
