"""A drug together with its dose, unit and route: the words that harm most when they are wrong.

A drug that is only named, without a dose, is not marked: it would double the marks and the reader
of every visit would learn to confirm without listening.
"""

from review.safety.document import Document, Mark, marks, span

_PARTS = {"STRENGTH", "DOSAGE", "FORM", "ROUTE_OR_MODE"}


def find(document: Document) -> list[Mark]:
    found = []
    for drug in document.of("MEDICATION"):
        parts = [a for a in drug["Attributes"] if a["Type"] in _PARTS]
        if any(a["Type"] in ("STRENGTH", "DOSAGE") for a in parts):
            doses = [a["Text"] for a in parts if a["Type"] in ("STRENGTH", "DOSAGE")]
            sentence = f"Drug and dose: {drug['Text']} {', '.join(doses)}. Listen and compare."
            found += marks(document, [span(drug), *map(span, parts)], "drug", sentence)
    return found
