"""Documents for the checks, made of lines such as "Doctor: Any fever?"."""

from typing import Any

from review.safety import reading
from review.safety.document import Document, Mark
from review.timing import tokenise
from transcripts.engines.entities import LocalLanguage

ENGINE = LocalLanguage()


def document(*lines: str, type: str = "CONVERSATION", **words: dict[str, Any]) -> Document:
    """One segment a line; a word's item is changed by what is given under its content."""
    rows = []
    for number, line in enumerate(lines):
        speaker, colon, said = line.partition(": ")
        if not colon:
            speaker, said = "", line
        items = [
            {"id": f"{number}.{n}", "type": kind, "content": content, "start": float(n)}
            | {"end": n + 0.5, "confidence": 0.99, "by": "machine"}
            | words.get(content, {})
            for n, (kind, content) in enumerate(tokenise(said))
        ]
        rows.append((f"s{number}", speaker or None, items))
    return reading.document(rows, ENGINE.detect_entities_v2, type=type)


def said(made: Document, mark: Mark) -> str:
    """The words of a mark."""
    return " ".join(w.content for s in made.segments for w in s.items if w.id in mark.items)


def found(made: Document, check: Any) -> list[str]:
    return [said(made, mark) for mark in check.find(made)]
