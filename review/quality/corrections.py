"""The corrections of a signed document that could be terms of a vocabulary. Pure.

One to four words on both sides, letters only, with one long enough to be a term; nothing of the
patient's or the author's name.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from review.quality.places import changed

MOST_WORDS = 4
SHORTEST = 4  # letters of the longest word of a term
_TERM = re.compile(r"[A-Za-z][A-Za-z'.-]*")


class Pair(NamedTuple):
    """What the machine heard and what was written instead, and when, in seconds."""

    heard: str
    written: str
    start: float
    end: float


def pairs(
    machine: Sequence[Mapping[str, Any]], signed: Sequence[Sequence[Any]], names: Iterable[str] = ()
) -> list[Pair]:
    """Of the machine's items and a signed document's words; `names` are kept out."""
    private = {part.casefold() for name in names for part in re.findall(r"\w+", name)}
    found = []
    for ours, theirs in changed(machine, signed):
        items = [i for i in machine[slice(*ours)] if i["type"] == "pronunciation"]
        heard = [item["content"] for item in items]
        written = [str(word[1]) for word in signed[slice(*theirs)] if _says(str(word[1]))]
        if _is_term(heard) and _is_term(written) and private.isdisjoint(_low(heard + written)):
            start, end = items[0]["start"], items[-1]["end"]
            found.append(Pair(" ".join(heard), " ".join(written), float(start), float(end)))
    return found


def row(written: str, columns: Sequence[str]) -> str:
    """The term as a row of a vocabulary's table with these columns.

    Without SoundsLike: it would turn every other word that sounds the same into this one, and what
    was heard is often a word that is right elsewhere.
    """
    phrase = re.sub(r"[\s-]+", "-", written)
    cells = {"Phrase": phrase, "DisplayAs": written if "-" in written else ""}
    return "\t".join(cells.get(column, "") for column in columns)


def _says(word: str) -> bool:
    return any(char.isalnum() for char in word)


def _is_term(words: Sequence[str]) -> bool:
    return (
        1 <= len(words) <= MOST_WORDS
        and all(_TERM.fullmatch(word) for word in words)
        and max(map(len, words)) >= SHORTEST
    )


def _low(words: Iterable[str]) -> set[str]:
    return {part for word in words for part in re.findall(r"\w+", word.casefold())}
