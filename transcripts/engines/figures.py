"""Where spoken numbers are written in figures, and how: doses, vital signs, scores, dates, ages.

Pure, on the words of one stretch of speech without a mark in between. AWS writes numbers above ten
in figures; smaller ones stay words here too, unless a unit, a dose form, a score or a label makes
them a measurement. What has two readings is left as it was said.
"""

from collections.abc import Callable

from transcripts.engines import dates, numerals, units
from transcripts.engines.dates import MONTHS, Found, Words, before, figure, following, written
from transcripts.engines.numerals import Number
from transcripts.engines.spoken import Edit, listed

_LABELS = listed("type stage grade class category gravida para mallampati gleason tanner asa")
_SCORES = listed("score scores apgar apgars gcs phq gad")
_PRESSURE = listed("pressure pressures bp systolic")
_SIGHT = listed("vision acuity snellen")
_STRENGTH = listed("strength motor power")
_AWAKE, _MIND = listed("glasgow gcs coma"), listed("moca mmse")
_PEOPLE = listed("patients people women men children doctors cases times days weeks")
_NO_POINT = listed(
    "this that the a an at which some what any every no one trigger stand view end data set check "
    "mid starting pressure tender focal"
)


def edits(words: Words) -> list[Edit]:
    """What to write in figures, in order and apart. `words` are lower case, without hyphens."""
    made: list[Edit] = []
    at = 0
    while at < len(words):
        found = dates.ordinal(words, at)
        number = None if found else _number(words, at)
        if number:
            found = next(filter(None, (rule(words, at, number) for rule in _RULES)), None)
        if found:
            made += found[0]
            at = max(found[1], at + 1)
        else:
            at = max(numerals.run(words, at) if words[at] != "point" else at, at + 1)
    return made


def _number(words: Words, at: int) -> Number | None:
    if words[at] in ("point", "dot"):
        number = numerals.read(words, at)
        measured = number and _exact(words, number.end)
        return number if measured and before(words, at) not in _NO_POINT else None
    if words[at] == "a" and words[at + 1 : at + 2] in (["hundred"], ["thousand"]):
        number = numerals.read(["one", *words[at + 1 :]], 0)
        if number and units.read(words, at + number.end):
            return Number(number.figures, at + number.end, number.kind, True)
        return None
    if before(words, at) in MONTHS:
        return dates.day(words, at) or numerals.read(words, at)
    return numerals.read(words, at)


def _exact(words: Words, at: int) -> bool:
    unit = units.read(words, at)
    return unit is not None and unit.written is not None


def _near(words: Words, at: int, wanted: frozenset[str], reach: int = 6) -> bool:
    return not wanted.isdisjoint(words[max(0, at - reach) : at])


def _plain(number: Number) -> bool:
    return number.kind in ("cardinal", "decimal")


def _over(words: Words, at: int, high: Number) -> Found | None:
    """Blood pressures, eyesight, murmurs and strengths: "148/86", "20/20", "2/6", "5/5"."""
    if following(words, high.end) != "over":
        if high.figures in ("2020", "2030", "2040") and _near(words, high.end + 2, _SIGHT, 10):
            return [Edit(at, high.end, f"20/{high.figures[2:]}")], high.end
        return None
    low = numerals.read(words, high.end + 1)
    if low is None or following(words, low.end) in units.TIMES | {"percent"}:
        return None
    if "." in high.figures + low.figures or high.kind == "year" or low.kind == "year":
        return None
    a, b = high.value, low.value
    pressure = 60 <= a <= 300 and 20 <= b <= 200 and (a > b or _near(words, at, _PRESSURE))
    sight = a == 20 and b in (15, 20, 25, 30, 40, 50, 60, 70, 80, 100, 200, 400)
    murmur = a <= b == 6 and ("murmur" in words or before(words, at) == "grade")
    strength = a <= b == 5 and _near(words, at, _STRENGTH)
    if not (pressure or sight or murmur or strength):
        return None
    return [Edit(at, low.end, f"{high.figures}/{low.figures}")], low.end


def _out_of(words: Words, at: int, number: Number) -> Found | None:
    if list(words[number.end : number.end + 2]) != ["out", "of"] or not _plain(number):
        return None
    most = numerals.read(words, number.end + 2)
    if most is None or not _plain(most) or following(words, most.end) in _PEOPLE:
        return None
    scale = {10: True, 5: _near(words, at, _STRENGTH), 6: "murmur" in words}
    scale |= {
        15: _near(words, at, {"glasgow", "gcs", "coma"}),
        30: _near(words, at, {"moca", "mmse"}),
    }
    if number.value > most.value or not scale.get(int(most.value)):
        return None
    return [Edit(at, most.end, f"{number.figures}/{most.figures}")], most.end


