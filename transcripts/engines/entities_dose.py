"""Doses and times in tokens: strength, dose, form, route, frequency, duration, when. Pure.

One grammar over spoken and written numbers. To which drug or finding a part belongs is decided in
entities; what a dose is worth is judged by review.safety.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from transcripts.engines import numerals
from transcripts.engines.spoken import listed
from transcripts.engines.tokens import Token

UNITS = {
    "mg": listed("mg mgs milligram milligramme milligrams"),
    "mcg": listed("mcg mcgs ug microgram microgramme"),
    "g": listed("g gm gram gramme"),
    "mL": listed("ml mls milliliter millilitre cc"),
    "units": listed("unit iu"),
    "mEq": listed("meq milliequivalent"),
    "%": listed("% percent"),
    "mmol": listed("mmol millimole"),
}
UNIT_OF = {word: unit for unit, words in UNITS.items() for word in words}
FORMS = listed(
    "tablet tab capsule caplet pill puff drop spray patch suppository teaspoon tablespoon vial "
    "lozenge inhaler cream ointment lotion gel suspension syrup solution injection nebulizer "
    "shampoo foam packet ampule spoonful pen"
)
COUNTED = FORMS - listed("cream ointment lotion gel suspension syrup solution inhaler nebulizer")
PERIODS = listed("day week month year hour minute night morning evening")
LONG = listed("day week month year hour")

_FREQUENCIES = (
    *("every other day", "every day", "every morning", "every evening", "every night", "each day"),
    *("each morning", "each night", "every week", "every month", "at bedtime", "at night"),
    *("in the morning", "in the evening", "before bed", "before meals", "after meals"),
    *("with meals", "with each meal", "with breakfast", "with dinner", "with supper"),
    *("with food", "before breakfast", "as needed", "when needed", "as directed", "once daily"),
    *("twice daily", "three times daily", "four times daily", "once weekly", "twice weekly"),
    *("daily", "nightly", "weekly", "monthly", "hourly", "bid", "tid", "qid", "qd", "qhs", "qam"),
    *("qpm", "prn", "once a day", "a day", "per day", "around the clock"),
)
_ROUTES = (
    *("by mouth", "orally", "po", "intravenously", "intravenous", "iv", "intramuscularly"),
    *("intramuscular", "im", "subcutaneously", "subcutaneous", "subq", "sublingually"),
    *("sublingual", "under the tongue", "topically", "topical", "inhaled", "intranasally"),
    *("rectally", "vaginally", "per rectum", "transdermal", "in each nostril", "by injection"),
)
_WHENS = (
    *("yesterday", "last night", "last week", "last month", "last year", "this morning"),
    *("the other day", "two days ago"),
)
_ABOUT = listed("about around approximately over nearly almost roughly only another")


@dataclass(frozen=True, slots=True)
class Part:
    """tokens[first:end] is of this AWS type; TIME for a time not yet tied to anything."""

    type: str
    first: int
    end: int


def parts(tokens: Sequence[Token]) -> list[Part]:
    """All parts in order; none overlap."""
    words = [token.low for token in tokens]
    stems = [token.stem for token in tokens]
    found: list[Part] = []
    at = 0
    while at < len(tokens):
        new = list(_at(words, stems, at))
        found += new
        at = new[-1].end if new else at + 1
    return found


def _at(words: Sequence[str], stems: Sequence[str], at: int) -> Iterator[Part]:
    if numerals.is_number(words[at]) or words[at] in ("a", "an", "half"):
        yield from _numbered(words, stems, at)
        return
    if words[at] in ("for", "x", "times", "since", "over", "in"):
        yield from _timed(words, stems, at)
        if words[at] in ("for", "x", "since", "over"):
            return
    for type_, phrases in (("FREQUENCY", _BY_WORD), ("ROUTE_OR_MODE", _WAYS), ("TIME", _TIMES)):
        for phrase in phrases.get(words[at], ()):
            if tuple(words[at : at + len(phrase)]) == phrase:
                yield Part(type_, at, at + len(phrase))
                return
    if words[at] in ("once", "twice"):
        end = _per_time(words, stems, at + 1)
        if end:
            yield Part("FREQUENCY", at, end)
    elif words[at] in ("every", "q"):
        end = _number_end(words, at + 1)
        if end and end < len(words) and stems[end] in LONG:
            yield Part("FREQUENCY", at, end + 1)
    elif stems[at] in FORMS:
        yield Part("FORM", at, at + 1)


def _numbered(words: Sequence[str], stems: Sequence[str], at: int) -> Iterator[Part]:
    end = _number_end(words, at)
    if end is None or end >= len(words):
        return
    if words[at] in ("a", "an") and stems[end] not in COUNTED:
        if stems[end] in LONG and words[end + 1 : end + 2] == ["ago"]:
            yield Part("TIME", at, end + 2)
        return
    unit = _unit_end(words, stems, end)
    if unit:
        yield Part("STRENGTH", at, unit)
    elif stems[end] in COUNTED:
        yield Part("DOSAGE", at, end)
        yield Part("FORM", end, end + 1)
    elif words[end] == "times" and (stop := _per_time(words, stems, end + 1)):
        yield Part("FREQUENCY", at, stop)
    elif stems[end] in LONG and words[end + 1 : end + 2] != ["old"]:
        if words[end + 1 : end + 2] == ["ago"]:
            yield Part("TIME", at, end + 2)
        elif words[end + 1 : end + 2] in (["course"], ["supply"]):
            yield Part("DURATION", at, end + 1)
        elif (
            words[end + 1 : end + 2] == ["history"]
            or at == 0
            or not words[at - 1].isalpha()
            or words[at - 1] in _ABOUT
        ):
            yield Part("TIME", at, end + 1)


def _alone(words: Sequence[str], at: int) -> bool:
    """Whether a time stands as an answer does: "About ten days." """
    return at == 0 or not words[at - 1].isalpha() or words[at - 1] in _ABOUT


def _timed(words: Sequence[str], stems: Sequence[str], at: int) -> Iterator[Part]:
    """ "for four days" may be a drug's duration or a finding's age: decided by what it is near."""
    if words[at] == "since" and at + 1 < len(words) and words[at + 1].isalpha():
        end = at + 2
        if words[at + 1] in ("last", "the", "this", "early", "late") and end < len(words):
            end += 1
        if words[at + 1] not in ("i", "he", "she", "it", "they", "we", "you", "then", "there"):
            yield Part("TIME", at, end)
        return
    begin = at + 1
    while begin < len(words) and words[begin] in {*_ABOUT, "the", "past", "last", "next", "up"}:
        begin += 1
    end = _number_end(words, begin)
    if end is None and begin < len(words) and stems[begin] in LONG and begin > at + 1:
        end = begin
    while end is not None and end < len(words) and words[end] in ("more", "full"):
        end += 1
    if end is None or end >= len(words) or stems[end] not in LONG:
        return
    if words[end + 1 : end + 2] == ["old"]:
        return
    kind = {"for": "SPAN", "x": "DURATION", "times": "DURATION", "in": "AHEAD"}
    yield Part(kind.get(words[at], "TIME"), at, end + 1)


def _number_end(words: Sequence[str], at: int) -> int | None:
    """Behind "five", "1,000", "five to ten", "one or two", "a", "one and a half"."""
    if at >= len(words):
        return None
    if words[at] in ("a", "an", "half"):
        end = at + 1
        if words[at] == "a" and words[end : end + 1] == ["half"]:
            end += 1
        if words[at] == "a" and words[end : end + 1] == ["few"]:
            end += 1
        return end
    if words[at] in ("several", "few", "couple"):
        return at + 1
    end = numerals.run(words, at)
    if end == at:
        return None
    if words[end : end + 3] == ["and", "a", "half"]:
        end += 3
    if end + 1 < len(words) and words[end] in ("to", "or", "and", "/"):
        stop = numerals.run(words, end + 1)
        if stop > end + 1 and words[end] != "/":
            end = stop if words[end] != "and" or words[end - 1] in ("hundred", "thousand") else end
    return end


def _unit_end(words: Sequence[str], stems: Sequence[str], at: int) -> int | None:
    if words[at : at + 2] == ["international", "units"]:
        return at + 2
    if stems[at] not in UNIT_OF or (stems[at] == "gram" and words[at + 1 : at + 2] == ["negative"]):
        return None
    end = at + 1
    if words[end : end + 1] in (["per"], ["/"]) and end + 1 < len(words):
        per = stems[end + 1]
        if per in UNIT_OF or per in ("kilo", "kilogram", "kg", "hour", "dose", "deciliter", "dl"):
            end += 2
    return end


def _per_time(words: Sequence[str], stems: Sequence[str], at: int) -> int | None:
    """Behind "a day", "per week", "daily"."""
    if words[at : at + 1] and words[at] in ("daily", "weekly", "monthly", "nightly"):
        return at + 1
    if (
        at + 1 < len(words)
        and words[at] in ("a", "per", "each", "every")
        and stems[at + 1] in PERIODS
    ):
        return at + 2
    return None


def _phrases(phrases: Sequence[str]) -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for phrase in sorted(phrases, key=len, reverse=True):
        found.setdefault(phrase.split()[0], []).append(tuple(phrase.split()))
    return found


_BY_WORD, _WAYS, _TIMES = _phrases(_FREQUENCIES), _phrases(_ROUTES), _phrases(_WHENS)
