"""Terms, doses, times and negation put together as entities. Pure; the interface is entities.py."""

from collections.abc import Sequence
from typing import Any

from transcripts.engines import entities_dose, negation, numerals
from transcripts.engines.entities_links import SIDES, Found, Placed, attach, direction
from transcripts.engines.lexicon import DRUG, DX, PART, TEST, Match, Term, lexicon
from transcripts.engines.lexicon_own import complaints, imaging, salts
from transcripts.engines.spoken import listed
from transcripts.engines.tokens import Token, tokens
from transcripts.engines.turns import Sentence, Turn, sentences, turns_of

SCORES = {DRUG: 0.95, DX: 0.85, PART: 0.9, TEST: 0.9, "TIME_EXPRESSION": 0.8}
_LONGEST = 16  # words of a name, at most
_SPANS = listed("week weeks month months days year years")
# "come back", "call back", "go back": no part of the body.
_BACK = listed("his her my your the lower upper low their mid a")


def entities(
    text: str, turns: Sequence[Turn] | None = None
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(entities, unmapped attributes) in reading order, without Id."""
    toks = tokens(text)
    turns = turns_of(text) if turns is None else turns
    said = sentences(toks, turns)
    found = _terms(toks, text)
    _directions(toks, found)
    _values(toks, said, found)
    parts = entities_dose.parts(_masked(toks, found))
    loose = attach(toks, said, parts, found)
    _traits(toks, said, found)
    found.sort(key=lambda one: one.first)
    unmapped = [{"Type": DRUG, "Attribute": _attribute(toks, text, one)} for one in loose]
    return [_entity(toks, text, one) for one in found], unmapped


def _terms(toks: Sequence[Token], text: str) -> list[Found]:
    known, found, at = lexicon(), [], 0
    while at < len(toks):
        match = None if toks[at].mark else known.at(toks, at, text)
        match = match and _judged(toks, match, text)
        if match is None:
            at += 1
            continue
        found.append(_found(match))
        at = match.end
    return found


def _found(match: Match) -> Found:
    term = match.term
    return Found(
        match.first, match.end, term.category, term.type, [term.trait] if term.trait else []
    )


def _judged(toks: Sequence[Token], match: Match, text: str) -> Match | None:
    """The match made longer by what belongs to it, or None where the word means another thing."""
    end = match.end
    if match.term.category == DRUG:
        while end < len(toks) and toks[end].glued and toks[end].low in salts():
            end += 1
        return Match(match.first, end, match.term)
    if match.term.category == DX and toks[match.first].low in ("fall", "falls"):
        return match if toks[match.first].low == "falls" else None
    if match.term.category != PART:
        return match
    longer = _complaint(toks, match) or _imaging(toks, match)
    if longer:
        return longer
    word = toks[match.first].low
    before = toks[match.first - 1].low if match.first else ""
    if word == "back" and match.end - match.first == 1 and before not in _BACK:
        return None
    if word in ("mouth", "tongue", "nostril") and before in ("by", "the", "each"):
        way = " ".join(t.low for t in toks[max(0, match.first - 2) : match.end])
        if way.endswith(("by mouth", "under the tongue", "in each nostril")):
            return None
    if word in ("hand", "head", "face") and before in ("other", "to", "i", "we", "on"):
        return None
    return match


def _complaint(toks: Sequence[Token], match: Match) -> Match | None:
    """ "knee pain" is one finding."""
    end = match.end
    if end < len(toks) and toks[end].glued and toks[end].stem in complaints():
        trait = complaints()[toks[end].stem]
        return Match(match.first, end + 1, Term(DX, "DX_NAME", trait))
    return None


def _imaging(toks: Sequence[Token], match: Match) -> Match | None:
    for size in (2, 1):
        part = toks[match.end : match.end + size]
        stemmed = tuple(t.stem for t in part)
        if len(part) == size and all(t.glued for t in part) and stemmed in imaging():
            return Match(match.first, match.end + size, Term(TEST, "TEST_NAME"))
    return None


def _directions(toks: Sequence[Token], found: list[Found]) -> None:
    """Left, right and both: at the part or finding they stand beside, else on their own."""
    taken = {n for one in found for n in range(one.first, one.end)}
    parts = Placed(one for one in found if one.category in (PART, DX))
    for at in range(len(toks)):
        if at in taken or toks[at].low not in SIDES:
            continue
        near = parts.within(at - _LONGEST, at + 4)
        if not direction(toks, at, near):
            continue
        mark = Found(at, at + 1, PART, "DIRECTION")
        owner = min(
            (one for one in near if 0 <= one.first - at <= 3 or 0 <= at - one.end <= 1),
            key=lambda one: (one.first < at, abs(one.first - at)),
            default=None,
        )
        if owner is not None and not any(t.mark for t in toks[at : owner.first]):
            owner.attributes.append(mark)
        else:
            found.append(mark)
            parts.add(mark)


def _values(toks: Sequence[Token], said: Sequence[Sentence], found: list[Found]) -> None:
    """ "TSH was 7.9", "blood pressure today is 148 over 86"."""
    ends = {n: s.end for s in said for n in range(s.first, s.end)}
    words = [t.low for t in toks]
    starts = {one.first for one in found}
    for test in [one for one in found if one.type == "TEST_NAME"]:
        limit = min(test.end + 7, ends.get(test.first, test.end))
        for at in range(test.end, limit):
            if at in starts or words[at] in ("and", "in", "for", ";", "or", "repeat", "from"):
                break
            if numerals.is_number(words[at]):
                stop = numerals.run(words, at)
                if words[stop : stop + 1] in (["over"], ["/"]):
                    stop = max(stop, numerals.run(words, stop + 1))
                _value(words, test, at, stop)
                break


def _value(words: Sequence[str], test: Found, at: int, stop: int) -> None:
    if words[stop : stop + 1] and words[stop] in (
        "week",
        "weeks",
        "month",
        "months",
        "days",
        "year",
    ):
        return
    test.attributes.append(Found(at, stop, TEST, "TEST_VALUE"))
    if words[stop : stop + 1] and words[stop] in ("percent", "%"):
        test.attributes.append(Found(stop, stop + 1, TEST, "TEST_UNIT"))


def _masked(toks: Sequence[Token], found: Sequence[Found]) -> list[Token]:
    """The tokens with those of terms and values blanked, so that no dose is read in a name."""
    hidden = {
        n for one in found for part in [one, *one.attributes] for n in range(part.first, part.end)
    }
    return [_BLANK if n in hidden else token for n, token in enumerate(toks)]


_BLANK = Token(0, 0, "\0", "\0", True, False)


def _traits(toks: Sequence[Token], said: Sequence[Sentence], found: Sequence[Found]) -> None:
    """Negation in the sentence and over the answer; family, doubt and history."""
    number_of = {n: number for number, s in enumerate(said) for n in range(s.first, s.end)}
    by: dict[int, list[Found]] = {number: [] for number in range(len(said))}
    for one in sorted(found, key=lambda one: one.first):
        if one.category == DX and one.first in number_of:
            by[number_of[one.first]].append(one)
    words = [t.low for t in toks]
    denied: set[tuple[int, int]] = set()
    names = {}
    for number, s in enumerate(said):
        spans = [(o.first, o.end) for o in by[number]]
        denied |= {spans[n] for n in negation.negated(words, s, spans)}
        names[number] = [
            (o.first, o.end, " ".join(t.stem for t in toks[o.first : o.end])) for o in by[number]
        ]
    denied |= negation.answered(toks, said, names, denied)
    for number, s in enumerate(said):
        for one in by[number]:
            more = negation.traits(toks, s, one.first, one.end)
            if (one.first, one.end) in denied:
                more.insert(0, "NEGATION")
            one.traits = [*more, *one.traits]


def _entity(toks: Sequence[Token], text: str, one: Found) -> dict[str, Any]:
    entity = _place(toks, text, one)
    entity["Attributes"] = [_attribute(toks, text, a) for a in one.attributes]
    return entity


def _attribute(toks: Sequence[Token], text: str, one: Found) -> dict[str, Any]:
    kind = "OVERLAP" if one.type in ("DX_NAME", "GENERIC_NAME", "BRAND_NAME") else one.type
    return _place(toks, text, one) | {"RelationshipScore": 0.8, "RelationshipType": kind}


def _place(toks: Sequence[Token], text: str, one: Found) -> dict[str, Any]:
    begin, end = toks[one.first].begin, toks[one.end - 1].end
    score = SCORES[one.category]
    return {
        "BeginOffset": begin,
        "EndOffset": end,
        "Score": score,
        "Text": text[begin:end],
        "Category": one.category,
        "Type": one.type,
        "Traits": [{"Name": name, "Score": score} for name in dict.fromkeys(one.traits)],
    }
