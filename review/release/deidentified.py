"""A copy of the text with health information replaced by the name of its category.

Pure. It is an aid: what the detection misses stays in the text, so a person must check the copy,
and the copy says so. It is no de-identification in the sense of 45 CFR 164.514.
"""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from review.release import letter
from review.timing import text_of

NOTICE = (
    "DE-IDENTIFIED COPY — A PERSON MUST CHECK IT. Names, dates, numbers and places were replaced "
    "by a program that does not find all of them."
)
WIDTH = 80


def render(
    doc: Mapping[str, Any],
    *,
    lines: Sequence[Mapping[str, Any]],
    entities: Sequence[Mapping[str, Any]],
    signed: bool,
) -> str:
    """The text ending in a line break; `entities` as engines.phi.detect finds them in `lines`.

    The patient's own names and record number are replaced wherever they stand.
    """
    patient = doc["patient"] or {}
    known = {word.casefold(): "NAME" for word in (patient.get("name") or "").split() if word[1:]}
    known |= {(patient.get("mrn") or "").casefold(): "ID"}
    made = [NOTICE] if signed else [letter.DRAFT, NOTICE]
    body = "\n\n".join([letter.label(doc["document"]["type"]), *_lines(lines, entities, known)])
    heads = [textwrap.fill(head, WIDTH) for head in made]
    return "\n\n".join([*heads, body, *heads[-1:]]) + "\n"


def _lines(
    lines: Sequence[Mapping[str, Any]],
    entities: Sequence[Mapping[str, Any]],
    known: Mapping[str, str],
) -> list[str]:
    found: dict[int, list[tuple[int, int, str]]] = {}
    for entity in entities:
        first, last = entity["items"]
        found.setdefault(entity["line"], []).append((first, last, entity["type"]))
    return [
        textwrap.fill(text, WIDTH)
        for number, line in enumerate(lines)
        if (text := text_of(_replaced(line["items"], found.get(number, []), known)))
    ]


def _replaced(
    items: Sequence[Mapping[str, Any]],
    spans: Sequence[tuple[int, int, str]],
    known: Mapping[str, str],
) -> list[dict[str, Any]]:
    """Items with each span, and each known word, as one bracketed category."""
    tags = {n: kind for first, last, kind in spans for n in range(first, last + 1)}
    starts = {first for first, _, _ in spans}
    out: list[dict[str, Any]] = []
    for number, item in enumerate(items):
        kind = tags.get(number)
        if kind is None:
            same = known.get(item["content"].casefold().removesuffix("'s"))
            out.append({**item, "content": f"[{same}]"} if same else {**item})
        elif number in starts:
            out.append({**item, "type": "pronunciation", "content": f"[{kind}]"})
    return out
