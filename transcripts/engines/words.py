"""Word lists that are shipped with the engines: drugs, and words of two dictionaries. Pure.

Built by data/terms.py (see data/NOTICE.terms); loaded once, on first use.
"""

import gzip
from functools import cache
from pathlib import Path

from transcripts.engines.tokens import stem

DATA = Path(__file__).parent / "data"


def lines(name: str) -> list[str]:
    """The lines of a term file."""
    return gzip.decompress((DATA / f"{name}.txt.gz").read_bytes()).decode().split("\n")


@cache
def drug_names() -> frozenset[str]:
    """Every drug's name in small letters, brands too."""
    return frozenset(line.partition("\t")[0] for line in lines("drugs"))


def is_drug(word: str) -> bool:
    """Whether this word, in small letters, is a drug's name, generic or brand."""
    return word in drug_names()


@cache
def known_words() -> frozenset[str]:
    """Words of an English and of a medical dictionary, in small letters, without drugs."""
    return frozenset(lines("words"))


def is_known(word: str) -> bool:
    """Whether a word, in small letters, is in a dictionary or in the list of drugs."""
    if any(each in known_words() or each in drug_names() for each in (word, stem(word))):
        return True
    return any(
        word.endswith(end) and _root(word.removesuffix(end)) for end in ("ed", "ing", "ly", "er")
    )


def _root(start: str) -> bool:
    return len(start) > 2 and (start in known_words() or f"{start}e" in known_words())
