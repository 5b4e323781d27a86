"""Classes of words for calibration: a score means something else for each. Pure."""

from collections.abc import Callable
from enum import IntEnum

from review.differences import Kind as Compared
from review.differences import kind_of as compared_kind
from transcripts.engines import words
from transcripts.engines.spoken import listed, split


class Kind(IntEnum):
    """Stored as numbers: never give a number a new meaning."""

    DRUG = 0
    NUMBER = 1
    POLARITY = 2
    UNKNOWN = 3
    SMALL = 4
    OTHER = 5


LABELS = {
    Kind.DRUG: "Drug names",
    Kind.NUMBER: "Numbers and units",
    Kind.POLARITY: "Negation, side, yes or no",
    Kind.UNKNOWN: "Words of no dictionary",
    Kind.SMALL: "Small words (a, the, and …)",
    Kind.OTHER: "Other words",
}
# The classes whose words harm most when they are wrong.
CRITICAL = (Kind.DRUG, Kind.NUMBER, Kind.POLARITY)
_COMPARED = {
    Compared.DRUG: Kind.DRUG,
    Compared.NUMBER: Kind.NUMBER,
    Compared.POLARITY: Kind.POLARITY,
}
_SMALL = listed("""
    a an the and or but of to in on at for from by with as is are was were be been am do does did
    has have had he she it they we you i his her him their them your my our this that these those
    there so if then than will would can could
""")


def kind_of(
    content: str,
    is_drug: Callable[[str], bool] = words.is_drug,
    is_known: Callable[[str], bool] = words.is_known,
) -> Kind:
    """The class of one written word; of several parts the most harmful one decides."""
    found = {_kind(part, is_drug, is_known) for part in split(content)}
    return min(found, default=Kind.OTHER)


def _kind(word: str, is_drug: Callable[[str], bool], is_known: Callable[[str], bool]) -> Kind:
    kind = _COMPARED.get(compared_kind(word, is_drug))
    if kind is not None:
        return kind
    if word in _SMALL:
        return Kind.SMALL
    letters = word.replace("'", "").replace("’", "")
    return Kind.UNKNOWN if letters.isalpha() and not is_known(word) else Kind.OTHER
