"""The terms of data/own_terms.txt by kind: our own lists, which go before all others."""

from functools import cache

from transcripts.engines.tokens import stems
from transcripts.engines.words import DATA


@cache
def sections() -> dict[str, tuple[str, ...]]:
    """Terms by the name of their section."""
    found: dict[str, str] = {}
    name = ""
    for line in (DATA / "own_terms.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            name = line[1 : line.index("]")]
        elif not line.startswith("#"):
            found[name] = f"{found.get(name, '')} {line}"
    return {
        key: tuple(term.strip() for term in text.split(",") if term.strip())
        for key, text in found.items()
        if key
    }


def own(kind: str) -> tuple[str, ...]:
    return sections()[kind]


@cache
def salts() -> frozenset[str]:
    return frozenset(own("SALT"))


@cache
def capitals() -> frozenset[str]:
    return frozenset(own("CAPITALS"))


@cache
def complaints() -> dict[str, str]:
    """Stems that make a finding with a part of the body before them, and its trait."""
    kinds = ("SYMPTOM", "SIGN", "DIAGNOSIS")
    return {word: kind for kind in kinds for word in own(f"COMPLAINT {kind}")}


@cache
def imaging() -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(stems(name)) for name in own("IMAGING"))
