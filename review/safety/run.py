"""All checks over a document, those that are switched off left out."""

from collections.abc import Callable, Collection, Iterator

from review.safety import (
    allergy,
    contradiction,
    dose_range,
    drug,
    laterality,
    negation,
    no_speech,
    number_sound,
    question,
    sound_alike,
    unknown_word,
    yes_no,
)
from review.safety.document import Document, Mark

# In this order a place is explained: the first sentence of several is shown first.
CHECKS: dict[str, Callable[[Document], list[Mark]]] = {
    "dose_range": dose_range.find,
    "contradiction": contradiction.find,
    "allergy": allergy.find,
    "drug": drug.find,
    "number_sound": number_sound.find,
    "sound_alike": sound_alike.find,
    "laterality": laterality.find,
    "negation": negation.find,
    "question": question.find,
    "yes_no": yes_no.find,
    "no_speech": no_speech.find,
    "unknown_word": unknown_word.find,
}
# A practice can't do without these in what is dictated, since nobody else was there to hear it.
KEPT_FOR_DICTATION = frozenset({"drug", "dose_range", "laterality", "allergy"})


def find(document: Document, off: Collection[str] = ()) -> list[Mark]:
    """The marks of all checks but those `off`, one for each group of words, in reading order.

    Marks that share a word become one: all their words, all their sentences, critical when one is.
    """
    off = {*off} - (KEPT_FOR_DICTATION if document.type == "DICTATION" else set())
    made = [mark for name, check in CHECKS.items() if name not in off for mark in check(document)]
    order = {word.id: n for n, word in enumerate(w for s in document.segments for w in s.items)}
    return sorted(_merged(made, order), key=lambda mark: order[mark.items[0]])


def _merged(made: list[Mark], order: dict[str, int]) -> Iterator[Mark]:
    names = list(CHECKS)
    for group in _groups(made):
        group.sort(key=lambda mark: names.index(mark.reason))
        items = {item for mark in group for item in mark.items}
        yield Mark(
            group[0].segment,
            tuple(sorted(items, key=order.__getitem__)),
            group[0].reason,
            any(mark.critical for mark in group),
            " ".join(dict.fromkeys(mark.sentence for mark in group)),
            tuple(dict.fromkeys(a for mark in group for a in mark.alternatives)),
        )


def _groups(made: list[Mark]) -> Iterator[list[Mark]]:
    """The marks that share a word, directly or through others; in the order of the checks."""
    groups: dict[int, list[Mark]] = {}
    of: dict[tuple[str, str], int] = {}  # the group that has a word
    for number, mark in enumerate(made):
        words = [(mark.segment, item) for item in mark.items]
        touching = sorted({of[word] for word in words if word in of})
        joined = [each for group in touching for each in groups.pop(group)] + [mark]
        groups[number] = joined
        of |= {(each.segment, item): number for each in joined for item in each.items}
    yield from groups.values()
