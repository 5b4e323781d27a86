"""A signed document as the document that the checks read. Pure."""

from collections.abc import Mapping
from typing import Any

from review.safety import reading
from review.safety.document import Document


def document(signed: Mapping[str, Any], detect: reading.Detect) -> Document:
    """Of the canonical JSON that was signed (review.release.canonical): words with their times.

    Punctuation is what the text has between the words. A follow-up with a text of its own, such as
    an amendment, is one segment of words without times.
    """
    kind = signed["document"]["type"]
    if "segments" not in signed:
        words = (signed.get("text") or "").split()
        items = [_item(f"w{n}", word, None, None) for n, word in enumerate(words)]
        return reading.document([("text", "", items)], detect, type="DICTATION")
    words = iter(signed["words"])
    rows = []
    for segment in signed["segments"]:
        who = segment["speaker"] or (
            None if segment["channel"] is None else f"channel {segment['channel']}"
        )
        rows.append((segment["id"], who, _items(segment["text"], words)))
    return reading.document(rows, detect, type=kind)


def _items(text: str, words: Any) -> list[dict[str, Any]]:
    """The next words that make up the text, marks with them."""
    items: list[dict[str, Any]] = []
    at = 0
    while at < len(text):
        pk, content, start, end, *_ = next(words)
        spoken = start is not None or not _is_mark(content)
        items.append(_item(pk, content, start, end, spoken=spoken))
        at = text.index(content, at) + len(content)
    return items


def _is_mark(content: str) -> bool:
    return not any(letter.isalnum() for letter in content)


def _item(
    pk: str, content: str, start: str | None, end: str | None, *, spoken: bool = True
) -> dict[str, Any]:
    return {
        "id": pk,
        "type": "pronunciation" if spoken else "punctuation",
        "content": content,
        "start": None if start is None else float(start),
        "end": None if end is None else float(end),
        "confidence": None,
        "by": "signed",
    }
