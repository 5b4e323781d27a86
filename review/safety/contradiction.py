"""Left in one place and right in another, for the same part of the body.

Both may be meant; a sentence that names both sides is a comparison and is passed over.
"""

from collections import defaultdict

from review.safety.document import Document, Entity, Mark, marks, span, stems_of
from transcripts.engines.lexicon_own import complaints

Said = tuple[int, str, Entity, Entity]


def find(document: Document) -> list[Mark]:
    by: dict[str, list[Said]] = defaultdict(list)
    for one in document.of("ANATOMY", "MEDICAL_CONDITION"):
        for side in one["Attributes"]:
            if side["Type"] == "DIRECTION" and side["Text"].lower() in ("left", "right"):
                where = document.sentence_at(side["BeginOffset"])
                by[_part(one["Text"])].append((where, side["Text"].lower(), one, side))
    found = []
    for said in by.values():
        found += _opposed(document, said)
    return found


def _opposed(document: Document, said: list[Said]) -> list[Mark]:
    sides: dict[str, list[Said]] = defaultdict(list)
    for each in said:
        sides[each[1]].append(each)
    if len(sides) < 2:
        return []
    both = {s[0] for s in sides["left"]} & {s[0] for s in sides["right"]}
    left, right = ([s for s in sides[side] if s[0] not in both] for side in ("left", "right"))
    if not left or not right:
        return []
    # The side said less often is the one to listen to; of equals the one said later.
    fewer = min((left, right), key=lambda part: (len(part), -part[-1][0]))
    found = []
    for _, side, one, mark in fewer:
        other = "right" if side == "left" else "left"
        sentence = f"{side.capitalize()} {one['Text']} here, {other} elsewhere in this document."
        found += marks(document, [span(mark)], "contradiction", sentence, alternatives=(other,))
    return found


def _part(text: str) -> str:
    """ "knee pain" and "knee" are of the same part."""
    words = stems_of(text)
    return " ".join(w for w in words if w not in complaints()) or " ".join(words)
