"""Measures who-said-it on recordings whose turns are known. Not a test: run it by hand.

    nice python -m tests.bench.speakers [FOLDER ...]

Recordings are the conversations of tests/audio, and every NAME.wav in the folders whose turns
stand in a FOLDER/*.rttm. Words come from the local engine. Columns:

- voices: found / there, the latter those who speak over 3 s; "est" lets the number be estimated
- wrong: share of the time of words given to another speaker (words of two speakers at once, and
  those within 0.25 s of a change, do not count; nan where none is left)
- DER: share of speech missed, invented or given to another (0.25 s collar)
- splits: lines split where the speaker changes / elsewhere, and lines left with two speakers
- CPU: seconds of processor time for voices and label per second of audio
"""

import json
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from transcripts.engines import local, speakers
from transcripts.engines.base import Options, Segment

AUDIO = Path(__file__).parents[1] / "audio"
RATE = 16_000
PIECE = 60.0
COLLAR = 0.25

Line = dict[str, Any]


class Turn(NamedTuple):
    """Seconds, and the name of who speaks in them."""

    start: float
    end: float
    speaker: str


class Score(NamedTuple):
    """What the columns say."""

    wrong: float
    error_rate: float
    right_splits: int
    wrong_splits: int
    mixed: int


def line(segment: Segment) -> Line:
    """A segment as the dict that chunks carry."""
    items = [
        {"type": item.type, "content": item.content, "start": item.start, "end": item.end}
        for item in segment.items
    ]
    return {"start": segment.start, "end": segment.end, "speaker": None, "items": items}


def spoken(line: Line) -> list[dict[str, Any]]:
    """The items of a line that have times."""
    return [item for item in line["items"] if item["start"] is not None]


def who(item: dict[str, Any], turns: list[Turn], collar: float = COLLAR) -> str | None:
    """The one true speaker of a word, None if there are two, none, or a change is near."""
    at = (item["start"] + item["end"]) / 2
    speaking = {turn.speaker for turn in turns if turn.start <= at <= turn.end}
    near = any(abs(at - edge) < collar for turn in turns for edge in (turn.start, turn.end))
    return speaking.pop() if len(speaking) == 1 and not near else None


def score(before: list[Line], after: list[Line], turns: list[Turn]) -> Score:
    """Compare labelled lines, and the lines they came from, with the true turns."""
    people = sorted({turn.speaker for turn in turns})
    labels = sorted({each["speaker"] for each in after})
    time_of = np.zeros((len(people), len(labels)))
    for each in after:
        for item in spoken(each):
            if (person := who(item, turns)) is not None:
                seconds = max(0.02, item["end"] - item["start"])
                time_of[people.index(person), labels.index(each["speaker"])] += seconds
    partner = _pairs(time_of)
    agreed = sum(time_of[person, label] for person, label in partner.items())

    truth = {(a["start"], a["end"]): who(a, turns, 0.0) for each in after for a in spoken(each)}
    mains = [_main([truth[a["start"], a["end"]] for a in spoken(each)]) for each in after]
    starts = {each["start"] for each in before}
    right = wrong = 0
    for n in range(1, len(after)):
        if after[n]["start"] not in starts:
            changes = mains[n] != mains[n - 1] and None not in (mains[n], mains[n - 1])
            right, wrong = right + changes, wrong + (not changes)
    mixed = 0
    for each, main in zip(after, mains, strict=True):
        others = [truth[a["start"], a["end"]] for a in spoken(each)]
        mixed += sum(other not in (None, main) for other in others) >= 2
    names = {people[person]: labels[label] for person, label in partner.items()}
    return Score(
        1 - agreed / time_of.sum() if time_of.any() else float("nan"),
        _error_rate(after, turns, names),
        right,
        wrong,
        mixed,
    )


def _main(found: list[str | None]) -> str | None:
    known = [each for each in found if each is not None]
    return max(known, key=known.count) if known else None


def _pairs(time_of: np.ndarray) -> dict[int, int]:
    """Which label stands for which person, so that most time agrees (all ways are tried)."""
    best: dict[int, tuple[float, dict[int, int]]] = {0: (0.0, {})}
    for person, row in enumerate(time_of):
        after = dict(best)
        for used, (total, pairs) in best.items():
            for label, seconds in enumerate(row):
                key = used | 1 << label
                if not used >> label & 1 and total + seconds > after.get(key, (-1.0,))[0]:
                    after[key] = (total + seconds, {**pairs, person: label})
        best = after
    return max(best.values(), key=lambda each: each[0])[1]


