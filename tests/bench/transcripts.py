"""Transcripts of any length for measuring the editor: invented visits, words with times."""

import random
from typing import Any

SENTENCES = (
    "Patient takes lisinopril twenty milligrams daily and denies chest pain",
    "She reports no shortness of breath at rest or with exertion",
    "Blood pressure today is one hundred thirty over eighty two",
    "The lungs are clear on both sides and there is no edema",
    "Continue metformin five hundred milligrams twice daily with meals",
    "We discussed the result of the last hemoglobin measurement",
    "Follow up in two weeks or sooner if the pain gets worse",
    "No known drug allergies are recorded in the chart",
)
UNSURE = 0.03  # share of words below the threshold


def lines(words: int, seconds: float, *, speakers: int = 2, seed: int = 7) -> list[dict[str, Any]]:
    """Line dicts of about `words` words, evenly over `seconds`."""
    dice = random.Random(seed)
    step = seconds / words
    made: list[dict[str, Any]] = []
    said = 0
    while said < words:
        content = dice.choice(SENTENCES).split()[: words - said]
        begin = said * step
        items = []
        for i, word in enumerate(content):
            start = begin + i * step
            sure = 0.4 if dice.random() < UNSURE else round(dice.uniform(0.85, 0.999), 3)
            other = [{"content": word.swapcase(), "confidence": 0.1}] if sure < 0.5 else []
            items.append(_item(word, start, start + step * 0.9, sure, other))
        items.append(_item(".", None, None, None, []))
        said += len(content)
        speaker = f"spk_{len(made) // 3 % speakers}" if speakers else None
        end = round(said * step, 3)
        made.append(
            {"start": round(begin, 3), "end": end, "speaker": speaker, "channel": None}
            | {"items": items}
        )
    return made


def _item(
    content: str, start: float | None, end: float | None, sure: float | None, other: list[Any]
) -> dict[str, Any]:
    return {
        "type": "punctuation" if start is None else "pronunciation",
        "content": content,
        "start": None if start is None else round(start, 3),
        "end": None if end is None else round(end, 3),
        "confidence": sure,
        "raw_confidence": sure,
        "alternatives": other,
        "by": "machine",
    }
