"""Health information found by phi.py at its places in a running text, as Comprehend says it."""

from collections.abc import Iterable, Sequence
from typing import Any

from transcripts.engines import phi
from transcripts.engines.turns import Turn, turns_of

_TITLES = ("Dr.", "Mr.", "Mrs.", "Ms.")
_TYPES = {"PHONE": "PHONE_OR_FAX"}


def detect(
    text: str, turns: Sequence[Turn] | None, others: Iterable[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Entities of PROTECTED_HEALTH_INFORMATION that overlap none of `others`."""
    lines, places = [], []
    for begin, end, _ in turns if turns is not None else turns_of(text):
        items, where = _items(text, begin, end)
        lines.append({"items": items})
        places.append(where)
    taken = bytearray(len(text))
    for one in others:
        for at in range(one["BeginOffset"], one["EndOffset"]):
            taken[at] = 1
    found = []
    for entity in phi.detect(lines):
        where = places[entity["line"]]
        first, last = entity["items"]
        begin, end = where[first][0], where[last][1]
        if any(taken[begin:end]):
            continue
        found.append(
            {
                "BeginOffset": begin,
                "EndOffset": end,
                "Score": entity["confidence"],
                "Text": text[begin:end],
                "Category": "PROTECTED_HEALTH_INFORMATION",
                "Type": _TYPES.get(entity["type"], entity["type"]),
                "Traits": [],
                "Attributes": [],
            }
        )
    return found


def _items(text: str, begin: int, end: int) -> tuple[list[dict[str, Any]], list[tuple[int, int]]]:
    items, places, at = [], [], begin
    for token in text[begin:end].split():
        start = text.index(token, at)
        at = start + len(token)
        bare = token if token in _TITLES else token.rstrip(".,?:;!")
        for content, kind in ((bare, "pronunciation"), (token[len(bare) :], "punctuation")):
            if content:
                items.append({"type": kind, "content": content, "start": None, "end": None})
                places.append((start, start + len(bare)))
    return items, places
