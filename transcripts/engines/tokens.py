"""A text as tokens with their places, for matching terms. Pure; no terms and no rules here."""

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"(?:[A-Za-z]\.){2,}|\d[\d,]*\d(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+|[^\W\d_][^\W_]*(?:['’][^\W\d_]+)*|[%?.!,;:()\[\]/&-]"
)
_MARKS = frozenset("%?.!,;:()[]/&-")
END = frozenset(".?!")


@dataclass(frozen=True, slots=True)
class Token:
    """text[begin:end]: `low` in small letters, `stem` without plural; `mark` for punctuation.

    `glued` says that nothing but a blank or hyphen parts it from the word before, no new line.
    """

    begin: int
    end: int
    low: str
    stem: str
    mark: bool
    glued: bool


def tokens(text: str) -> list[Token]:
    """Words, numbers and marks. Hyphens part words and are no tokens: "X-ray" is x, ray."""
    found: list[Token] = []
    glued, behind = False, 0
    for match in _TOKEN.finditer(text):
        low = match.group().lower().replace("’", "'")
        if low == "-":
            continue
        if low[-1] == "." and len(low) > 1:
            low = low.replace(".", "")  # p.o., b.i.d.
        mark = low in _MARKS and low != "%"
        glued = glued and not mark and "\n" not in text[behind : match.start()]
        found.append(Token(match.start(), match.end(), low, stem(low), mark, glued))
        glued, behind = not mark, match.end()
    return found


def stem(word: str) -> str:
    """The word without "'s" and without the s of a plural; the same for terms and texts."""
    if word.endswith("'s"):
        word = word[:-2]
    if len(word) < 4 or word.endswith(("ss", "us", "is", "'")):
        return word
    if word.endswith("ies") and len(word) > 5:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "sses")) and not word.endswith("aches"):
        return word[:-2]
    return word[:-1] if word.endswith("s") else word


def stems(text: str) -> list[str]:
    """The stems of a term's words."""
    return [token.stem for token in tokens(text) if not token.mark]
