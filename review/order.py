"""In what order marked words are looked at with least effort, and what is left in the end. Pure.

The next mark is the one with the highest P(wrong) x harm / seconds to check. static/js/review/
order.js does the same sums in the browser; tests/text/order.json holds both to the same figures.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from transcripts.engines.negation import CUE_WORDS
from transcripts.engines.numerals import is_number
from transcripts.engines.words import is_drug

# How much worse than an ordinary wrong word: our own judgement, stated in docs/safety.md.
HARM = {
    "dose_range": 8.0, "drug": 8.0, "allergy": 8.0, "contradiction": 8.0,
    "number_sound": 6.0, "laterality": 6.0, "negation": 6.0, "sound_alike": 6.0,
    "question": 4.0, "yes_no": 4.0, "no_speech": 3.0, "unknown_word": 3.0,
    "blank": 5.0, "query": 5.0, "loop": 1.0, "low_confidence": 1.0,
}  # fmt: skip
CLASS_HARM = {"drug": 4.0, "negation": 4.0, "side": 4.0, "number": 3.0}
# Marks with a wrong word of the marks a check made on the bundled recordings (tests/bench/safety).
MEASURED = {
    "drug": (0, 17), "allergy": (0, 9), "laterality": (2, 6), "negation": (0, 6),
    "question": (0, 6), "number_sound": (0, 3), "unknown_word": (7, 7),
}  # fmt: skip
WEIGHT = 10  # marks that the words' own confidence counts for beside what was measured
CERTAIN = frozenset({"blank", "query"})  # somebody has to decide, whatever the machine thinks

LEAD = 1.0  # seconds of sound played before and behind the words
DECIDE = 1.2  # seconds to decide and press a key
READ = 0.3  # seconds to read a word
UNTIMED = 2.0  # seconds of words without times

# On the bundled recordings the errors counted were 0.53 of those expected (49 of 92; of unmarked
# words 12 of 22), because the calibration leans to the careful side for a clinic's sound. The same
# factor is allowed upwards.
OFF = (0.5, 2.0)
TAIL = 0.05  # on either side of the interval


class Effort(NamedTuple):
    """P(wrong) of a mark, how harmful, seconds to check it, and what it is worth to look now."""

    wrong: float
    harm: float
    seconds: float

    @property
    def worth(self) -> float:
        return self.wrong * self.harm / self.seconds


def effort(reason: str, items: Sequence[Mapping[str, Any]]) -> Effort:
    """Of a mark on these items (with content, start, end, confidence; calibrated, 0..1)."""
    return Effort(wrong(reason, items), harm(reason, items), seconds(items))


def wrong(reason: str, items: Iterable[Mapping[str, Any]]) -> float:
    """P(a word of the mark is wrong): of the words' confidence, and what its check was found to be.

    Words are taken as independent, which says too much where they fail together.
    """
    if reason in CERTAIN:
        return 1.0
    scores = [item["confidence"] for item in items if item.get("confidence") is not None]
    doubt = 1.0 - math.prod(scores)
    bad, made = MEASURED.get(reason, (0, 0))
    return (WEIGHT * doubt + bad) / (WEIGHT + made)


def harm(reason: str, items: Iterable[Mapping[str, Any]]) -> float:
    """That of the reason or of the gravest word, whichever is more."""
    return max([HARM.get(reason, 1.0), *(_class_harm(item["content"].lower()) for item in items)])


def _class_harm(word: str) -> float:
    if word in ("left", "right", "bilateral"):
        return CLASS_HARM["side"]
    if word in CUE_WORDS:
        return CLASS_HARM["negation"]
    if is_number(word):
        return CLASS_HARM["number"]
    return CLASS_HARM["drug"] if is_drug(word) else 1.0


def seconds(items: Sequence[Mapping[str, Any]]) -> float:
    """The slice of sound with its margins, reading the words, and deciding."""
    starts = [item["start"] for item in items if item.get("start") is not None]
    ends = [item["end"] for item in items if item.get("end") is not None]
    sound = max(ends) - min(starts) if starts and ends else UNTIMED
    return max(0.0, sound) + 2 * LEAD + READ * len(items) + DECIDE


def interval(expected: float) -> tuple[int, int]:
    """How many may be wrong where so many are expected: the middle nine tenths, at least.

    From chance alone (Poisson) at the lower and upper end of how far off the calibration may be.
    """
    low, high = (expected * factor for factor in OFF)
    return _quantile(low, TAIL), _quantile(high, 1 - TAIL)


def _quantile(mean: float, share: float) -> int:
    """The smallest count that a Poisson variable stays at or under with this probability."""
    if mean > 400:  # the sum below would underflow
        z = 1.645 if share > 0.5 else -1.645
        return max(0, round(mean + z * math.sqrt(mean)))
    count, term = 0, math.exp(-mean)
    total = term
    while total < share:
        count += 1
        term *= mean / count
        total += term
    return count
