"""The word that turns a finding around: "no", "denies", "without", and the "no" of an answer.

A "no" that was not heard leaves nothing here: see question.
"""

from review.safety.document import Document, Mark, has, marks
from transcripts.engines.negation import CUE_WORDS
from transcripts.engines.tokens import Token

_REACH = 14  # words from a finding back to its cue


def find(document: Document) -> list[Mark]:
    by: dict[tuple[int, int], list[str]] = {}
    for one in document.of("MEDICAL_CONDITION"):
        if has(one, "NEGATION"):
            cue = _cue(document, one["BeginOffset"], one["EndOffset"])
            if cue is not None:
                by.setdefault((cue.begin, cue.end), []).append(one["Text"])
    found = []
    for place, names in by.items():
        said = document.text[slice(*place)].lower()
        sentence = f"“{said}” turns around: {', '.join(dict.fromkeys(names))}."
        found += marks(document, [place], "negation", sentence)
    return found


def _cue(document: Document, begin: int, end: int) -> Token | None:
    """The cue before the finding in its sentence, behind it, or the answer to its question."""
    toks = document.tokens
    number = document.sentence_at(begin)
    s = document.sentences[number]
    inside = toks[s.first : s.end]
    before = [t for t in inside if t.end <= begin][-_REACH:]
    after = [t for t in inside if t.begin >= end][:4]
    answers = [a for a in document.sentences[number + 1 : number + 4] if a.asked is not None]
    replies = toks[answers[0].first : answers[0].first + 4] if answers and s.question else []
    for group in (list(reversed(before)), after, replies):
        for token in group:
            if token.low in CUE_WORDS:
                return token
    return next((t for t in replies if not t.mark), None)
