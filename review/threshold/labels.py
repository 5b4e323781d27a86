"""Which words of the machine a signed document kept, and which it changed. Pure.

The rules, numbered by RULES:

- A word that stands in the signed text under the machine's own id was kept.
- All other words are aligned, between words that were kept, with what people typed there. Both
  sides are compared as they would be said: without case, marks, hyphens, line and paragraph breaks;
  numbers by their value, however they are written ("two", "2"; "120/80", "120 over 80"), units by
  their short form, and "don't" as "do not". Who spoke a word, and where a line ends, is not
  compared.
- A word is kept when all that it says is matched, else it is changed.
- Not judged at all, kept or not: hesitations ("um", "uh"), signs that say nothing, and words
  without a score.
- Words that the machine left out can't be marked by any threshold; they are counted apart (added).

A kept word is one that nobody changed, which is not the same as a right one: an error that
everybody overlooked counts as kept.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from review.diff import matches
from transcripts.engines import numerals, units
from transcripts.engines.spoken import listed, split

RULES = 1
HESITATIONS = listed("um uh er erm ehm hmm ah uhm")
_PARTS = re.compile(
    r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?(?:st|nd|rd|th)?|%|/|[^\W\d]+(?:['’]\w+)*"
)
_ORDINALS = dict(
    zip(
        ("1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th", "9th", "10th", "11th", "12th"),
        ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
        + ("tenth", "eleventh", "twelfth"),
        strict=True,
    )
)
_SAME = {"ok": "okay", "dr": "doctor", "mr": "mister", "vs": "versus", "cannot": "can not"}
_SAME |= {"can't": "can not", "won't": "will not", "shan't": "shall not"}

Item = Mapping[str, Any]


class Judged(NamedTuple):
    """A word of the machine, by its place among the items, and whether it was changed."""

    at: int
    changed: bool


class Labelled(NamedTuple):
    """`words` in order; `added` words that the machine lacks; `left_out` words not judged."""

    words: list[Judged]
    added: int
    left_out: int


class Form(NamedTuple):
    """What is said, by the items from `first` to `last`."""

    text: str
    first: int
    last: int


def judge(machine: Sequence[Item], signed: Sequence[Sequence[Any]]) -> Labelled:
    """Labels for the machine's items against the words of a signed document.

    `machine` are items with id, type, content and a score; `signed` are the document's words: id,
    content and more, in reading order.
    """
    place = {word[0]: n for n, word in enumerate(signed)}
    changed: set[int] = set()
    added = 0
    for ours, theirs in _gaps(machine, signed, place):
        lost, more = _compared([machine[n] for n in ours], [str(signed[n][1]) for n in theirs])
        changed |= {ours[n] for n in lost}
        added += more
    spoken = [n for n, item in enumerate(machine) if item["type"] == "pronunciation"]
    judged = [Judged(n, n in changed) for n in spoken if _is_judged(machine[n])]
    return Labelled(judged, added, len(spoken) - len(judged))


def score_of(item: Item) -> float | None:
    """The engine's own score of an item: raw where there is one, else as shown."""
    raw = item.get("raw_confidence")
    return item.get("confidence") if raw is None else raw


def forms(contents: Sequence[str]) -> list[Form]:
    """What written words say, one after the other, in the form in which they are compared."""
    made: list[Form] = []
    for run in _runs(contents):
        words = [text for text, _ in run]
        at = 0
        while at < len(run):
            number, unit = numerals.read(words, at), units.read(words, at)
            if number:
                text, end = _figures(number.figures), number.end
            elif unit and unit.written:
                text, end = unit.written.lower().replace("/", " per "), unit.end
            else:
                text, end = words[at], at + 1
            made += [Form(part, run[at][1], run[end - 1][1]) for part in text.split()]
            at = end
    return made


def _gaps(
    machine: Sequence[Item], signed: Sequence[Sequence[Any]], place: Mapping[str, int]
) -> Iterator[tuple[list[int], range]]:
    """Runs of machine items that are gone, and what stands in the signed text between the same two
    kept neighbours; nothing where those have changed their order."""
    run: list[int] = []
    before = -1
    for n, item in enumerate(machine):
        at = place.get(item["id"])
        if at is None:
            run.append(n)
            continue
        if run or at > before + 1:
            yield run, range(before + 1, max(at, before + 1))
        run, before = [], at
    if run or before + 1 < len(signed):
        yield run, range(before + 1, len(signed))


def _compared(ours: Sequence[Item], theirs: Sequence[str]) -> tuple[set[int], int]:
    """Which of our items are not wholly matched, and how many words more the other side has."""
    said = forms([item["content"] if item["type"] == "pronunciation" else "" for item in ours])
    typed = forms(theirs)
    pairs = matches([form.text for form in said], [form.text for form in typed])
    found = {i for i, _ in pairs}
    missed = [form for n, form in enumerate(said) if n not in found]
    lost = {item for form in missed for item in range(form.first, form.last + 1)}
    return lost, max(0, len(typed) - len(pairs) - len(missed))


def _is_judged(item: Item) -> bool:
    content = item["content"].lower().strip(",;:?!().…")
    says = any(char.isalnum() or char == "%" for char in content)
    return says and content not in HESITATIONS and score_of(item) is not None


def _runs(contents: Sequence[str]) -> Iterator[list[tuple[str, int]]]:
    """Spoken words with the place of their item; a sign that says nothing ends a run."""
    run: list[tuple[str, int]] = []
    for n, content in enumerate(contents):
        parts = [(text, n) for text in _parts(content)]
        if parts:
            run += parts
        elif run:
            yield run
            run = []
    if run:
        yield run


def _parts(content: str) -> Iterator[str]:
    if content.lower().strip(",;:?!().…") in HESITATIONS:
        return
    for word in split(content):
        pieces = _PARTS.findall(word.replace("’", "'"))
        for piece in pieces:
            if piece == "/":
                digits = pieces[0][:1].isdigit() and pieces[-1][:1].isdigit()
                yield "over" if digits else "per"
            else:
                yield from _plain(piece).split()


def _plain(word: str) -> str:
    word = _ORDINALS.get(word, word)
    same = _SAME.get(word, word)
    return f"{same[:-3]} not" if same.endswith("n't") else same


def _figures(figures: str) -> str:
    """Without zeros that say nothing: 5.0 is 5."""
    return figures.rstrip("0").rstrip(".") if "." in figures else figures
