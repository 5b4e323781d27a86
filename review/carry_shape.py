"""What people did to the segments of an older transcript, found again in a newer one. Pure.

Splits, merges and changed speakers hang on the machine's words around them. Where the newer
transcript says those words too, they can be done again; where it does not, they are left.
"""

from collections import Counter
from dataclasses import dataclass, field

from review.carry import Item, keys
from review.diff import matches
from review.timing import text_of

SHOWN_WORDS = 12


@dataclass(frozen=True, slots=True)
class Turn:
    """A segment as values; times in seconds."""

    speaker: str
    start: float
    end: float
    items: list[Item]


@dataclass(frozen=True, slots=True)
class Left:
    """Something a person did that does not fit: in words, and the seconds it was about."""

    note: str
    start: float
    end: float


@dataclass(slots=True)
class Shape:
    """What to do to the newer segments, by the ids of their own items.

    `cuts` are items that begin a segment, each with how many typed items stand before it in the
    same segment; `joins` are pairs of items to be in one segment; `said` gives items a speaker.
    `labels` are the newer labels of the older ones.
    """

    cuts: list[tuple[str, int]] = field(default_factory=list)
    joins: list[tuple[str, str]] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)
    left: list[Left] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    fitted: int = 0


def shape(old: list[Turn], edited: list[Turn], new: list[Turn]) -> Shape:
    """`old` is what the machine said then, `edited` what people made of it, `new` what it says."""
    made = Shape(labels=labels(old, new))
    found = _Places(old, new)
    _boundaries(made, found, edited)
    _speakers(made, found, edited, {turn.speaker for turn in new})
    return made


class _Places:
    """Old items by id, and where the newer transcript has them."""

    def __init__(self, old: list[Turn], new: list[Turn]) -> None:
        before = [item for turn in old for item in turn.items]
        now = [item for turn in new for item in turn.items]
        ids = [item["id"] for item in now]
        self.items = {item["id"]: item for item in before}
        self.turn = {item["id"]: (n, t) for n, t in enumerate(old) for item in t.items}
        self.now = {before[a]["id"]: b for a, b in matches(keys(before), keys(now))}
        self.ids = ids
        self.order = {item["id"]: n for n, item in enumerate(before)}

    def between(self, first: str, last: str) -> list[str] | None:
        """The newer ids from one old item to another; None where one of them is not there."""
        a, b = self.now.get(first), self.now.get(last)
        return None if a is None or b is None or a > b else self.ids[a : b + 1]

    def time(self, *ids: str) -> tuple[float, float]:
        timed = [self.items[one] for one in ids if self.items[one]["start"] is not None]
        if not timed:
            turn = self.turn[ids[0]][1]
            return turn.start, turn.end
        return min(one["start"] for one in timed), max(one["end"] for one in timed)


def _boundaries(made: Shape, found: _Places, edited: list[Turn]) -> None:
    """Where people split, and where they merged."""
    last: str | None = None
    last_turn, typed = -1, 0
    for number, turn in enumerate(edited):
        typed = 0
        for item in turn.items:
            pk = item["id"]
            if pk not in found.turn:
                typed += 1
                continue
            apart = last is not None and found.turn[last][0] != found.turn[pk][0]
            if last is not None and apart == (last_turn == number):
                _boundary(made, found, last, pk, typed, merged=apart)
            last, last_turn, typed = pk, number, 0


def _boundary(made: Shape, found: _Places, last: str, pk: str, typed: int, *, merged: bool) -> None:
    there = found.between(last, pk)
    # Words put in between by the newer transcript: it is not clear on which side they belong.
    if there is None or len(there) - 1 > found.order[pk] - found.order[last]:
        word = found.items[pk]["content"]
        what = "Merged" if merged else "Split"
        made.left.append(Left(f"{what} before “{word}”.", *found.time(last, pk)))
        return
    made.fitted += 1
    if merged:
        made.joins.append((there[0], there[-1]))
    else:
        made.cuts.append((there[-1], typed))


def _speakers(made: Shape, found: _Places, edited: list[Turn], taken: set[str]) -> None:
    """Words that people gave to another speaker than the machine had."""
    known = made.labels
    for turn in edited:
        for run in _runs(turn, found):
            there = found.between(run[0], run[-1])
            if there is None:
                words = text_of([found.items[one] for one in run[:SHOWN_WORDS]])
                note = f"Given to speaker {turn.speaker}: “{words}”."
                made.left.append(Left(note, *found.time(*run)))
                continue
            if turn.speaker not in known:
                free = (f"spk_{n}" for n in range(100))
                mine = turn.speaker if turn.speaker not in taken else None
                known[turn.speaker] = mine or next(one for one in free if one not in taken)
                taken.add(known[turn.speaker])
            made.said |= dict.fromkeys(there, known[turn.speaker])
            made.fitted += 1


def _runs(turn: Turn, found: _Places) -> list[list[str]]:
    """The turn's machine words whose speaker people changed, in runs."""
    runs: list[list[str]] = []
    open_ = False
    for item in turn.items:
        if item["id"] not in found.turn:
            continue
        changed = found.turn[item["id"]][1].speaker != turn.speaker
        if changed and open_:
            runs[-1].append(item["id"])
        elif changed:
            runs.append([item["id"]])
        open_ = changed
    return runs


def labels(old: list[Turn], new: list[Turn]) -> dict[str, str]:
    """The newer label of each older one: who speaks most at the same times. One to one."""
    together: Counter[tuple[str, str]] = Counter()
    at = 0
    before = sorted((turn for turn in old if turn.speaker), key=lambda turn: turn.start)
    for turn in sorted((turn for turn in new if turn.speaker), key=lambda turn: turn.start):
        while at < len(before) and before[at].end <= turn.start:
            at += 1
        for other in before[at:]:
            if other.start >= turn.end:
                break
            both = min(turn.end, other.end) - max(turn.start, other.start)
            if both > 0:
                together[other.speaker, turn.speaker] += round(1000 * both)
    found: dict[str, str] = {}
    for (was, now), _ in together.most_common():
        if was not in found and now not in found.values():
            found[was] = now
    return found
