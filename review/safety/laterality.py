"""Left, right and bilateral beside a part of the body or a finding."""

from review.safety.document import Document, Mark, marks, span


def find(document: Document) -> list[Mark]:
    found = []
    for one in document.of("ANATOMY", "MEDICAL_CONDITION"):
        sides = [a for a in one["Attributes"] if a["Type"] == "DIRECTION"]
        for side in sides:
            sentence = f"Side: {side['Text']} {one['Text']}. Listen for left or right."
            other = {"left": ("right",), "right": ("left",)}.get(side["Text"].lower(), ())
            found += marks(document, [span(side)], "laterality", sentence, alternatives=other)
        if one["Type"] == "DIRECTION":
            other = {"left": ("right",), "right": ("left",)}.get(one["Text"].lower(), ())
            sentence = f"Side: {one['Text']}. Listen for left or right."
            found += marks(document, [span(one)], "laterality", sentence, alternatives=other)
    return found
