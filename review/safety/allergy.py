"""Allergies: what somebody is, or is not, allergic to."""

from review.safety.document import Document, Mark, marks, span

_WORDS = {"allergic", "allergy", "nkda", "anaphylaxis", "anaphylactic"}
_REACH = 60  # characters from the word to what it is about


def find(document: Document) -> list[Mark]:
    found = []
    drugs = list(document.of("MEDICATION"))
    toks = document.tokens
    for at, token in enumerate(toks):
        if token.stem not in _WORDS:
            continue
        stop = next((t.begin for t in toks[at:] if t.low in (".", "?", "!")), len(document.text))
        near = [
            d
            for d in drugs
            if token.end <= d["BeginOffset"] < min(stop, token.end + _REACH)
            or 0 <= token.begin - d["EndOffset"] <= 1
        ]
        before = [t for t in toks[max(0, at - 4) : at] if t.low in ("no", "not", "never", "denies")]
        spans = [(token.begin, token.end), *map(span, near), *((t.begin, t.end) for t in before)]
        names = ", ".join(d["Text"] for d in near)
        sentence = f"Allergy: {names}. Listen and compare." if names else "An allergy is spoken of."
        found += marks(document, spans, "allergy", sentence)
    return found
