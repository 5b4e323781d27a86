"""The written form of what was said: forms of the specialty, figures and units, spoken marks.

Pure. The order of the steps is here; numbers are in figures.py, marks in commands.py and
dictation.py. Every item
that changes keeps the words that were said in "spoken", with their whole time.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from transcripts.engines import commands, dictation, figures, specialties, vocabulary
from transcripts.engines.commands import Command
from transcripts.engines.spoken import Edit, Item, Line, Word, applied, split, stretches, words

MOST_ALTERNATIVES = 5


def written(lines: Iterable[Line], *, type: str, specialty: str) -> list[Line]:
    """The lines as a clinician would have written them; run twice, they stay the same.

    Figures and the specialty's forms ("A1c") for every type; spoken marks ("comma", "new
    paragraph") for DICTATION only, where a break may turn one line into two: the second has
    "paragraph": True or "new_line": True. A line's alternatives are written too; those that are
    not split where their line was are dropped, since nobody knows which part they belong to.
    """
    forms = specialties.forms(specialty)
    terms = [vocabulary.Term(said.replace(" ", "-"), display_as=f) for said, f in forms.items()]
    shown = vocabulary.display(lines, terms)
    spoken = commands.find(shown) if type == "DICTATION" else [[] for _ in shown]
    numbered, found_in = [], []
    for number, (line, found) in enumerate(zip(shown, spoken, strict=True)):
        items, found = _in_figures(line["items"], found)
        numbered.append({**line, "items": items, "_from": number})
        found_in.append(found)
    result = dictation.set_marks(numbered, found_in)
    parts: dict[int, list[Line]] = {}
    for line in result:
        parts.setdefault(line.pop("_from"), []).append(line)
    for number, line in enumerate(shown):
        if line.get("alternatives"):
            _give_alternatives(line, parts.get(number, []), type, specialty)
    return result


def _give_alternatives(line: Line, parts: Sequence[Line], type: str, specialty: str) -> None:
    """Writes the other readings of `line` and gives them to the lines it became."""
    readings = line["alternatives"]
    for part in parts:
        part["alternatives"] = []
    for reading in readings:
        bare = {**line, "items": reading, "alternatives": []}
        made = written([bare], type=type, specialty=specialty)
        if len(made) == len(parts):
            for part, other in zip(parts, made, strict=True):
                part["alternatives"].append(other["items"])


def _in_figures(
    items: Sequence[Item], found: Sequence[Command]
) -> tuple[list[Item], list[Command]]:
    """The items with numbers in figures, and the commands at their new places."""
    result: list[Item] = []
    moved: list[Command] = []
    at = 0
    for command in found:
        result += _numbers(items[at : command.first])
        size = command.end - command.first
        moved.append(Command(len(result), len(result) + size, command.sign, command.verdict))
        result += items[command.first : command.end]
        at = command.end
    return result + _numbers(items[at:]), moved


def _numbers(items: Sequence[Item]) -> list[Item]:
    result: list[Item] = []
    done = 0
    for first, end in stretches(items):
        part = items[first:end]
        said = words(part)
        edits = figures.edits([word.text for word in said])
        result += items[done:first]
        result += applied(part, said, edits, lambda e, p=part, s=said: _alternatives(p, s, e))
        done = end
    return result + list(items[done:])


def _alternatives(items: Sequence[Item], said: Sequence[Word], edit: Edit) -> list[dict[str, Any]]:
    """Other readings of an edited place: "fifty" for "fifteen milligrams" is "50 mg"."""
    found: dict[str, float | None] = {}
    for n in range(said[edit.first].item, said[edit.end - 1].item + 1):
        for other in items[n].get("alternatives", ()):
            content = _reading(said, edit, n, split(other["content"]))
            if content != edit.content:
                found.setdefault(content, other["confidence"])
    ranked = sorted(found.items(), key=lambda one: -(one[1] or 0))
    return [{"content": c, "confidence": p} for c, p in ranked[:MOST_ALTERNATIVES]]


def _reading(said: Sequence[Word], edit: Edit, item: int, other: Sequence[str]) -> str:
    texts: list[str] = []
    end = edit.end
    for number, word in enumerate(said):
        if word.item != item:
            texts.append(word.text)
        elif word.first:
            texts += other
        if number == edit.end - 1:
            end = len(texts)
    for changed in figures.edits(texts):
        if changed.first == edit.first and changed.end == end:
            return changed.content
    return " ".join(texts[edit.first : end])
