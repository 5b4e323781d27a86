"""From an engine's timed words to items and lines for a reviewer. Pure: no model and no audio.

A decoder's own segments run up to 30 s and break in odd places, so they are never shown.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from transcripts.engines.base import Item, Segment
from transcripts.engines.confidence import IDENTITY, Table, calibrated

PAUSE = 0.6
LONG_SECONDS, LONG_WORDS = 12.0, 30  # a line ends here even without a pause
COMMA_SECONDS, COMMA_WORDS = 8.0, 20  # and from here on at a comma
_LONGEST_WORD = 2.5  # no spoken word lasts longer: what does has swallowed a pause

_TITLES = {"dr", "mr", "mrs", "ms", "prof", "st", "vs", "approx"}
_INITIALS = re.compile(r"^(?:[A-Za-z]\.)+[A-Za-z]$")
_OPENING = '"“”«»([{¿¡—–…'
_CLOSING = '"”“«»)]}'
_MARKS = re.compile(r"(?:\.{2,}|[.,?!:;…—–])$")


@dataclass(frozen=True, slots=True)
class Word:
    """A decoder's word: a leading space in `text` begins a new word; seconds; probability 0..1."""

    text: str
    start: float
    end: float
    probability: float


def lines(words: Iterable[Word], *, duration: float, table: Table = IDENTITY) -> Iterator[Segment]:
    """Group words into segments as they come; a segment is yielded once it is complete.

    Times are forced into 0..duration and never run backwards. A line ends at a pause over 0.6 s,
    at the end of a sentence, and at about 12 s or 30 words; it never lasts over 15 s.
    """
    line: list[Item] = []
    before = 0.0
    for word in _joined(words):
        items, ends_sentence = _items(word, before, duration, table)
        if not items:
            continue
        spoken = items[0] if items[0].start is not None else None
        if spoken and line and breaks(line, before, spoken):
            yield _segment(line)
            line = []
        if spoken is None and not line:
            continue  # a mark with nothing before it
        line.extend(items)
        if spoken:
            before = spoken.end or before
        if ends_sentence:
            yield _segment(line)
            line = []
    if line:
        yield _segment(line)


def _joined(words: Iterable[Word]) -> Iterator[Word]:
    """Put the parts of '8' '.1%', '62' '-year' '-old' together; the least sure part counts."""
    held: Word | None = None
    for word in words:
        if held is None or _begins(held.text, word.text):
            if held:
                yield held
            held = word
        else:
            sure = min(held.probability, word.probability)
            held = Word(held.text + word.text, held.start, max(held.end, word.end), sure)
    if held:
        yield held


def _begins(before: str, text: str) -> bool:
    if text[:1].isspace():
        return text.strip() not in {"%", "°"}
    return before[-1:] in {".", "?", "!"} and text[:1].isupper()


def _items(word: Word, before: float, duration: float, table: Table) -> tuple[list[Item], bool]:
    """The items of one word, and whether it ends a sentence."""
    content, marks = _split(word.text)
    items = []
    if content:
        start = min(max(word.start, before, 0.0), duration)
        end = min(max(word.end, start), start + _LONGEST_WORD, duration)
        raw = min(1.0, max(0.0, float(word.probability)))
        items.append(
            Item(
                type="pronunciation",
                content=content,
                start=round(start, 3),
                end=round(end, 3),
                confidence=round(calibrated(raw, table), 4),
                raw_confidence=round(raw, 4),
            )
        )
    items += [Item("punctuation", mark, None, None, None, None) for mark in marks]
    return items, any(mark in {".", "?", "!"} for mark in marks)


def _split(text: str) -> tuple[str, list[str]]:
    """Separate closing punctuation from a word; decimals, units, hyphens and signs stay inside.

    Quotes and brackets go: a speaker does not say them, and a decoder invents them.
    """
    word = text.strip().replace(" ", "").lstrip(_OPENING)
    if word[:1] == "-" and not word[1:2].isdigit():
        word = word.lstrip("-")
    marks: list[str] = []
    while word:
        word = word.rstrip(_CLOSING)
        found = _MARKS.search(word)
        if not found:
            break
        stem = word[: found.start()]
        if found[0] == "." and (stem.lower() in _TITLES or _INITIALS.match(stem)):
            break
        marks.insert(0, "…" if len(found[0]) > 1 else found[0])
        word = stem
    return word, marks


def breaks(line: list[Item], before: float, word: Item) -> bool:
    """Whether `word` begins a new line after `line`, whose last word ended at `before` seconds."""
    start, end = line[0].start or 0.0, word.end or 0.0
    spoken = sum(item.type == "pronunciation" for item in line)
    if (word.start or 0.0) - before > PAUSE or end - start > LONG_SECONDS or spoken >= LONG_WORDS:
        return True
    after_comma = line[-1].content in {",", ";", ":"}
    return after_comma and (before - start > COMMA_SECONDS or spoken >= COMMA_WORDS)


def _segment(line: list[Item]) -> Segment:
    ends = [item.end for item in line if item.end is not None]
    return Segment(start=line[0].start or 0.0, end=ends[-1], items=tuple(line))
