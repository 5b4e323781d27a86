"""How errors in a signed document are weighed, and the score that they make. Pure.

After AHDI's Healthcare Documentation Quality Assessment and Management Best Practices (2010, 2011,
2017): the score is the error value from 100, 98 passes, a critical error never does, and an error
that a document repeats counts once. Its weights of 2005 keep major and minor errors apart. Points
and scores are whole hundredths, so that they are the same everywhere: 9800 is 98.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

VERSION = 1
WHOLE = 100_00
PASS = 98_00
LINE = 65  # characters of a line, with spaces


class Severity(StrEnum):
    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"
    FEEDBACK = "feedback"


@dataclass(frozen=True, slots=True)
class Weight:
    """Points are hundredths."""

    label: str
    points: int
    about: str


WEIGHTS: dict[str, Weight] = {
    Severity.CRITICAL: Weight("Critical", 300, "Could harm the patient. The document fails."),
    Severity.MAJOR: Weight("Major", 100, "The document says something that was not said."),
    Severity.MINOR: Weight("Minor", 25, "The meaning stands; the document is less well made."),
    Severity.FEEDBACK: Weight("Feedback", 0, "Worth telling, and no error."),
}


@dataclass(frozen=True, slots=True)
class ErrorClass:
    """A kind of error, how grave it usually is, and an example: what stands, what was said."""

    label: str
    usual: Severity
    stands: str
    said: str


CLASSES: dict[str, ErrorClass] = {
    "drug": ErrorClass("Wrong drug", Severity.CRITICAL, "hydralazine", "hydroxyzine"),
    "dose": ErrorClass("Wrong dose, strength or unit", Severity.CRITICAL, "50 mg", "15 mg"),
    "side": ErrorClass("Wrong side or site", Severity.CRITICAL, "left knee", "right knee"),
    "negation": ErrorClass(
        "Finding turned around", Severity.CRITICAL, "has chest pain", "has no chest pain"
    ),
    "value": ErrorClass("Wrong value or date", Severity.CRITICAL, "INR 2.1", "INR 3.1"),
    "term": ErrorClass(
        "Wrong diagnosis or procedure", Severity.CRITICAL, "hypertension", "hypotension"
    ),
    "patient": ErrorClass(
        "Wrong patient, author or encounter", Severity.CRITICAL, "Ms. Jones", "Ms. Johns"
    ),
    "omitted": ErrorClass("Words left out", Severity.MAJOR, "fever", "fever at night"),
    "added": ErrorClass("Words that were not said", Severity.MAJOR, "severe cough", "cough"),
    "word": ErrorClass("Wrong word", Severity.MAJOR, "the site", "the sight"),
    "blank": ErrorClass("Blank that can be understood", Severity.MAJOR, "[___]", "pneumonia"),
    "speaker": ErrorClass("Wrong speaker", Severity.MAJOR, "Clinician", "Patient"),
    "spelling": ErrorClass("Spelling", Severity.MINOR, "albuteral", "albuterol"),
    "grammar": ErrorClass("Grammar or punctuation", Severity.MINOR, "she have", "she has"),
    "style": ErrorClass("Format or style", Severity.FEEDBACK, "b.i.d.", "twice a day"),
}


@dataclass(frozen=True, slots=True)
class Error:
    """One error found: its class and severity, what stands in the document and what was said."""

    kind: str
    severity: str
    stands: str
    said: str


@dataclass(frozen=True, slots=True)
class Score:
    """Hundredths: `value` of 100, `points` taken off, and `by_lines`, the older measure.

    `by_lines` is 100 less points for each hundred lines: it is fair to long documents, and lets a
    critical error pass in one, which is why it decides nothing. `counts` are errors by severity.
    """

    value: int
    points: int
    passed: bool
    by_lines: int
    counts: dict[str, int]


def score(errors: Iterable[Error], characters: int) -> Score:
    """The score of a document with these errors and so many characters."""
    counted = {
        (one.kind, one.severity, _plain(one.stands), _plain(one.said)): one for one in errors
    }
    counts = {str(severity): 0 for severity in Severity}
    for one in counted.values():
        counts[one.severity] += 1
    points = sum(WEIGHTS[severity].points * many for severity, many in counts.items())
    value = max(0, WHOLE - points)
    lines = max(1, -(-characters // LINE))
    return Score(
        value,
        points,
        value >= PASS and not counts[Severity.CRITICAL],
        max(0, WHOLE - round(points * 100 / lines)),
        counts,
    )


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
