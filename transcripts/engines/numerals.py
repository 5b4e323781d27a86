"""Numbers as they are spoken, read as figures. Pure; what a number means in its sentence, and
whether it shall be written in figures at all, is decided in figures.py.

A run of number words is read as a whole or not at all: "one twenty" may be 120 or "one 20", and a
wrong dose is worse than a number left in words.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

SINGLE = {"zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
SINGLE |= {"seven": 7, "eight": 8, "nine": 9}
TEEN = {"ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15}
TEEN |= {"sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19}
TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70}
TENS |= {"eighty": 80, "ninety": 90}
_OH = {"oh", "o", "zero"}
_SIZES = {"hundred", "thousand"}
_SPOKEN = {*SINGLE, *TEEN, *TENS, *_SIZES}
_FIGURES = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")

Kind = Literal["cardinal", "decimal", "digits", "year", "pair"]


@dataclass(frozen=True, slots=True)
class Number:
    """A number read from words[start:end]. `figures` has no thousands separators.

    kind: cardinal (148), decimal (8.1), digits (5 5 5 read one by one), year (nineteen seventy), or
    pair: "one forty", "eight thirty", which is 140, 8:30 or two numbers, as the context decides.
    `spoken` is False when the engine had written figures already.
    """

    figures: str
    end: int
    kind: Kind
    spoken: bool

    @property
    def value(self) -> float:
        return float(self.figures)


def is_number(word: str) -> bool:
    return word in _SPOKEN or bool(_FIGURES.fullmatch(word))


def run(words: Sequence[str], start: int) -> int:
    """The end of the run of number words that begins at `start`; `start` if there is none."""
    end = start
    while end < len(words) and _goes_on(words, start, end):
        end += 1
    while end > start and words[end - 1] in ("point", "dot", "oh", "o"):
        if end - start > 1 and words[end - 2] in ("point", "dot"):
            break
        end -= 1
    return end


def _goes_on(words: Sequence[str], start: int, at: int) -> bool:
    word = words[at]
    if is_number(word):
        return True
    if word in ("point", "dot"):
        return (
            at + 1 < len(words)
            and (is_number(words[at + 1]) or words[at + 1] in _OH)
            and words[at + 1] not in _SIZES
        )
    return word in _OH and at > start


def read(words: Sequence[str], start: int) -> Number | None:
    """The number whose run of words begins at `start`, or None when it has no single reading."""
    end = run(words, start)
    if end == start:
        return None
    more = _after_and(words, start, end)
    for stop in filter(None, (more, end)):
        part = [word for word in words[start:stop] if word != "and"]
        spoken = not all(_FIGURES.fullmatch(word) for word in part)
        for kind, reader in _READERS:
            figures = reader(part)
            if figures is not None:
                return Number(figures, stop, kind, spoken)
    return None


def _after_and(words: Sequence[str], start: int, end: int) -> int | None:
    """End of "one hundred AND forty eight", unless it is "between one hundred and forty"."""
    if words[end - 1] not in _SIZES or (start and words[start - 1] == "between"):
        return None
    if end + 1 >= len(words) or words[end] != "and" or words[end + 1] not in _SPOKEN:
        return None
    stop = run(words, end + 1)
    part = [*words[start:end], *words[end + 1 : stop]]
    return stop if _cardinal(part) is not None else None


def cardinal(words: Sequence[str]) -> int | None:
    """The whole number that all of `words` spell together, up to 999,999."""
    if len(words) == 1 and _FIGURES.fullmatch(words[0]):
        figures = words[0].replace(",", "")
        return int(figures) if figures.isdigit() else None
    if "thousand" in words:
        at = list(words).index("thousand")
        high, low = _hundreds(words[:at]), _hundreds(words[at + 1 :]) if words[at + 1 :] else 0
        return None if high is None or low is None or not high else high * 1000 + low
    return _hundreds(words)


def _hundreds(words: Sequence[str]) -> int | None:
    if "hundred" in words:
        at = list(words).index("hundred")
        high, low = _tens(words[:at]), _tens(words[at + 1 :]) if words[at + 1 :] else 0
        return None if high is None or low is None or not high else high * 100 + low
    return _tens(words)


def _tens(words: Sequence[str]) -> int | None:
    if len(words) == 1:
        return (SINGLE | TEEN | TENS).get(words[0])
    if len(words) == 2 and words[0] in TENS and SINGLE.get(words[1]):
        return TENS[words[0]] + SINGLE[words[1]]
    return None


def _cardinal(words: Sequence[str]) -> str | None:
    value = cardinal(words)
    return None if value is None else str(value)


def _decimal(words: Sequence[str]) -> str | None:
    if len(words) == 1 and re.fullmatch(r"[\d,]+\.\d+", words[0]):
        return words[0].replace(",", "")
    at = next((n for n, word in enumerate(words) if word in ("point", "dot")), None)
    if at is None:
        return None
    whole = _cardinal(words[:at]) if at else "0"
    part = _fraction(words[at + 1 :])
    return None if whole is None or part is None else f"{whole}.{part}"


def _fraction(words: Sequence[str]) -> str | None:
    if len(words) == 1 and words[0].isdigit():
        return words[0]
    digits = _one_by_one(words)
    if digits is None:
        tens = _tens(words)
        digits = None if tens is None else str(tens)
    return digits


def _one_by_one(words: Sequence[str]) -> str | None:
    digits = ["0" if word in _OH else _digit(word) for word in words]
    return None if not digits or None in digits else "".join(map(str, digits))


def _digit(word: str) -> str | None:
    if len(word) == 1 and word.isdigit():
        return word
    return str(SINGLE[word]) if word in SINGLE else None


def _digits(words: Sequence[str]) -> str | None:
    return _one_by_one(words) if len(words) >= 3 else None


def _year(words: Sequence[str]) -> str | None:
    if len(words) < 2 or words[0] not in ("nineteen", "twenty"):
        return None
    rest = words[1:]
    if len(rest) == 2 and rest[0] in ("oh", "o") and SINGLE.get(rest[1]):
        low = SINGLE[rest[1]]
    else:
        low = _tens(rest) or 0
        if low < 10:
            return None
    return f"{19 if words[0] == 'nineteen' else 20}{low:02}"


def _pair(words: Sequence[str]) -> str | None:
    """ "one forty eight" 148, "one oh five" 105, "ten thirty" 1030."""
    if len(words) < 2 or words[0] not in SINGLE | TEEN or words[0] == "zero":
        return None
    rest = words[1:]
    if len(rest) == 2 and rest[0] in ("oh", "o") and SINGLE.get(rest[1]):
        low = SINGLE[rest[1]]
    else:
        low = _tens(rest) or 0
        if low < 10:
            return None
    return f"{(SINGLE | TEEN)[words[0]]}{low:02}"


_READERS: list[tuple[Kind, Callable[[Sequence[str]], str | None]]] = [
    ("cardinal", _cardinal),
    ("decimal", _decimal),
    ("digits", _digits),
    ("year", _year),
    ("pair", _pair),
]