def _error_rate(lines: list[Line], turns: list[Turn], names: dict[str, str]) -> float:
    end = max([each["end"] for each in lines] + [turn.end for turn in turns])
    ticks = np.arange(0, end, 0.01)
    there = np.zeros((len(ticks),), int)
    said = np.zeros_like(there)
    right = np.zeros_like(there)
    counts = np.ones(len(ticks), bool)
    of = {label: np.zeros(len(ticks), bool) for label in {each["speaker"] for each in lines}}
    for each in lines:
        of[each["speaker"]] |= (ticks >= each["start"]) & (ticks < each["end"])
    for spoke in of.values():
        said += spoke
    for person in {turn.speaker for turn in turns}:
        speaks = np.zeros(len(ticks), bool)
        for turn in turns:
            if turn.speaker == person:
                speaks |= (ticks >= turn.start) & (ticks < turn.end)
                for edge in (turn.start, turn.end):
                    counts &= np.abs(ticks - edge) >= COLLAR
        there += speaks
        right += speaks & of.get(names.get(person, ""), np.zeros(len(ticks), bool))
    errors = np.maximum(there, said) - right
    return float(errors[counts].sum() / max(1, there[counts].sum()))


def pieces(samples: np.ndarray) -> list[tuple[float, np.ndarray]]:
    """Start seconds and samples of about a minute each, as chunks are."""
    step = int(PIECE * RATE)
    return [(n / RATE, samples[n : n + step]) for n in range(0, len(samples), step)]


def recordings(folders: list[Path]) -> list[tuple[Path, list[Turn]]]:
    """Files and their true turns."""
    found = []
    for each in json.loads((AUDIO / "manifest.json").read_text())["files"]:
        if len(each.get("turns", ())) > 1 and (AUDIO / each["file"]).exists():
            turns = [Turn(turn["start"], turn["end"], turn["speaker"]) for turn in each["turns"]]
            found.append((AUDIO / each["file"], turns))
    for folder in folders:
        said: dict[str, list[Turn]] = {}
        for rttm in sorted(folder.glob("*.rttm")):
            for row in map(str.split, rttm.read_text().splitlines()):
                start = float(row[3])
                said.setdefault(row[1], []).append(Turn(start, start + float(row[4]), row[7]))
        found += [(folder / f"{name}.wav", said[name]) for name in sorted(said)]
    return [(path, turns) for path, turns in found if path.exists()]


def main(folders: list[Path]) -> None:
    """Print the table."""
    from faster_whisper import decode_audio

    engine = local.LocalEngine(cpu_threads=1)
    options = Options("PRIMARYCARE", "CONVERSATION")
    print(f"{'file':28} {'voices':>9} {'wrong':>6} {'DER':>6} {'splits':>14} {'CPU':>6}")
    for path, turns in recordings(folders):
        samples = decode_audio(str(path), sampling_rate=RATE)
        lines = [line(each) for each in engine.transcribe(path, options, lambda _: None)]
        if not lines:
            print(f"{path.name:28} no words")
            continue
        people = {turn.speaker for turn in turns}
        said = {p: sum(t.end - t.start for t in turns if t.speaker == p) for p in people}
        there = max(1, sum(seconds > 3 for seconds in said.values()))
        began = time.process_time()
        chunks = [(start, speakers.voices(piece)) for start, piece in pieces(samples)]
        for told in (there, None):
            labelled = speakers.label(chunks, lines, speakers=told)
            cost = f"{(time.process_time() - began) / (len(samples) / RATE):6.3f}" if told else ""
            result = score(lines, labelled, turns)
            heard = len({each["speaker"] for each in labelled})
            splits = f"{result.right_splits} / {result.wrong_splits}, {result.mixed}"
            count = f"{heard} / {there}" if told else f"est {heard} / {there}"
            print(
                f"{path.name if told else '':28} {count:>9} {result.wrong:6.3f} "
                f"{result.error_rate:6.3f} {splits:>14} {cost}",
                flush=True,
            )


if __name__ == "__main__":
    main([Path(folder) for folder in sys.argv[1:]])
