"""The document as the checks see it, and the marks that they make."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from transcripts.engines.tokens import Token, stem, tokens
from transcripts.engines.turns import Sentence, Turn, sentences

Entity = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Word:
    """One spoken word: text[begin:end] of the document, start..end_time seconds of the audio.

    `marks` are the engine's own doubts, such as "no_speech"; `human` says that a person typed it.
    """

    id: str
    content: str
    begin: int
    end: int
    start: float | None = None
    end_time: float | None = None
    confidence: float | None = None
    marks: tuple[str, ...] = ()
    human: bool = False


@dataclass(frozen=True, slots=True)
class Seg:
    """A segment: text[begin:end], by one speaker or nobody known."""

    id: str
    speaker: str | None
    begin: int
    end: int
    items: tuple[Word, ...]


@dataclass(frozen=True)
class Document:
    """Everything a check may know. `entities` are Comprehend Medical's dicts over `text`."""

    text: str
    segments: tuple[Seg, ...]
    entities: Sequence[Entity] = ()
    type: str = "CONVERSATION"
    specialty: str = ""

    @cached_property
    def turns(self) -> list[Turn]:
        return [(seg.begin, seg.end, seg.speaker) for seg in self.segments]

    @cached_property
    def tokens(self) -> list[Token]:
        return tokens(self.text)

    @cached_property
    def sentences(self) -> list[Sentence]:
        return sentences(self.tokens, joined(self.turns))

    def places(self, begin: int, end: int) -> Iterator[tuple[Seg, tuple[Word, ...]]]:
        """The words that text[begin:end] touches, by segment."""
        first = max(0, bisect_right(self._starts, begin) - 1)
        for seg in self.segments[first:]:
            if seg.begin >= end:
                break
            words = tuple(w for w in seg.items if w.begin < end and begin < w.end)
            if words:
                yield seg, words

    def of(self, *categories: str) -> Iterator[Entity]:
        return (one for one in self.entities if one["Category"] in categories)

    def sentence_at(self, offset: int) -> int:
        """The number of the sentence that text[offset] is in; -1 before the first."""
        return bisect_right(self._sentence_starts, offset) - 1

    @cached_property
    def _starts(self) -> list[int]:
        return [seg.begin for seg in self.segments]

    @cached_property
    def _sentence_starts(self) -> list[int]:
        return [self.tokens[s.first].begin for s in self.sentences]


@dataclass(frozen=True, slots=True)
class Mark:
    """Words of one segment to look at, why, and what may be meant instead.

    A critical one is settled only by somebody who has heard its audio.
    """

    segment: str
    items: tuple[str, ...]
    reason: str
    critical: bool
    sentence: str
    alternatives: tuple[str, ...] = ()


def joined(turns: Sequence[Turn]) -> list[Turn]:
    """Turns with those that follow each other by the same speaker as one."""
    found: list[Turn] = []
    for begin, end, speaker in turns:
        if found and speaker is not None and found[-1][2] == speaker:
            found[-1] = (found[-1][0], end, speaker)
        else:
            found.append((begin, end, speaker))
    return found


def marks(
    document: Document,
    spans: Sequence[tuple[int, int]],
    reason: str,
    sentence: str,
    *,
    critical: bool = True,
    alternatives: tuple[str, ...] = (),
) -> list[Mark]:
    """One mark in each segment that the spans of text touch."""
    by: dict[str, list[str]] = {}
    for begin, end in sorted(spans):
        for seg, words in document.places(begin, end):
            ids = by.setdefault(seg.id, [])
            ids += [word.id for word in words if word.id not in ids]
    return [
        Mark(segment, tuple(ids), reason, critical, sentence, alternatives)
        for segment, ids in by.items()
    ]


def span(entity: Entity) -> tuple[int, int]:
    return entity["BeginOffset"], entity["EndOffset"]


def has(entity: Entity, *traits: str) -> bool:
    return any(trait["Name"] in traits for trait in entity["Traits"])


def stems_of(text: str) -> tuple[str, ...]:
    return tuple(stem(word) for word in text.lower().replace("-", " ").split())
