"""Words of no dictionary that the machine was unsure of, with near names of drugs: "did you mean".

An offer, never an alarm: a misheard drug leaves the list of drugs, and so it is found again.
"""

from review.safety.document import Document, Mark
from review.safety.neighbours import near
from transcripts.engines.tokens import tokens
from transcripts.engines.words import is_known

SURE = 0.9  # a word that the machine is surer of is not asked about
_SHORTEST = 5


def find(document: Document) -> list[Mark]:
    found = []
    for seg in document.segments:
        for word in seg.items:
            if word.human or word.confidence is None or word.confidence >= SURE:
                continue
            low = word.content.lower()
            plain = low.isalpha() and len(low) >= _SHORTEST and not word.content[:1].isupper()
            if plain and not is_known(tokens(low)[0].low):
                names = near(low)
                offer = f"Did you mean {' or '.join(names)}?" if names else "Is it spelled right?"
                sentence = f"“{word.content}” is in no dictionary. {offer}"
                found.append(Mark(seg.id, (word.id,), "unknown_word", False, sentence, names))
    return found
