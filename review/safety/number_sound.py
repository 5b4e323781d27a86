"""Thirteen or thirty, fifteen or fifty: numbers that sound alike, beside a unit."""

from review.safety.document import Document, Mark, marks
from transcripts.engines.entities_dose import FORMS, UNIT_OF
from transcripts.engines.tokens import Token

_TEENS = ("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_TENS = ("thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_OTHER = dict(zip(_TEENS, _TENS, strict=True)) | dict(zip(_TENS, _TEENS, strict=True))
_OTHER |= {str(n): str((n - 10) * 10) for n in range(13, 20)}
_OTHER |= {str((n - 10) * 10): str(n) for n in range(13, 20)}
_LONG = {"day", "week", "month"}
_UNITS = {*UNIT_OF, *FORMS, "mmhg", "millimeter", "centimeter", "cm", "mm", "kilogram", "kg"}
_UNITS |= {"pound", "degree", *_LONG}


def find(document: Document) -> list[Mark]:
    found = []
    for at, token in enumerate(document.tokens):
        other = _OTHER.get(token.low)
        if other and _measured(document.tokens, at):
            sentence = f"“{token.low}” sounds like “{other}”. Listen for the ending."
            found += marks(
                document,
                [(token.begin, token.end)],
                "number_sound",
                sentence,
                alternatives=(_cased(document.text[token.begin], other),),
            )
    return found


def _measured(tokens: list[Token], at: int) -> bool:
    """Whether a unit follows, and the number is not part of a longer one ("fifty five")."""
    behind = tokens[at + 1 : at + 2]
    if not behind or behind[0].stem not in _UNITS:
        return False
    # "In fourteen days" is a date; "old" an age.
    if behind[0].stem in _LONG:
        return at > 0 and tokens[at - 1].low in ("for", "x", "times")
    return True


def _cased(first: str, other: str) -> str:
    return other.capitalize() if first.isupper() else other
