"""Findings asked about whose answer does not say yes or no: a dropped "no" would look like this.

Marked is the finding in the question when no clear answer follows, and a finding that the answer
itself names without denying it.
"""

from bisect import bisect_left

from review.safety.document import Document, Mark, has, marks, span

_TRAITS = ("SYMPTOM", "SIGN", "DIAGNOSIS")


def find(document: Document) -> list[Mark]:
    found = []
    toks, said = document.tokens, document.sentences
    findings = [one for one in document.of("MEDICAL_CONDITION") if has(one, *_TRAITS)]
    starts = [one["BeginOffset"] for one in findings]
    for number, s in enumerate(said):
        if not s.question:
            continue
        begin, end = toks[s.first].begin, toks[s.end - 1].end
        asked = findings[bisect_left(starts, begin) : bisect_left(starts, end)]
        if not asked:
            continue
        answer = next((a for a in said[number + 1 : number + 2] if a.asked == number), None)
        told = []
        if answer is not None:
            first, last = toks[answer.first].begin, toks[answer.end - 1].end
            told = findings[bisect_left(starts, first) : bisect_left(starts, last)]
        clear = answer is not None and answer.answer in ("yes", "no")
        names = {one["Text"].lower() for one in told}
        for one in asked:
            if not has(one, "NEGATION") and one["Text"].lower() not in names and not clear:
                sentence = f"Asked about {one['Text']}, and no clear yes or no was heard."
                found += marks(document, [span(one)], "question", sentence)
        for one in told:
            if not has(one, "NEGATION") and not (clear and answer and answer.answer == "yes"):
                sentence = f"{one['Text']} follows a question. Listen whether a “no” was said."
                found += marks(document, [span(one)], "question", sentence)
    return found
