"""What people did to a segment or to one word of it, out of the log's changes. Pure.

Entries are read from the newest to the oldest; a word is followed back to the words it replaced, a
segment to those that it was split off from or merged with.
"""

from typing import Any

from review.timing import text_of

Change = dict[str, Any]
Item = dict[str, Any]


def of_segment(
    changes: list[Change], segments: set[str], contents: dict[str, str]
) -> tuple[str, str] | None:
    """What an edit did to one of the segments, as texts before and after; None if nothing.

    `contents` are words by item id, for flags; words of the changes are added to it.
    """
    _learn(changes, contents)
    for change in changes:
        before, after = change["before"] or {}, change["after"] or {}
        if change.get("segment") in segments and "items" in {**before, **after}:
            return text_of(before.get("items", [])), text_of(after.get("items", []))
    for change in changes:
        before, after = change["before"] or {}, change["after"] or {}
        if change.get("segment") in segments and "speaker" in {**before, **after}:
            return before.get("speaker", ""), after.get("speaker", "")
    return None


def of_word(
    changes: list[Change], words: set[str], contents: dict[str, str]
) -> tuple[str, str] | None:
    """What an edit did to one of the words; the words it replaced are added to `words`."""
    _learn(changes, contents)
    for change in changes:
        if "segment" not in change:
            continue
        before = (change["before"] or {}).get("items", [])
        after = (change["after"] or {}).get("items", [])
        fresh = {item["id"] for item in after} - {item["id"] for item in before}
        fresh -= _lost(changes, change)
        gap = _gap(before, after, words & fresh)
        if gap:
            words |= {item["id"] for item in gap[0]}
            return text_of(gap[0]), text_of(gap[1])
    return None


def flagged(
    changes: list[Change], flags: dict[str, list[str]], words: set[str] | None
) -> list[str] | None:
    """The items of a flag that was raised or resolved, upon one of the words where they are given.

    `flags` are items by flag id.
    """
    for change in changes:
        if "flag" not in change:
            continue
        items = (change["after"] or {}).get("items") or flags.get(change["flag"], [])
        if words is None or words & set(items):
            return items
    return None


def joined(changes: list[Change]) -> bool:
    """Whether the edit moved words between segments."""
    segments = [change for change in changes if "segment" in change]
    return len(segments) > 1 and any(_lost(changes, one) & _ids(one) for one in segments)


def _ids(change: Change) -> set[str]:
    return {item["id"] for item in (change["after"] or {}).get("items", [])}


def confirmed(items: list[str], contents: dict[str, str]) -> tuple[str, str]:
    """The words of a flag, which stay as they are."""
    text = " ".join(contents[item] for item in items if item in contents)
    return text, text


def _learn(changes: list[Change], contents: dict[str, str]) -> None:
    for change in changes:
        if "segment" in change:
            for fields in (change["before"], change["after"]):
                for item in (fields or {}).get("items", []):
                    contents[item["id"]] = item["content"]


def _lost(changes: list[Change], one: Change) -> set[str]:
    """Items that other segments had before the edit: they were moved here, not written."""
    return {
        item["id"]
        for change in changes
        if "segment" in change and change is not one
        for item in (change["before"] or {}).get("items", [])
    }


def _gap(
    before: list[Item], after: list[Item], words: set[str]
) -> tuple[list[Item], list[Item]] | None:
    """The run of replaced items around one of the words, as it was and as it became."""
    kept = {item["id"] for item in before} & {item["id"] for item in after}
    old, new = _runs(before, kept), _runs(after, kept)
    for was, became in zip(old, new, strict=False):
        if any(item["id"] in words for item in became):
            return was, became
    return None


def _runs(items: list[Item], kept: set[str]) -> list[list[Item]]:
    """The items between those that were kept; one run more than there are kept ones."""
    runs: list[list[Item]] = [[]]
    for item in items:
        if item["id"] in kept:
            runs.append([])
        else:
            runs[-1].append(item)
    return runs
