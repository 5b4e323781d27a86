"""What the safety checks mark in machine transcripts whose words are known. Not a test: by hand.

    nice python -m tests.bench.safety [CACHE]

The recordings of tests/audio with a reference, each heard clean and with white noise 20 and 12 dB
below (as in tests.bench.quality). For each kind of mark: marked words per 1,000, the share of wrong
words that are marked, and the share that marks at random at the same rate would hold. A word that
the machine left out can be marked by nothing; how many those are is said as well. CACHE is a file
that keeps the machine's transcripts for the next run.
"""

import json
import pickle
import sys
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, NamedTuple

from review.safety import reading, run
from review.safety.document import Document
from tests.bench import quality
from tests.transcripts.engines.scoring import normalised
from transcripts.engines.confidence import calibrated, table_of
from transcripts.engines.entities import LocalLanguage
from transcripts.engines.local import LocalEngine

THRESHOLD = 0.8


class Judged(NamedTuple):
    """A document, its words by id (in order), the wrong ones, and how many words it lacks."""

    document: Document
    words: list[str]
    wrong: set[str]
    lacking: int
    scores: dict[str, float]


def main(cache: str | None) -> None:
    heard = _heard(Path(cache) if cache else None)
    table = table_of(LocalEngine().model_id)
    judged = [_judge(entry, parts, table) for entry, noise, parts in heard]
    words = sum(len(one.words) for one in judged)
    wrong = sum(len(one.wrong) for one in judged)
    lacking = sum(one.lacking for one in judged)
    print(
        f"{words} words, {wrong} wrong, {lacking} left out by the machine (no mark can show them)"
    )
    flags = sum(len(run.find(one.document, {"unknown_word"})) for one in judged)
    print(f"{flags / words * 1000:.1f} critical flags per 1,000 words")
    print("\n| marks | marked words per 1,000 | wrong words marked | at random |")
    print("| --- | ---: | ---: | ---: |")
    checks: dict[str, Any] = {name: (name,) for name in run.CHECKS}
    critical = tuple(set(run.CHECKS) - {"unknown_word"})
    rows = {"all checks": tuple(run.CHECKS), "all that are critical": critical, **checks}
    for name, used in rows.items():
        _row(name, judged, lambda one, used=used: _marked(one, used), words, wrong)
    low = f"confidence below {THRESHOLD}"
    _row(low, judged, _unsure, words, wrong)
    both = lambda one: _unsure(one) | _marked(one, critical)  # noqa: E731
    _row(f"critical or {low}", judged, both, words, wrong)


def _row(name: str, judged: Sequence[Judged], mark: Any, words: int, wrong: int) -> None:
    marks = [mark(one) for one in judged]
    many = sum(map(len, marks))
    caught = sum(len(found & one.wrong) for found, one in zip(marks, judged, strict=True))
    share = f"{caught} of {wrong} ({caught / wrong:.0%})" if wrong else "-"
    print(f"| {name} | {many / words * 1000:.1f} | {share} | {many / words:.1%} |")


def _marked(one: Judged, used: Sequence[str]) -> set[str]:
    made = [mark for name in used for mark in run.CHECKS[name](one.document)]
    return {item for mark in made for item in mark.items}


def _unsure(one: Judged) -> set[str]:
    return {pk for pk, score in one.scores.items() if score < THRESHOLD}


def _judge(entry: dict[str, Any], parts: list[quality.Heard], table: Any) -> Judged:
    rows, words, wrong, lacking, scores = [], [], set(), 0, {}
    for channel, part in enumerate(parts):
        ids = _ids(channel, part)
        for number, line in enumerate(part.lines):
            items = []
            for n, item in enumerate(line.items):
                pk = f"{channel}.{number}.{n}"
                score = None
                if item.type == "pronunciation":
                    score = scores[pk] = calibrated(item.raw_confidence or 0.0, table)
                items.append(
                    {"id": pk, "type": item.type, "content": item.content, "start": item.start}
                    | {"end": item.end, "confidence": score, "marks": item.marks, "by": "machine"}
                )
            rows.append((line.start, f"{channel}.{number}", part.role, items))
        words += ids
        bad, missed = _wrong(entry, part, ids)
        wrong |= bad
        lacking += missed
    rows.sort(key=lambda row: row[0])
    document = reading.document(
        [row[1:] for row in rows],
        LocalLanguage().detect_entities_v2,
        type="DICTATION" if entry["kind"] == "dictation" else "CONVERSATION",
    )
    return Judged(document, words, wrong, lacking, scores)


def _ids(channel: int, part: quality.Heard) -> list[str]:
    return [
        f"{channel}.{number}.{n}"
        for number, line in enumerate(part.lines)
        for n, item in enumerate(line.items)
        if item.type == "pronunciation"
    ]


def _wrong(entry: dict[str, Any], part: quality.Heard, ids: Sequence[str]) -> tuple[set[str], int]:
    """Words that hold something the reference does not have there; words of it that are lacking."""
    heard = quality._words(part)
    said = [
        (text, pk) for word, pk in zip(heard, ids, strict=True) for text in normalised(word.content)
    ]
    wanted = normalised(quality._reference(entry, part))
    match = SequenceMatcher(None, wanted, [text for text, _ in said], autojunk=False)
    wrong, lacking = set(), 0
    for kind, a, b, c, d in match.get_opcodes():
        if kind != "equal":
            wrong |= {pk for _, pk in said[c:d]}
            lacking += max(0, (b - a) - (d - c))
    return wrong, lacking


def _heard(cache: Path | None) -> list[tuple[dict[str, Any], int | None, list[quality.Heard]]]:
    if cache and cache.exists():
        return pickle.loads(cache.read_bytes())
    found = list(_transcripts())
    if cache:
        cache.write_bytes(pickle.dumps(found))
    return found


def _transcripts() -> Iterator[tuple[dict[str, Any], int | None, list[quality.Heard]]]:
    manifest = json.loads((quality.AUDIO / "manifest.json").read_text())["files"]
    engine = LocalEngine()
    for entry in manifest:
        there = entry.get("reference") and (quality.AUDIO / entry["file"]).exists()
        if there and "variant_of" not in entry:
            for noise in quality.NOISES:
                parts = quality._transcribed(engine, entry, noise)
                yield entry, noise, [part._replace(samples=None) for part in parts]


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
