"""To what a dose, a time or a side belongs: the nearest drug or finding that can have it. Pure."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from transcripts.engines.entities_dose import Part
from transcripts.engines.lexicon import DRUG, DX, TEST
from transcripts.engines.spoken import listed
from transcripts.engines.tokens import Token
from transcripts.engines.turns import Sentence

REACH = 16  # words from a drug, or from what was tied to it last, to its next part
SIDES = listed("left right bilateral bilaterally")
_NO_SIDE_AFTER = listed("now away here there then before after the a i he she")
_BEFORE = ("STRENGTH", "DOSAGE", "FORM", "DURATION", "ROUTE_OR_MODE")  # may come before a drug


@dataclass(slots=True)
class Found:
    """An entity in tokens[first:end] with its traits and attributes (type, first, end)."""

    first: int
    end: int
    category: str
    type: str
    traits: list[str] = field(default_factory=list)
    attributes: "list[Found]" = field(default_factory=list)


class Placed:
    """Finds in the order of their places, asked for by place."""

    def __init__(self, found: Iterable[Found]) -> None:
        self._found = sorted(found, key=lambda one: one.first)
        self._firsts = [one.first for one in self._found]

    def within(self, first: int, end: int) -> list[Found]:
        """Those that begin in tokens[first:end]."""
        return self._found[bisect_left(self._firsts, first) : bisect_left(self._firsts, end)]

    def add(self, one: Found) -> None:
        at = bisect_left(self._firsts, one.first)
        self._found.insert(at, one)
        self._firsts.insert(at, one.first)


def direction(toks: Sequence[Token], at: int, found: Sequence[Any]) -> bool:
    """Whether "left" or "right" is a side here: "left the hospital" and "all right" are not."""
    word = toks[at].low
    if word not in SIDES:
        return False
    before = toks[at - 1].low if at else ""
    behind = toks[at + 1 : at + 4]
    part = any(0 < one.first - at <= 3 and one.category in ("ANATOMY", DX) for one in found)
    near = part and not any(t.mark for t in behind[:1])
    if word.startswith("bilateral"):
        return True
    if near and (before not in ("that's", "all") and (not behind or behind[0].low != "the")):
        return behind[0].low not in _NO_SIDE_AFTER
    if behind and behind[0].low in ("side", "sided", "handed") and behind[0].glued:
        return True
    behind_free = not behind or behind[0].mark or not _noun(behind[0].low)
    return before in ("the", "my", "his", "her") and behind_free and _placed(toks, at)


def _placed(toks: Sequence[Token], at: int) -> bool:
    return at >= 2 and toks[at - 2].low in ("on", "in", "to", "of", "from", "at", "than")


def _noun(word: str) -> bool:
    return word in ("thing", "one", "time", "way", "dose", "place", "direction", "answer", "track")


def attach(
    toks: Sequence[Token], said: Sequence[Sentence], parts: Sequence[Part], found: list[Found]
) -> list[Found]:
    """Ties parts to drugs and findings; returns strengths that belong to no drug named."""
    sentence_of = {n: i for i, s in enumerate(said) for n in range(s.first, s.end)}
    drugs = Placed(one for one in found if one.category == DRUG)
    findings = Placed(one for one in found if one.category == DX)
    tests = Placed(one for one in found if one.category == TEST)
    last: dict[int, int] = {}  # where the last part of a drug ended
    loose: list[Found] = []
    for part in parts:
        number = sentence_of.get(part.first)
        if number is None:
            continue
        drug = _drug(toks, said, number, part, drugs, last)
        kind = part.type
        if kind in ("SPAN", "TIME", "AHEAD"):
            kind = _time(said, number, part, drug, findings, tests)
            if kind is None:
                continue
            if kind != "DURATION":
                first = _bare(toks, part.first)
                found.append(Found(first, part.end, "TIME_EXPRESSION", kind))
                continue
        if drug is not None:
            one = Found(part.first, part.end, DRUG, kind)
            drug.attributes.append(one)
            last[id(drug)] = part.end
        elif kind == "STRENGTH":
            loose.append(Found(part.first, part.end, DRUG, kind))
    return loose


def _bare(toks: Sequence[Token], first: int) -> int:
    """Where a time begins without "for", "over the past" and the like."""
    if toks[first].low not in ("for", "over", "in"):
        return first
    first += 1
    while toks[first].low in ("about", "the", "past", "around", "last", "over", "almost", "next"):
        first += 1
    return first


def _drug(
    toks: Sequence[Token],
    said: Sequence[Sentence],
    number: int,
    part: Part,
    drugs: "Placed",
    last: dict[int, int],
) -> Any:
    s = said[number]
    follows = next(iter(drugs.within(part.end, s.end)), None)
    if follows is not None and part.type in (
        "STRENGTH",
        "DOSAGE",
        "FORM",
        "DURATION",
        "ROUTE_OR_MODE",
    ):
        between = [t.low for t in toks[part.end : follows.first]]
        if between in ([], ["of"]) or (len(between) <= 4 and "of" in between[-1:]):
            return follows
    before = drugs.within(s.first, part.first)
    if before:
        near = before[-1]
        room = 5 if part.type == "FORM" else REACH
        return near if part.first - last.get(id(near), near.end) <= room else None
    if part.type == "FORM":
        return None
    return _earlier(toks, said, number, part, drugs)


def _earlier(
    toks: Sequence[Token], said: Sequence[Sentence], number: int, part: Part, drugs: "Placed"
) -> Any:
    """The drug asked about, or of the sentence before: "How much metformin?" "500 twice a day." """
    s = said[number]
    if s.asked is not None:
        q = said[s.asked]
        named = drugs.within(q.first, q.end)
        return named[-1] if named else None
    if number and said[number - 1].turn == s.turn and part.first - s.first <= 4:
        back = said[number - 1]
        named = drugs.within(back.first, back.end)
        short = back.end - (named[-1].first if named else back.end) <= 10
        return named[-1] if len(named) == 1 and short and _goes_on(toks, s, part) else None
    return None


def _goes_on(toks: Sequence[Token], s: Sentence, part: Part) -> bool:
    """Whether a sentence speaks on about the drug before: "Take one daily." "500 milligrams." """
    opening = {t.low for t in toks[s.first : part.first]}
    return opening <= {"take", "takes", "then", "and", "at", "it", "with", "that's", "is", "use"}


def _time(
    said: Sequence[Sentence],
    number: int,
    part: Part,
    drug: Any,
    findings: "Placed",
    tests: "Placed",
) -> str | None:
    """DURATION of a drug, or the type of a time expression, or None for a time of nothing."""
    s = said[number]
    here = findings.within(s.first, s.end)
    if part.type == "AHEAD":
        return "TIME_TO_TEST_NAME" if tests.within(s.first, part.first) else None
    near = max((f.first for f in here if f.first < part.first), default=-1)
    if drug is not None and drug.first > near and part.type == "SPAN":
        return "DURATION"
    if here:
        return "TIME_TO_DX_NAME"
    if drug is not None and s.first <= drug.first < s.end:
        return "TIME_TO_MEDICATION_NAME"
    if s.asked is not None:
        q = said[s.asked]
        if findings.within(q.first, q.end):
            return "TIME_TO_DX_NAME"
    return None
