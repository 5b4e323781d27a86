"""Finding the marks and breaks that a dictating clinician speaks. Setting them: dictation.py.

Pure. A word is taken as a command only where it can hardly be anything else ("menstrual period",
"sigmoid colon" and "a new line" are not); what is in doubt stays a word, unless the same dictation
gives clear commands elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from transcripts.engines.numerals import is_number
from transcripts.engines.spoken import Item, Line, listed, said, split

Verdict = Literal["yes", "maybe", "no"]
PARAGRAPH, NEW_LINE = "paragraph", "line"

_COMMANDS: dict[tuple[str, ...], str] = {
    ("period",): ".",
    ("full", "stop"): ".",
    ("comma",): ",",
    ("colon",): ":",
    ("semicolon",): ";",
    ("question", "mark"): "?",
    ("exclamation", "point"): "!",
    ("exclamation", "mark"): "!",
    ("new", "paragraph"): PARAGRAPH,
    ("next", "paragraph"): PARAGRAPH,
    ("new", "line"): NEW_LINE,
    ("next", "line"): NEW_LINE,
    **{("open", paren): "(" for paren in ("paren", "parenthesis", "parentheses")},
    **{("close", paren): ")" for paren in ("paren", "parenthesis", "parentheses")},
}
_ARTICLES = listed("a an the this that these her his my your their our each every any some")
_NOT_BEFORE_PERIOD = _ARTICLES | listed(
    "menstrual incubation gestational grace refractory latency latent waiting last first next "
    "missed monthly postpartum antepartum neonatal perinatal newborn postoperative preoperative "
    "perioperative washout window honeymoon had have has having no get gets getting miss skipped "
    "skip with on during between of per after before since for"
)
# Sentences end in these as well ("the rhythm is regular"); after the others they tell of a period.
_QUALITIES = listed("heavy light painful regular irregular normal usual prolonged long short brief")
_HAVING = _ARTICLES | listed("had have has having with of")
_SPANS = listed("second minute hour day week month year")
_NOT_AFTER_PERIOD = listed(
    "of pain pains cramp cramps between from during was were is are has had started starts "
    "began begins ended lasts lasted came comes tracker cycle cycles symptoms prior preceding"
)
_NOT_BEFORE_COMMA = _ARTICLES | listed("in into diabetic hepatic induced myxedema inverted deep")
_HEADINGS = listed(
    "assessment plan impression impressions diagnosis diagnoses medications medication "
    "allergies history illness complaint exam examination signs labs laboratory subjective "
    "objective findings following recommendations recommendation vitals symptoms systems "
    "instructions indication indications technique procedure comparison conclusion course note "
    "neck heart lungs abdomen extremities skin neuro heent"
)
_NOT_AFTER_COLON = listed(
    "cancer carcinoma polyp polyps resection surgery screening is was and or wall mass lesion "
    "tumor biopsy prep"
)
_NOT_BEFORE_LINE = _ARTICLES | listed(
    "place placed insert inserted with through via central picc iv arterial needs need another "
    "one on and or no"
)
_NOT_AFTER_LINE = listed(
    "was is placed of in at access for infection should will has and to treatment therapy"
)
_STARTERS = listed(
    "he she they the patient there we i no plan assessment impression follow continue denies "
    "lungs heart blood her his on it this exam review"
)


@dataclass(frozen=True, slots=True)
class Command:
    """A spoken mark or break in items[first:end]; `sign` is a mark, PARAGRAPH or NEW_LINE."""

    first: int
    end: int
    sign: str
    verdict: Verdict


def find(lines: Sequence[Line]) -> list[list[Command]]:
    """The commands of each line, in order. Doubtful ones count once there is a sure one."""
    found = [_of_line(line["items"]) for line in lines]
    sure = any(c.verdict == "yes" for commands in found for c in commands) or any(
        item["type"] == "punctuation" and "spoken" in item for ln in lines for item in ln["items"]
    )
    return [[c for c in commands if c.verdict == "yes" or sure] for commands in found]


def _of_line(items: Sequence[Item]) -> list[Command]:
    found: list[Command] = []
    at = 0
    while at < len(items):
        command = _at(items, at, found)
        if command:
            found.append(command)
        at = command.end if command else at + 1
    return found


def _words(item: Item) -> tuple[str, ...]:
    return tuple(split(said(item))) if item["type"] == "pronunciation" else ()


def _at(items: Sequence[Item], at: int, found: Sequence[Command]) -> Command | None:
    sign, end = _sign(items, at)
    if not sign:
        return None
    closed = bool(found) and found[-1].end == at
    # "Plan, colon, follow up": the engine's comma does not part a heading from its colon.
    near = at - 1 if sign == ":" and at and items[at - 1]["content"] == "," else at
    before = [] if closed else _context(items[:near], back=True)
    after = [] if _sign(items, end)[0] else _context(items[end:], back=False)
    capital = bool(after) and items[end]["content"][:1].isupper() and after[0] not in ("i", "i'm")
    verdict = _verdict(sign, before, after, capital, at > 0)
    return None if verdict == "no" else Command(at, end, sign, verdict)


def _sign(items: Sequence[Item], at: int) -> tuple[str, int]:
    """The mark that the words from `at` on may command, and where they end."""
    for size in (2, 1):
        part = items[at : at + size]
        if len(part) == size and not any("spoken" in item for item in part):
            sign = _COMMANDS.get(tuple(word for item in part for word in _words(item)))
            if sign and all(_words(item) for item in part):
                return sign, at + size
    return "", at


def _context(items: Sequence[Item], *, back: bool) -> list[str]:
    """Up to three words next to the command, nearest first, up to a mark."""
    near: list[str] = []
    for item in reversed(items) if back else items:
        if item["type"] == "punctuation" or len(near) >= 3:
            break
        texts = _words(item)
        near += reversed(texts) if back else texts
    return near[:3]


def _verdict(
    sign: str, before: Sequence[str], after: Sequence[str], capital: bool, something: bool
) -> Verdict:
    left, right = (before[0] if before else ""), (after[0] if after else "")
    if sign == ".":
        return _full_stop(before, right, capital or right in _STARTERS)
    if sign == ",":
        split_up = right in ("shaped", "separated", "splice", "position")
        return "no" if left in _NOT_BEFORE_COMMA or split_up else "yes"
    if sign == ":":
        heading = left in _HEADINGS and right not in _NOT_AFTER_COLON
        return "yes" if heading else "no"
    if sign == NEW_LINE:
        return "no" if left in _NOT_BEFORE_LINE or right in _NOT_AFTER_LINE else "yes"
    if sign == "(":
        return "yes" if right else "no"
    if sign == ")":
        return "yes" if left else "no"
    if left in _ARTICLES:
        return "no"
    return "yes" if something or sign == PARAGRAPH else "no"


def _full_stop(before: Sequence[str], right: str, starts: bool) -> Verdict:
    """For "period" and "full stop": `starts` says that a sentence seems to begin after it."""
    left, second, third = [*before, "", "", ""][:3]
    if left in _NOT_BEFORE_PERIOD or right in _NOT_AFTER_PERIOD or right and not starts:
        return "no"
    if left in _QUALITIES and second in _HAVING or left in _SPANS and is_number(second):
        return "no"
    if left == "time":
        return "maybe" if (third, second) == ("at", "this") else "no"
    if left in _SPANS and second in ("a", "every", "each", "this"):
        return "yes"
    # "through the febrile period": some other kind of period, or the end of "on the left"?
    return "maybe" if left == "one" or _ARTICLES.intersection(before) else "yes"