def _by(words: Words, at: int, number: Number) -> Found | None:
    """Extents: "three by four centimeters" is 3 x 4 cm."""
    sides, end = [number], number.end
    while following(words, end) == "by" and len(sides) < 3:
        side = numerals.read(words, end + 1)
        if side is None or not _plain(side):
            return None
        sides.append(side)
        end = side.end
    unit = units.read(words, end)
    if len(sides) == 1 or unit is None or unit.written not in ("mm", "cm", "m"):
        return None
    written = " x ".join(side.figures for side in sides)
    return [Edit(at, unit.end, f"{written} {unit.written}")], unit.end


def _to(words: Words, at: int, number: Number) -> Found | None:
    """Ranges: both ends are written alike, "5 to 10 mg"."""
    if following(words, number.end) not in ("to", "or") or not _plain(number):
        return None
    last = numerals.read(words, number.end + 1)
    if last is None or not _plain(last):
        return None
    unit = units.read(words, last.end)
    after = _amount(words, number.end + 1, last)
    if unit is not None and after is not None:
        return figure(number, at) + after[0], after[1]
    if number.value > 10 or last.value > 10:
        both = figure(number, at, measured=False) + figure(last, number.end + 1, measured=False)
        return both, last.end
    return None


def _amount(words: Words, at: int, number: Number) -> Found | None:
    """A number with its unit: "15 mg", "8.1%", "2 tablets"."""
    unit = units.read(words, number.end)
    half = unit is None and list(words[number.end : number.end + 3]) == ["and", "a", "half"]
    if half:
        unit = units.read(words, number.end + 3)
        if unit is None or number.kind != "cardinal":
            return None
        number = Number(f"{number.figures}.5", number.end + 3, "decimal", True)
    if unit is None or number.kind in ("year", "pair") and not _sure_pair(number, unit):
        return None
    if _could_be_two(words, number, at, unit):
        return [], unit.end
    if unit.written is None:
        return figure(number, at), unit.end
    if not number.spoken and words[number.end] == unit.written.lower():
        return [], unit.end
    space = "" if unit.written == "%" else " "
    return [Edit(at, unit.end, f"{written(number, measured=True)}{space}{unit.written}")], unit.end


def _sure_pair(number: Number, unit: units.Unit) -> bool:
    """ "one eighty pounds" is a weight; "one twenty milligrams" may be one tablet of 20 mg."""
    return number.kind == "pair" and (unit.written == "lbs" or "/" in (unit.written or ""))


def _could_be_two(words: Words, number: Number, at: int, unit: units.Unit) -> bool:
    """ "two hundred milligram tablets": tablets of 200 mg, or two of 100 mg?"""
    return (
        number.kind == "cardinal"
        and list(words[at + 1 : number.end]) == ["hundred"]
        and unit.singular
        and following(words, unit.end) in units.FORMS
        and words[unit.end].endswith("s")
    )


def _plus(words: Words, at: int, number: Number) -> Found | None:
    """ "two plus edema" is 2+."""
    after = {"edema", "pitting", "pulses", "reflexes", "bilaterally", "radial", "pedal", "dtrs"}
    graded = number.kind == "cardinal" and number.value <= 4
    if not graded or following(words, number.end) != "plus":
        return None
    if following(words, number.end + 1) not in after:
        return None
    return [Edit(at, number.end + 1, f"{number.figures}+")], number.end + 1


def _labelled(words: Words, at: int, number: Number) -> Found | None:
    """ "type two", "stage three b", "Apgar of nine"."""
    label, letter = before(words, at), following(words, number.end)
    if number.kind != "cardinal":
        return None
    if label in _LABELS:
        if label == "type" and words[at] == "one" and not letter.startswith("diab"):
            return None
        kidney = letter == "b" or letter == "a" and _kidney(words, number.end + 1)
        if label == "stage" and kidney:
            return [Edit(at, number.end + 1, f"{number.figures}{letter}")], number.end + 1
        return figure(number, at), number.end
    scored = label in ("of", "is", "was", "and", "were") and _near(words, at, _SCORES, 4)
    if scored or label in _SCORES or label == "age" and number.value > 1:
        return figure(number, at), number.end
    return None


def _kidney(words: Words, at: int) -> bool:
    return following(words, at) in ("", "chronic", "kidney", "ckd", "disease")


def _general(words: Words, at: int, number: Number) -> Found | None:
    if number.kind == "decimal" or number.kind == "cardinal" and number.value > 10:
        return figure(number, at, measured=False), number.end
    if number.kind == "digits":
        return figure(number, at), number.end
    return None


Rule = Callable[[Words, int, Number], Found | None]
_RULES: tuple[Rule, ...] = (
    *(dates.clock, _over, _out_of, _by, _to, _amount, _plus, dates.age, _labelled),
    *(dates.date, dates.year, _general),
)
