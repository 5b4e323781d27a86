"""Lines as an engine gives them, made from text. Half a second for a word."""

import re
from typing import Any

TOKEN = re.compile(r"(?:Dr|Mr|Mrs|Ms)\.|[^\s,.?;:]+(?:[.:,/][^\s,.?;:]+)*|[,.?;:]")


def line(text: str, start: float = 0.0, confidence: float = 0.9, **more: Any) -> dict[str, Any]:
    items, now = [], start
    for token in TOKEN.findall(text):
        spoken = token not in ",.?;:"
        items.append(
            {
                "type": "pronunciation" if spoken else "punctuation",
                "content": token,
                "start": now if spoken else None,
                "end": now + 0.4 if spoken else None,
                "confidence": confidence if spoken else None,
                "raw_confidence": confidence if spoken else None,
                "alternatives": [],
                "by": "machine",
            }
        )
        now += 0.5 if spoken else 0
    return {
        "start": start,
        "end": now,
        "speaker": None,
        "channel": None,
        "items": items,
        "alternatives": [],
        **more,
    }


def lines(text: str) -> list[dict[str, Any]]:
    """Lines parted by " | ", ten seconds apart."""
    return [line(part, start=100.0 * n) for n, part in enumerate(text.split("|"))]
