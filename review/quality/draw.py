"""Which signed documents are reviewed again, and by whom: chance that can be repeated. Pure.

The number of a document follows from its digest alone, which nobody knows before it is signed: it
holds the microsecond and the head of the audit log. So nobody can choose, and everybody can check.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import NamedTuple

OF = 1_000_000


class Kind(NamedTuple):
    """What a rule is about: a person's documents of a type; "" stands for everybody, or both."""

    reviewer: str
    type: str


def number(seed: str) -> int:
    """From 0 to below OF, the same for the same seed."""
    return _digest(f"draw {seed}") * OF >> 256


def percent(rules: Mapping[Kind, int], reviewer: str, type: str) -> int:
    """The share in force: a rule for both goes before one for the person, that before the type."""
    for kind in (Kind(reviewer, type), Kind(reviewer, ""), Kind("", type), Kind("", "")):
        if kind in rules:
            return rules[kind]
    return 0


def is_drawn(seed: str, percent: int) -> bool:
    return number(seed) * 100 < percent * OF


def pick(seed: str, people: Iterable[tuple[str, int]]) -> str | None:
    """Whose turn it is among (id, how much they have open): the least busy, then by chance."""
    found = sorted((busy, _digest(f"pick {seed} {who}"), who) for who, busy in people)
    return found[0][2] if found else None


def _digest(text: str) -> int:
    return int.from_bytes(sha256(f"countersign second review: {text}".encode()).digest(), "big")
