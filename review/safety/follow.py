"""Where marked words went when a text was changed: the words that stand in their place. Pure."""

from collections.abc import Collection, Sequence
from typing import Any

Item = dict[str, Any]


def replacements(old: Sequence[Item], new: Sequence[Item], items: Collection[str]) -> list[str]:
    """Ids of the new words where those of `items` stood that are gone."""
    was = [item["id"] for item in old]
    now = [item["id"] for item in new]
    place = {pk: n for n, pk in enumerate(now)}
    had = set(was)
    found: dict[str, None] = {}
    for at, pk in enumerate(was):
        if pk not in items or pk in place:
            continue
        left = next((place[was[n]] for n in range(at - 1, -1, -1) if was[n] in place), -1)
        right = next((place[was[n]] for n in range(at + 1, len(was)) if was[n] in place), len(now))
        found |= dict.fromkeys(p for p in now[left + 1 : right] if p not in had)
    return list(found)


def followed(old: Sequence[Item], new: Sequence[Item], items: Sequence[str]) -> list[str]:
    """Ids that a mark on `items` stands on after the change, in order; none in an empty text.

    What replaced its words; where nothing did, the nearest word that was kept.
    """
    kept = {*items, *replacements(old, new, items)}
    found = [item["id"] for item in new if item["id"] in kept]
    if any(item["type"] == "pronunciation" for item in new if item["id"] in kept):
        return found
    was = [item["id"] for item in old]
    centre = next((n for n, pk in enumerate(was) if pk in items), 0)
    words = {item["id"] for item in new if item["type"] == "pronunciation"}
    near = sorted((abs(n - centre), n) for n, pk in enumerate(was) if pk in words)
    if near:
        return [was[near[0][1]]]
    return [item["id"] for item in new if item["id"] in words][:1]
