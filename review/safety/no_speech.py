"""Words where nobody was heard: engines make up text in silence."""

from itertools import groupby

from review.safety.document import Document, Mark


def find(document: Document) -> list[Mark]:
    found = []
    for seg in document.segments:
        for silent, run in groupby(seg.items, key=lambda word: "no_speech" in word.marks):
            if silent:
                ids = tuple(word.id for word in run)
                sentence = "Nobody was heard here. Listen whether these words were said."
                found.append(Mark(seg.id, ids, "no_speech", True, sentence))
    return found
