"""Amazon Transcribe Medical's result document as lines for a reviewer and entities. Pure.

The calls that get the document live in aws.py. Times are seconds of the whole recording.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import groupby
from typing import Any

from transcripts.engines.base import Alternative, EngineError, Item, Segment
from transcripts.engines.lines import breaks

UNREADABLE = "The result of Amazon Transcribe Medical could not be read."
_NEAR = 0.02  # seconds; times of one word differ this much between parts of the document
_GROUP = re.compile(r"PHI\W*([A-Za-z]+)")

Raw = dict[str, Any]
Reading = list[Item]


@dataclass(frozen=True, slots=True)
class Result:
    """Lines in order of (start, channel), and entities in the shape of phi.detect."""

    segments: tuple[Segment, ...]
    entities: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Part:
    """One of AWS's own segments: longer than a line, with readings best first."""

    start: float
    readings: list[Reading]


def parse(document: Raw, *, duration: float) -> Result:
    """Read a result document. EngineError when it is not one.

    AWS's text is kept as it is, written forms and display forms included. Its confidence is both
    the raw and the shown one. Lines break as those of the local engine do, and where the speaker
    changes or one of AWS's segments ends.
    """
    try:
        results = document["results"]
        segments = [
            segment
            for channel, items in _channels(results)
            for segment in _lines(
                list(_spoken(items, _speakers(results), duration)),
                _parts(results, channel, items, duration),
                channel,
            )
        ]
        segments.sort(key=lambda segment: (round(segment.start, 3), segment.channel or 0))
        entities = _entities(results.get("entities") or (), segments)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise EngineError(UNREADABLE) from error
    return Result(tuple(segments), entities)


def _channels(results: Raw) -> list[tuple[int | None, list[Raw]]]:
    labels = (results.get("channel_labels") or {}).get("channels")
    if not labels:
        return [(None, results["items"])]
    return [(_number(channel["channel_label"]), channel["items"]) for channel in labels]


def _number(label: str) -> int:
    return int(label.removeprefix("ch_"))


def _speakers(results: Raw) -> dict[str, str]:
    """Speakers by the start of a word; older documents have them nowhere else."""
    labels = (results.get("speaker_labels") or {}).get("segments") or ()
    words = [item for segment in labels for item in segment.get("items") or ()]
    return {item["start_time"]: item["speaker_label"] for item in words}


def _spoken(
    items: Sequence[Raw], speakers: dict[str, str], duration: float
) -> Iterator[tuple[Item, str | None]]:
    """Each item with its speaker; a mark has that of the word before."""
    speaker = None
    for raw in items:
        item = _item(raw, raw["alternatives"], duration)
        if item.type == "pronunciation":
            speaker = raw.get("speaker_label") or speakers.get(raw["start_time"])
        yield item, speaker


def _item(raw: Raw, readings: Sequence[Raw], duration: float) -> Item:
    best, *others = readings
    if raw["type"] != "pronunciation":
        return Item("punctuation", best["content"], None, None, None, None)
    start = min(max(float(raw["start_time"]), 0.0), duration)
    end = min(max(float(raw["end_time"]), start), duration)
    score = _score(best)
    return Item(
        type="pronunciation",
        content=best["content"],
        start=round(start, 3),
        end=round(end, 3),
        confidence=score,
        raw_confidence=score,
        alternatives=tuple(Alternative(other["content"], _score(other)) for other in others),
    )


def _score(raw: Raw) -> float | None:
    if raw.get("confidence") is None:
        return None
    return round(min(1.0, max(0.0, float(raw["confidence"]))), 4)


def _parts(results: Raw, channel: int | None, items: list[Raw], duration: float) -> list[_Part]:
    """The channel's segments of AWS. A document may not say whose they are: its words do."""
    own = {(item.get("start_time"), item["alternatives"][0]["content"]) for item in items}
    parts = []
    for raw in results.get("segments") or ():
        best = raw["alternatives"][0]["items"]
        label = raw.get("channel_label")
        mine = _number(label) == channel if label and channel is not None else None
        if mine is None:
            mine = any((item.get("start_time"), item["content"]) in own for item in best[:1])
        if mine:
            readings = [
                [_item(item, [item], duration) for item in other["items"]]
                for other in raw["alternatives"]
            ]
            parts.append(_Part(float(raw["start_time"]), readings))
    return sorted(parts, key=lambda part: part.start)


def _lines(
    spoken: list[tuple[Item, str | None]], parts: list[_Part], channel: int | None
) -> Iterator[Segment]:
    starts = [part.start - _NEAR for part in parts]
    lines = _grouped(spoken, starts, channel)
    for number, group in groupby(lines, key=lambda line: bisect_right(starts, line.start)):
        yield from _with_readings(list(group), parts[number - 1].readings[1:] if number else [])


