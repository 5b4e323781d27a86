"""Drugs whose names sound or look like a word: phonetic code first, then edit distance."""

import re
from functools import cache

from transcripts.engines.words import drug_names

MOST = 3
NEAR = 0.36  # edits for each letter, spelling and sound together
_SOUNDS = (
    *((r"ph", "f"), (r"gh(?=t)", ""), (r"[ck]n", "n"), (r"wr", "r"), (r"ps", "s"), (r"x", "ks")),
    *((r"qu", "k"), (r"c(?=[eiy])", "s"), (r"ch", "k"), (r"ck|c|q", "k"), (r"z", "s")),
    *((r"th", "t"), (r"g(?=[eiy])", "j"), (r"y", "i"), (r"v", "f"), (r"d", "t"), (r"b", "p")),
    *((r"h", ""), (r"[aeiou]+", "a"), (r"(.)\1+", r"\1")),
)


@cache
def sound(word: str) -> str:
    """A rough code of how a word sounds: consonants by kind, vowels as one."""
    for pattern, code in _SOUNDS:
        word = re.sub(pattern, code, word)
    return word


@cache
def _by_sound() -> tuple[tuple[str, str], ...]:
    return tuple((name, sound(name)) for name in sorted(drug_names()) if " " not in name)


def near(word: str) -> tuple[str, ...]:
    """Up to three drugs near the word, nearest first; none when nothing is near."""
    code = sound(word)
    scored = []
    for name, other in _by_sound():
        if abs(len(name) - len(word)) > 4 or abs(len(other) - len(code)) > 3:
            continue
        if other[:1] != code[:1] and other[-2:] != code[-2:]:
            continue
        heard = distance(code, other) / max(len(code), len(other))
        if heard > NEAR:
            continue
        spelled = distance(word, name) / max(len(word), len(name))
        score = (heard + spelled) / 2
        if score <= NEAR:
            scored.append((score, name))
    return tuple(name for _, name in sorted(scored)[:MOST])


def distance(a: str, b: str) -> int:
    """Letters to change, add or drop (Levenshtein)."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]
