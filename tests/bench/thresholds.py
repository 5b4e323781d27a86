"""Errors caught at 15 % of words flagged, against random marks. Not a test: run it by hand.

    nice python -m tests.bench.thresholds [CACHE] [--prior]

The recordings of tests/audio with a reference, each heard clean and with white noise 20 and 12 dB
below (as in tests.bench.quality). Every recording is judged by fits on the other recordings alone,
with all its noises left out. Words are ranked by the engine's own score, by the calibrated one, and
by the calibrated one of their class; all three are shown with the share flagged and with what marks
at random at the same rate catch. Intervals are 95 %, the wider of Wilson's and of a bootstrap by
recording. CACHE keeps the machine's transcripts for the next run (that of tests.bench.safety will
do). --prior writes review/threshold/prior.json: numbers only, no words.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from review.threshold import judging, points, prior
from review.threshold.columns import UNIT, Columns
from review.threshold.judging import Document, Scored
from review.threshold.kinds import LABELS, Kind, kind_of
from tests.bench import quality, safety
from transcripts.engines.local import LocalEngine

SHARES = (0.05, 0.10, 0.15, 0.20)


def main(cache: str | None, write: bool) -> None:
    entries = [_entry(*each) for each in safety._heard(Path(cache) if cache else None)]
    scored, group = judged(entries)
    made = judging.report(scored, group)
    if write:
        data = {
            "model": LocalEngine().model_id,
            "recordings": len({each["recording"] for each in entries}),
            "documents": entries,
            "report": made,
            "tables": judging.tables([document(each).columns for each in entries], None),
        }
        prior.FILE.write_text(json.dumps(data, separators=(",", ":")) + "\n")
    _print(made)


def judged(entries: Sequence[dict[str, Any]]) -> tuple[list[Scored], list[int]]:
    """Every entry scored by tables fitted on the other recordings; the number of its recording."""
    names = sorted({each["recording"] for each in entries})
    found, group = [], []
    for each in entries:
        others = [document(o).columns for o in entries if o["recording"] != each["recording"]]
        found.append(judging.score(document(each), {}, judging.tables(others, None)))
        group.append(names.index(each["recording"]))
    return found, group


def document(entry: dict[str, Any]) -> Document:
    """An entry of prior.json as a document; nothing was flagged in it."""
    raw = [score / UNIT for score in entry["raw"]]
    none = [0] * len(raw)
    columns = Columns(raw, raw, entry["kind"], entry["changed"], none, none)
    return judging.document(entry["type"], entry["specialty"], columns)


def _entry(
    entry: dict[str, Any], noise: int | None, parts: Sequence[quality.Heard]
) -> dict[str, Any]:
    raw: list[int] = []
    kind: list[int] = []
    changed: list[int] = []
    for channel, part in enumerate(parts):
        ids = safety._ids(channel, part)
        wrong, _ = safety._wrong(entry, part, ids)
        for word, pk in zip(quality._words(part), ids, strict=True):
            raw.append(round((word.raw_confidence or 0.0) * UNIT))
            kind.append(int(kind_of(word.content)))
            changed.append(int(pk in wrong))
    return {
        "recording": entry["file"],
        "noise": noise,
        "type": "DICTATION" if entry["kind"] == "dictation" else "CONVERSATION",
        "specialty": quality.SPECIALTY,
        "raw": raw,
        "kind": kind,
        "changed": changed,
    }


def _print(made: dict[str, Any]) -> None:
    print(
        f"{made['words']} words of {made['documents']} decodings, {made['changed']} of them wrong"
    )
    print("\n| class | words | wrong |\n| --- | ---: | ---: |")
    for kind in Kind:
        row = made["kinds"][kind.name]
        print(f"| {LABELS[kind]} | {row['words']} | {row['changed']} |")
    print("\n| ranked by | flagged | errors caught (95 %) | random control (95 %) | ECE |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name, label in points.RANKINGS.items():
        for share in SHARES:
            at = points.at(made["rankings"][name], share)
            caught = f"{at['caught']:.0%} ({at['lo']:.0%} to {at['hi']:.0%})"
            chance = f"{at['control']:.0%} ({at['control_lo']:.0%} to {at['control_hi']:.0%})"
            off = made["reliability"][name]["ece"]
            print(f"| {label} | {at['flagged']:.0%} | {caught} | {chance} | {off:.3f} |")
    print(f"\n{made['critical_changed']} of the wrong words are critical.")


if __name__ == "__main__":
    arguments = [each for each in sys.argv[1:] if not each.startswith("--")]
    main(arguments[0] if arguments else None, "--prior" in sys.argv[1:])