def _grouped(
    spoken: list[tuple[Item, str | None]], starts: list[float], channel: int | None
) -> Iterator[Segment]:
    line: list[Item] = []
    speaker, part, before = None, 0, 0.0
    for item, who in spoken:
        if item.start is not None:
            now = bisect_right(starts, item.start)
            if line and (who != speaker or now != part or breaks(line, before, item)):
                yield _segment(line, speaker, channel)
                line = []
            if not line:
                speaker, part = who, now
            before = item.end or before
        elif not line:
            continue  # a mark with nothing before it
        line.append(item)
        if item.type == "punctuation" and item.content in {".", "?", "!"}:
            yield _segment(line, speaker, channel)
            line = []
    if line:
        yield _segment(line, speaker, channel)


def _segment(line: list[Item], speaker: str | None, channel: int | None) -> Segment:
    ends = [item.end for item in line if item.end is not None]
    return Segment(line[0].start or 0.0, max(ends), tuple(line), channel, speaker)


def _with_readings(lines: list[Segment], readings: list[Reading]) -> Iterator[Segment]:
    """Gives each of a part's lines its own stretch of the part's other readings."""
    starts = [line.start for line in lines]
    found: list[list[Reading]] = [[] for _ in lines]
    for reading in readings:
        at, stretches = 0, defaultdict(list)
        for item in reading:
            if item.start is not None and item.end is not None:
                at = max(0, bisect_right(starts, (item.start + item.end) / 2) - 1)
            stretches[at].append(item)
        for number, stretch in stretches.items():
            found[number].append(stretch)
    for line, others in zip(lines, found, strict=True):
        new: dict[tuple[str, ...], tuple[Item, ...]] = {}
        for other in others:
            new.setdefault(_contents(other), tuple(other))
        new.pop(_contents(line.items), None)
        kept = tuple(new.values())
        yield replace(line, items=_with_words(line.items, kept), alternatives=kept)


def _contents(items: Sequence[Item]) -> tuple[str, ...]:
    return tuple(item.content for item in items)


def _with_words(items: tuple[Item, ...], readings: Sequence[Sequence[Item]]) -> tuple[Item, ...]:
    """Gives words what other readings have in their place, where only words are there."""
    result = list(items)
    for reading in readings:
        match = SequenceMatcher(None, _contents(items), _contents(reading), autojunk=False)
        for tag, a, a_end, b, b_end in match.get_opcodes():
            there, here = reading[b:b_end], items[a:a_end]
            spoken = all(item.type == "pronunciation" for item in (*there, *here))
            if tag != "replace" or not spoken:
                continue
            pairs = [there] if len(here) == 1 else [[item] for item in there]
            if len(pairs) == len(here):
                for number, words in enumerate(pairs, a):
                    result[number] = _offered(result[number], words)
    return tuple(result)


def _offered(item: Item, words: Sequence[Item]) -> Item:
    content = " ".join(word.content for word in words)
    if content in {item.content, *(other.content for other in item.alternatives)}:
        return item
    scores = [word.confidence for word in words if word.confidence is not None]
    other = Alternative(content, min(scores, default=None))
    return replace(item, alternatives=(*item.alternatives, other))


def _entities(found: Sequence[Raw], segments: Sequence[Segment]) -> list[dict[str, Any]]:
    """Entities by the words they cover. One that no line holds whole marks its part of each line:
    rather a word too many is marked than one too few.
    """
    result = []
    for raw in found:
        start, end = float(raw["startTime"]), float(raw["endTime"])
        covered = [
            (number, words)
            for number, segment in enumerate(segments)
            if segment.start <= end and segment.end >= start
            if (words := _covered(segment, start, end))
        ]
        wanted = _bare(raw["content"])
        whole = [(n, words) for n, words in covered if _bare(_text(segments[n], words)) == wanted]
        result += [
            _entity(raw, number, segments[number], words) for number, words in whole[:1] or covered
        ]
    return sorted(result, key=lambda entity: (entity["line"], entity["items"]))


def _covered(segment: Segment, start: float, end: float) -> list[int]:
    return [
        number
        for number, item in enumerate(segment.items)
        if item.start is not None
        and item.end is not None
        and start - _NEAR <= (item.start + item.end) / 2 <= end + _NEAR
    ]


def _text(segment: Segment, words: list[int]) -> str:
    return Segment(0, 0, segment.items[words[0] : words[-1] + 1]).text


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()


def _entity(raw: Raw, number: int, segment: Segment, words: list[int]) -> dict[str, Any]:
    group = _GROUP.search(raw["category"])
    score = raw.get("confidence")
    return {
        "line": number,
        "items": [words[0], words[-1]],
        "content": _text(segment, words),
        "category": raw["category"],
        "type": group[1].upper() if group else "OTHER",
        "start": segment.items[words[0]].start,
        "end": segment.items[words[-1]].end,
        "confidence": None if score is None else float(score),
    }
