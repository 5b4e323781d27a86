"""Protected health information in a transcript, found by cues and formats. Pure.

An aid for the reader and for AWS clients, not de-identification: names without a cue are missed.
`confidence` is the fixed strength of the rule that fired, not a probability that was measured.
"""

from collections.abc import Sequence
from typing import Any

from transcripts.engines.phi_rules import RULES, Found, Text
from transcripts.engines.spoken import Item, Line


def detect(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """PHI in reading order, none overlapping.

    Each is {"line": index, "items": [first, last] indexes, "content", "category" (AWS's group),
    "type" (NAME DATE AGE ID PHONE ADDRESS EMAIL URL PROFESSION), "start", "end" (seconds),
    "confidence" (strength of the rule, 0..1)}.
    """
    cased = _is_cased(lines)
    result = []
    for number, line in enumerate(lines):
        words = [(i, item) for i, item in enumerate(line["items"]) if _spoken(item)]
        text = Text([item["content"] for _, item in words], _marks_before(line, words), cased)
        taken: set[int] = set()
        hits = [found for rule in RULES for found in rule(text)]
        kept = []
        for found in sorted(hits, key=lambda one: -one.confidence):
            span = set(range(found.first, found.last + 1))
            if not span & taken:
                taken |= span
                kept.append(found)
        result += [_entity(number, words, f) for f in sorted(kept, key=lambda one: one.first)]
    return result


def _spoken(item: Item) -> bool:
    return item["type"] == "pronunciation"


def _is_cased(lines: Sequence[Line]) -> bool:
    """Whether capitals mean anything: an engine may write all in small letters."""
    words = [i["content"] for line in lines for i in line["items"] if i["content"][:1].isalpha()]
    return sum(word[:1].isupper() for word in words) * 50 >= len(words)


def _marks_before(line: Line, words: Sequence[tuple[int, Item]]) -> list[bool]:
    """For each word whether a mark parts it from the word before."""
    return [i == 0 or not _spoken(line["items"][i - 1]) for i, _ in words]


def _entity(number: int, words: Sequence[tuple[int, Item]], found: Found) -> dict[str, Any]:
    part = words[found.first : found.last + 1]
    return {
        "line": number,
        "items": [part[0][0], part[-1][0]],
        "content": " ".join(item["content"] for _, item in part),
        "category": found.category,
        "type": found.type,
        "start": part[0][1]["start"],
        "end": part[-1][1]["end"],
        "confidence": found.confidence,
    }
