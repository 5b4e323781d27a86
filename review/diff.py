"""Comparing texts word by word: what changed, and merging two edits of one text.

Pure. Words are what stands between spaces, so a comma added to a word changes that word. What an
edit does to the times of words lives in timing.py.
"""

from collections.abc import Hashable, Sequence
from typing import Literal, TypedDict

# Above this many comparisons a web request would wait noticeably; see matches().
MAX_CELLS = 2_000_000


class Change(TypedDict):
    """A run of words; `old` and `new` are joined by single spaces, "" when there are none."""

    op: Literal["equal", "insert", "delete", "replace"]
    old: str
    new: str


class Conflict(TypedDict):
    """Where both sides changed the same words; `at` counts the words of the merged text before."""

    at: int
    base: str
    mine: str
    theirs: str


def words(old: str, new: str) -> list[Change]:
    """The changes from `old` to `new` in reading order; equal runs are included."""
    a, b = old.split(), new.split()
    changes: list[Change] = []
    i = j = 0
    for size, a_at, b_at in _runs(matches(a, b), len(a), len(b)):
        if a_at > i or b_at > j:
            op = "insert" if a_at == i else "delete" if b_at == j else "replace"
            changes.append({"op": op, "old": " ".join(a[i:a_at]), "new": " ".join(b[j:b_at])})
        i, j = a_at + size, b_at + size
        if size:
            same = " ".join(a[a_at:i])
            changes.append({"op": "equal", "old": same, "new": same})
    return changes


def merge(base: str, mine: str, theirs: str) -> tuple[str, list[Conflict]]:
    """One text with the changes of both sides, and the places where a person must choose.

    Changes to neighbouring words count as one place: a dose and its unit are never mixed from two
    people. In a conflict the text carries `mine`, which nobody else has stored yet.
    """
    o, a, b = base.split(), mine.split(), theirs.split()
    in_a, in_b = dict(matches(o, a)), dict(matches(o, b))
    merged: list[str] = []
    conflicts: list[Conflict] = []

    def settle(old: list[str], left: list[str], right: list[str]) -> None:
        if left not in (old, right) and right != old:
            conflicts.append(
                {
                    "at": len(merged),
                    "base": " ".join(old),
                    "mine": " ".join(left),
                    "theirs": " ".join(right),
                }
            )
        merged.extend(right if left == old else left)

    k = i = j = 0
    for at in range(len(o)):
        if at in in_a and at in in_b:
            settle(o[k:at], a[i : in_a[at]], b[j : in_b[at]])
            merged.append(o[at])
            k, i, j = at + 1, in_a[at] + 1, in_b[at] + 1
    settle(o[k:], a[i:], b[j:])
    return " ".join(merged), conflicts


def matches(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Index pairs of a longest common subsequence, rising on both sides; always the same one.

    The standard library's matcher takes time cubic in repeated words, so one pasted page of "and
    and and" would hold up the server. Here time is bounded: when the changed middle of both texts
    is larger than MAX_CELLS together, all of the middle counts as changed.
    """
    low = 0
    while low < min(len(a), len(b)) and a[low] == b[low]:
        low += 1
    high = 0
    while high < min(len(a), len(b)) - low and a[-1 - high] == b[-1 - high]:
        high += 1
    pairs = [(n, n) for n in range(low)]
    pairs += [
        (low + i, low + j) for i, j in _middle(a[low : len(a) - high], b[low : len(b) - high])
    ]
    return pairs + [(len(a) - n, len(b) - n) for n in range(high, 0, -1)]


def _middle(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[tuple[int, int]]:
    if len(a) * len(b) > MAX_CELLS:
        return []
    # longest[i][j]: length of a longest common subsequence of a[i:] and b[j:]
    longest = [[0] * (len(b) + 1)]
    for x in reversed(a):
        below = longest[-1]
        row = [0]
        for j in range(len(b) - 1, -1, -1):
            row.append(below[j + 1] + 1 if x == b[j] else max(below[j], row[-1]))
        row.reverse()
        longest.append(row)
    longest.reverse()
    pairs: list[tuple[int, int]] = []
    i = j = 0
    while i < len(a) and j < len(b):
        if a[i] == b[j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif longest[i + 1][j] >= longest[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs


def _runs(pairs: list[tuple[int, int]], a_end: int, b_end: int) -> list[tuple[int, int, int]]:
    """Matched runs as (size, start in a, start in b), closed by an empty run at both ends."""
    runs: list[tuple[int, int, int]] = []
    for i, j in pairs:
        size, a_at, b_at = runs[-1] if runs else (0, -1, -1)
        if runs and (a_at + size, b_at + size) == (i, j):
            runs[-1] = (size + 1, a_at, b_at)
        else:
            runs.append((1, i, j))
    return [*runs, (0, a_end, b_end)]
