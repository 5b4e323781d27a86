"""From a decode of live speech to lines as a reader sees them: the batch engine's own steps."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from transcripts.engines import doubts, formatting, phi, speakers, vocabulary
from transcripts.engines.base import Item, Segment
from transcripts.engines.confidence import Table
from transcripts.engines.lines import Word, lines
from transcripts.engines.stream_decoder import RATE, Heard
from transcripts.engines.stream_speakers import Voices


class Writer:
    """Writes one stream's results."""

    def __init__(self, options: dict[str, Any], terms: list[vocabulary.Term], table: Table) -> None:
        self._type, self._specialty = options["type"], options["specialty"]
        self._phi = options["phi"]
        one_lane = options["channels"] == 1
        self.voices = Voices(options["voices"]) if options["speakers"] and one_lane else None
        self._terms, self._table = terms, table

    def partial(self, words: Sequence[Word], at: float) -> dict[str, Any] | None:
        """What was heard so far as one line; `at` is where the audio begins, in seconds."""
        found = list(lines(words, duration=60.0, table=self._table))
        if not found:
            return None
        whole = Segment(found[0].start, found[-1].end, tuple(i for s in found for i in s.items))
        written = self._written([_line(whole, at)])
        if not written:
            return None
        return {
            "start": written[0]["start"],
            "end": written[-1]["end"],
            "items": [item for line in written for item in line["items"]],
        }

    def final(self, heard: Heard, samples: np.ndarray, at: float) -> list[dict[str, Any]]:
        """What was said as lines, with doubts marked and health information found."""
        found = lines(heard.words, duration=len(samples) / RATE, table=self._table)
        made = [_line(segment, at) for segment in doubts.marked(found, samples)]
        written = self._written(made)
        if self.voices and written:
            written = self.voices.label(written, at, speakers.voices(samples))
        for line in written:
            line["speakers"] = [line.pop("speaker", None)] * len(line["items"])
            line["entities"] = []
        if self._phi:
            for entity in phi.detect(written):
                written[entity["line"]]["entities"].append({**entity, "line": 0})
        return written

    def _written(self, made: list[dict[str, Any]]) -> list[dict[str, Any]]:
        shown = vocabulary.display(made, self._terms)
        return formatting.written(shown, type=self._type, specialty=self._specialty)


def _line(segment: Segment, at: float) -> dict[str, Any]:
    return {
        "start": round(segment.start + at, 3),
        "end": round(segment.end + at, 3),
        "items": [_item(item, at) for item in segment.items],
    }


def _item(item: Item, at: float) -> dict[str, Any]:
    made = {
        "type": item.type,
        "content": item.content,
        "start": None if item.start is None else round(item.start + at, 3),
        "end": None if item.end is None else round(item.end + at, 3),
        "confidence": item.confidence,
        "raw_confidence": item.raw_confidence,
        "alternatives": [],
    }
    return made | ({"marks": list(item.marks)} if item.marks else {})
