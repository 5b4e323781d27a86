"""The clinical terms that are known, and how they are found in tokens. Loaded once, on first use.

Term files are built by data/terms.py (see data/NOTICE.terms). What a term means in its sentence
is not decided here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from transcripts.engines.lexicon_own import capitals, own
from transcripts.engines.tokens import Token, stems
from transcripts.engines.words import is_drug, lines

__all__ = ["Lexicon", "Match", "Term", "is_drug", "lexicon"]

VERSION = "2026-04"  # of the ICD-10-CM tabular in the term files

DX, DRUG, PART, TEST = "MEDICAL_CONDITION", "MEDICATION", "ANATOMY", "TEST_TREATMENT_PROCEDURE"


@dataclass(frozen=True, slots=True)
class Term:
    """What a name stands for: AWS's category and type, and the trait of a finding."""

    category: str
    type: str
    trait: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """A term in tokens[first:end]."""

    first: int
    end: int
    term: Term


class Lexicon:
    """Terms by their stems, longest first."""

    def __init__(self, terms: Iterable[tuple[str, Term]]) -> None:
        self._terms: dict[str, Term] = {}
        self._longest: dict[str, int] = {}
        for name, term in terms:
            parts = stems(name)
            if parts:
                self._terms[" ".join(parts)] = term
                self._longest[parts[0]] = max(self._longest.get(parts[0], 0), len(parts))

    def at(self, tokens: Sequence[Token], first: int, text: str) -> Match | None:
        """The longest term whose first word is tokens[first]."""
        longest = self._longest.get(tokens[first].stem)
        if not longest:
            return None
        end = first + 1
        while end < len(tokens) and end - first < longest and tokens[end].glued:
            end += 1
        for stop in range(end, first, -1):
            term = self._terms.get(" ".join(t.stem for t in tokens[first:stop]))
            if term and not self._only_a_word(tokens[first:stop], text):
                return Match(first, stop, term)
        return None

    def _only_a_word(self, part: Sequence[Token], text: str) -> bool:
        token = part[0]
        if len(part) > 1 or token.low not in capitals():
            return False
        return not text[token.begin : token.end].isupper()

    def get(self, name: str) -> Term | None:
        return self._terms.get(" ".join(stems(name)))


@cache
def lexicon() -> Lexicon:
    """All terms; later ones win, so that our own lists decide what a word means."""
    return Lexicon(_all())


def _all() -> Iterable[tuple[str, Term]]:
    for name, kind in _rows("conditions"):
        yield name, Term(DX, "DX_NAME", "SYMPTOM" if kind == "S" else "DIAGNOSIS")
    for name, kind in _rows("drugs"):
        yield name, Term(DRUG, "BRAND_NAME" if kind == "B" else "GENERIC_NAME")
    for kind, category, type_ in (
        ("ANATOMY", PART, "SYSTEM_ORGAN_SITE"),
        ("PROCEDURE", TEST, "PROCEDURE_NAME"),
        ("TREATMENT", TEST, "TREATMENT_NAME"),
        ("TEST", TEST, "TEST_NAME"),
    ):
        yield from ((name, Term(category, type_)) for name in own(kind))
    for trait in ("DIAGNOSIS", "SYMPTOM", "SIGN"):
        yield from ((name, Term(DX, "DX_NAME", trait)) for name in own(trait))


def _rows(name: str) -> Iterable[tuple[str, str]]:
    for line in lines(name):
        term, _, kind = line.partition("\t")
        yield term, kind
