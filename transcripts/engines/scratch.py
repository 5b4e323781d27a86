"""What "scratch that" takes away from dictated text. Pure: texts in, changed texts out."""

import re
from collections.abc import Mapping

from transcripts.engines.spoken import listed

_COMMAND = re.compile(r"\bscratch,? that\b[.,;!]*\s*", re.IGNORECASE)
_SENTENCE_ENDS = re.compile(r"(?<=[.?!])\s+(?=\S)")
_BOUNDARY = ".?!,;:"
# After these it is told of somebody who scratches: "he tends to scratch that".
_NO_COMMAND_AFTER = listed(
    "to he she they we you i it will would can could may might must should does do did and or not "
    "don't doesn't didn't who patient patients"
)


def scratched(before: Mapping[int, str], number: int, said: str) -> dict[int, str]:
    """New texts of the lines that change when line `number` says `said`; empty without a command.

    `before` holds the texts of the lines before it. Each command takes the last sentence: of the
    same line where there is one before it, otherwise of the nearest line that has text. The words
    of the command go too.
    """
    texts = dict(before)
    changed: dict[int, str] = {}
    kept, rest = "", said
    while command := _next(rest):
        kept = f"{kept} {rest[: command.start()]}".strip()
        rest = rest[command.end() :]
        if kept:
            kept = without_last(kept)
        elif lines := [n for n in sorted(texts) if texts[n]]:
            texts[lines[-1]] = without_last(texts[lines[-1]])
            changed[lines[-1]] = texts[lines[-1]]
        changed[number] = ""
    if number in changed:
        changed[number] = f"{kept} {rest}".strip()
    return changed


def without_last(text: str) -> str:
    """The text without its last sentence."""
    return " ".join(_SENTENCE_ENDS.split(text.strip())[:-1])


def _next(text: str) -> re.Match[str] | None:
    for found in _COMMAND.finditer(text):
        left = text[: found.start()].rstrip()
        if not left or left[-1] in _BOUNDARY:
            return found
        last = left.split()[-1].lower()
        if found.end() == len(text) and last not in _NO_COMMAND_AFTER:
            return found
    return None
