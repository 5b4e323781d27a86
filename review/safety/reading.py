"""Segments as the checks read them: one text, and the place of every word in it. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from review.safety.document import Document, Entity, Seg, Word, joined
from transcripts.engines.turns import Turn

Row = tuple[str, str | None, Sequence[dict[str, Any]]]
Detect = Callable[[str, Sequence[Turn]], dict[str, Any]]


def document(
    rows: Iterable[Row], detect: Detect, *, type: str = "CONVERSATION", specialty: str = ""
) -> Document:
    """The document of segments given as (id, speaker or None, items of the review screen).

    `detect` is a language engine's detect_entities_v2. A dictation has one speaker; elsewhere a
    segment whose speaker is not known is a turn of its own. A sentence may run on through segments
    of one speaker; nothing runs on from one speaker to the next.
    """
    parts: list[str] = []
    segs: list[Seg] = []
    end = 0
    for pk, speaker, items in rows:
        who = speaker or ("" if type == "DICTATION" else None)
        if segs:
            goes_on = who is not None and segs[-1].speaker == who
            parts.append(" " if goes_on else "\n")
            end += 1
        words, text = _words(items, end)
        segs.append(Seg(pk, who, end, end + len(text), words))
        parts.append(text)
        end += len(text)
    text = "".join(parts)
    made = Document(text, tuple(segs), (), type, specialty)
    return replace(made, entities=entities(made, detect)) if text.strip() else made


def entities(made: Document, detect: Detect) -> list[Entity]:
    found: list[Entity] = detect(made.text, joined(made.turns))["Entities"]
    return found


def _words(items: Sequence[dict[str, Any]], start: int) -> tuple[tuple[Word, ...], str]:
    """The words of a segment that begins at `start` of the document, and its text."""
    words, text = [], ""
    for item in items:
        spoken = item["type"] == "pronunciation"
        if spoken and text:
            text += " "
        begin = start + len(text)
        text += item["content"]
        if spoken:
            words.append(
                Word(
                    item["id"],
                    item["content"],
                    begin,
                    start + len(text),
                    item.get("start"),
                    item.get("end"),
                    item.get("confidence"),
                    tuple(item.get("marks", ())),
                    item.get("by") == "human",
                )
            )
    return tuple(words), text
