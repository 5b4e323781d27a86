"""Spoken dates, years, ages and times of day in figures. Pure; doses and scores are in figures.py.

Each rule takes the words of a stretch, where it is in them, and the number read there; it returns
the edits and where to go on, or None when the place is something else.
"""

from collections.abc import Sequence

from transcripts.engines import numerals, units
from transcripts.engines.numerals import Number
from transcripts.engines.spoken import Edit, listed

Words = Sequence[str]
Found = tuple[list[Edit], int]

MONTHS = listed(
    "january february march april may june july august september october november december"
)
_UNITS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"]
_ORDINAL = {word: n for n, word in enumerate(_UNITS, 1)} | {"twelfth": 12}
_ORDINAL |= {f"{word}th": n for word, n in numerals.TEEN.items() if word != "twelve"}
_ORDINAL |= {"twentieth": 20, "thirtieth": 30}
_SINCE = listed("in since until till from by before after during year early late mid of")
_HALVES = {
    f"{half}{ending}": f"{half[0]}.m." for half in ("a", "p") for ending in ("m", ".m", ".m.")
}


def before(words: Words, at: int, back: int = 1) -> str:
    return words[at - back] if at >= back else ""


def following(words: Words, at: int) -> str:
    return words[at] if at < len(words) else ""


def figure(number: Number, at: int, *, measured: bool = True) -> list[Edit]:
    """The number in figures, unless the engine wrote them already.

    Thousands are parted by commas: from 1,000 on in doses (`measured`), else from 10,000 on.
    """
    return [Edit(at, number.end, written(number, measured=measured))] if number.spoken else []


def written(number: Number, *, measured: bool) -> str:
    if number.kind != "cardinal" or number.value < (1000 if measured else 10_000):
        return number.figures
    return f"{int(number.figures):,}"


def clock(words: Words, at: int, number: Number) -> Found | None:
    end = number.end
    if list(words[end : end + 2]) in (["a", "m"], ["p", "m"]):
        noon, stop = f"{words[end]}.m.", end + 2
    elif following(words, end) in _HALVES and following(words, end + 1) != "i":
        noon, stop = _HALVES[words[end]], end + 1
    else:
        return None
    if number.kind == "cardinal" and 1 <= number.value <= 12 and number.spoken:
        return [Edit(at, stop, f"{number.figures} {noon}")], stop
    hour, minute = number.figures[:-2], number.figures[-2:]
    if number.kind == "pair" and 1 <= int(hour or 0) <= 12 and int(minute) < 60:
        return [Edit(at, stop, f"{hour}:{minute} {noon}")], stop
    return None


def day(words: Words, at: int) -> Number | None:
    """The day in "May five twenty twelve"; its year is then read as a number of its own."""
    end = numerals.run(words, at)
    for stop in (at + 2, at + 1):
        day = numerals.cardinal(words[at:stop]) if stop < end else None
        year = numerals.read(words[stop:end], 0) if day and day <= 31 else None
        if year and year.end == end - stop and len(year.figures) == 4:
            return Number(str(day), stop, "cardinal", True)
    day = numerals.cardinal(words[at:end]) if end > at else None
    verb = before(words, at) in ("may", "march") and end < len(words)
    if day and day <= 31 and not verb and words[at] not in ("one", "two"):
        return Number(str(day), end, "cardinal", not words[at].isdigit())
    return None


def date(words: Words, at: int, number: Number) -> Found | None:
    month, after = before(words, at), following(words, number.end)
    if month not in MONTHS or number.kind != "cardinal" or number.value > 31:
        return None
    verb = month in ("may", "march") and after and not numerals.is_number(after)
    return None if verb else (figure(number, at), number.end)


def year(words: Words, at: int, number: Number) -> Found | None:
    measured = following(words, number.end) in units.TIMES or units.read(words, number.end)
    if number.kind != "year" or measured:
        return None
    word = before(words, at)
    dated = word in _SINCE | MONTHS or word in _ORDINAL or word.isdigit()
    if number.figures[:2] == "19" or dated or 2011 <= number.value < 2030:
        return figure(number, at, measured=False), number.end
    return None


def ordinal(words: Words, at: int) -> Found | None:
    """ "May fifth" is May 5th, "the twenty sixth" the 26th; "a twenty second strip" lasts 20 s."""
    end, value = at + 1, _ORDINAL.get(words[at], 0)
    if words[at] in numerals.TENS and 1 <= _ORDINAL.get(following(words, at + 1), 0) <= 9:
        end, value = at + 2, numerals.TENS[words[at]] + _ORDINAL[words[at + 1]]
    word = before(words, at)
    if not value or not (word in MONTHS and value <= 31 or word == "the" and value > 10):
        return None
    verb = word in ("may", "march") and value <= 3
    if verb and end < len(words) and not numerals.is_number(words[end]):
        return None
    teen = 10 < value % 100 < 20
    suffix = "th" if teen else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return [Edit(at, end, f"{value}{suffix}")], end


def age(words: Words, at: int, number: Number) -> Found | None:
    old = following(words, number.end) in units.TIMES and following(words, number.end + 1) == "old"
    return (figure(number, at), number.end + 2) if old and number.kind == "cardinal" else None
