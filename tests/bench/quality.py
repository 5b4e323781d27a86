"""Measures how good the text is, on recordings whose words are known. Not a test: run it by hand.

    nice python -m tests.bench.quality

Recordings are those of tests/audio with a reference, heard clean and, for the scores of words,
with white noise 20 and 12 dB below as well. Both sides are folded to spoken forms before scoring.

- WER: share of words wrong, left out or added
- medical: terms of medwer's list in the reference, and how many of them are in the text
- speakers: share of the time of words given to who said them (asked for as many as there are)
- channels: share of words in the channel of the one who speaks then
- ECE: mean distance between a score and the share of right words that have it (ten bins)
- flagged / caught: share of all words below a threshold, and of the wrong ones
- unseen: the table is fitted anew for each recording, without it

    python -m tests.bench.quality --table     prints the table for confidence.py as well
"""

import json
import sys
import tempfile
from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, NamedTuple

import medwer
import numpy as np

from tests.bench import speakers as voices
from tests.transcripts.engines.scoring import normalised
from transcripts.engines import audio, speakers, vocabulary
from transcripts.engines.base import Item, Options, Segment
from transcripts.engines.confidence import IDENTITY, calibrated, fitted, table_of
from transcripts.engines.local import LocalEngine, samples

AUDIO = voices.AUDIO
SPECIALTY = "FAMILYMEDICINE"
SETTINGS = "beam 5, batched, voice detection, bias terms of the specialty"
NOISES = (None, 20, 12)
THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9)
_TERMS = medwer.load_terms(medwer.default_terms_path())
_MEDWER = medwer.Normalizer()


class Scored(NamedTuple):
    """Words of one recording: raw score, and whether the word is in the reference."""

    file: str
    noise: int | None
    words: list[tuple[float, bool]]


class Heard(NamedTuple):
    """One channel of a recording: who speaks there (None: all), its lines and samples."""

    role: str | None
    lines: list[Segment]
    samples: np.ndarray


def main(print_table: bool) -> None:
    """Print the tables."""
    manifest = json.loads((AUDIO / "manifest.json").read_text())["files"]
    entries = [
        each for each in manifest if each.get("reference") and (AUDIO / each["file"]).exists()
    ]
    entries = [each for each in entries if "variant_of" not in each]
    engine = LocalEngine()
    scored: list[Scored] = []
    print(f"Model {engine.model_id}; {SPECIALTY}; {SETTINGS}\n")
    print("| recording | words | WER | medical terms | recall | speakers | channels |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for entry in entries:
        for noise in NOISES:
            heard = _transcribed(engine, entry, noise)
            words = [pair for part in heard for pair in _judged(entry, part)]
            scored.append(Scored(entry["file"], noise, words))
            if noise is None:
                print(_row(entry, heard), flush=True)
    _scores(scored, table_of(engine.model_id))
    if print_table:
        print(f"\n{fitted(_all(scored))}")


def _transcribed(engine: LocalEngine, entry: dict[str, Any], noise: int | None) -> list[Heard]:
    options = Options(SPECIALTY, "CONVERSATION", vocabulary.hotwords((), SPECIALTY))
    roles = entry.get("channel_roles")
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for piece in audio.cut(AUDIO / entry["file"], Path(folder), by_channel=bool(roles)):
            if noise is not None:
                _with_noise(piece.path, noise)
            lines = list(engine.transcribe(piece.path, options, lambda seconds: None))
            role = roles[piece.channel] if roles and piece.channel is not None else None
            found.append(Heard(role, lines, samples(piece.path)))
    return found


def _with_noise(path: Path, below: int) -> None:
    """Rewrite a piece with white noise `below` dB under its loud parts."""
    import av

    clean = samples(path)
    power = float(np.mean(clean[np.abs(clean) > 0.02] ** 2)) / 10 ** (below / 10)
    noisy = clean + np.random.default_rng(1).normal(0, power**0.5, len(clean))
    frame = av.AudioFrame.from_ndarray(
        (np.clip(noisy, -1, 1) * 32767).astype(np.int16)[None], format="s16", layout="mono"
    )
    frame.sample_rate = voices.RATE
    with av.open(str(path), "w", format="wav") as target:
        stream = target.add_stream("pcm_s16le", rate=voices.RATE, layout="mono")
        target.mux(stream.encode(frame))
        target.mux(stream.encode(None))


def _row(entry: dict[str, Any], heard: Sequence[Heard]) -> str:
    errors = words = terms = found = 0
    for part in heard:
        reference, text = _reference(entry, part), " ".join(line.text for line in part.lines)
        wanted, got = " ".join(normalised(reference)), " ".join(normalised(text))
        part_errors, part_words, _ = medwer.wer(wanted, got)
        errors, words = errors + part_errors, words + part_words
        wanted, got = (medwer.keep_medical(_MEDWER(side), *_TERMS) for side in (wanted, got))
        match = SequenceMatcher(None, wanted.split(), got.split(), autojunk=False)
        terms += len(wanted.split())
        found += sum(block.size for block in match.get_matching_blocks())
    cells = (
        entry["file"],
        str(words),
        _percent(errors, words),
        str(terms),
        _percent(found, terms),
        _speakers(entry, heard),
        _channels(entry, heard),
    )
    return f"| {' | '.join(cells)} |"


def _speakers(entry: dict[str, Any], heard: Sequence[Heard]) -> str:
    turns = _turns(entry)
    there = len({turn.speaker for turn in turns})
    if there < 2 or len(heard) > 1:
        return "-"
    lines = [voices.line(each) for each in heard[0].lines]
    chunks = [(at, speakers.voices(piece)) for at, piece in voices.pieces(heard[0].samples)]
    labelled = speakers.label(chunks, lines, speakers=there)
    return f"{1 - voices.score(lines, labelled, turns).wrong:.1%}"


def _channels(entry: dict[str, Any], heard: Sequence[Heard]) -> str:
    if len(heard) < 2:
        return "-"
    turns = _turns(entry)
    right = known = 0
    for part in heard:
        for item in _words(part):
            who = voices.who({"start": item.start, "end": item.end}, turns)
            known += who is not None
            right += who == part.role
    return _percent(right, known)


def _judged(entry: dict[str, Any], heard: Heard) -> list[tuple[float, bool]]:
    """Raw score of each word, and whether all that it says is in the reference at its place."""
    words = _words(heard)
    said = [(part, n) for n, word in enumerate(words) for part in normalised(word.content)]
    wanted = normalised(_reference(entry, heard))
    match = SequenceMatcher(None, wanted, [part for part, _ in said], autojunk=False)
    right = {block.b + n for block in match.get_matching_blocks() for n in range(block.size)}
    wrong = {owner for at, (_, owner) in enumerate(said) if at not in right}
    spoken = {owner for _, owner in said}
    return [(words[n].raw_confidence or 0.0, n not in wrong) for n in sorted(spoken)]


def _scores(scored: Sequence[Scored], table: Any) -> None:
    unseen = {
        file: fitted(_all([each for each in scored if each.file != file]))
        for file in {each.file for each in scored}
    }
    heads = " | ".join(f"{at} flagged / caught" for at in THRESHOLDS)
    print(f"\n| words | wrong | score | ECE | {heads} |")
    print(f"| ---: | ---: | --- | ---: |{' --- |' * len(THRESHOLDS)}")
    for noise in (*NOISES, "all"):
        part = [each for each in scored if noise in ("all", each.noise)]
        right = np.array([ok for _, ok in _all(part)])
        for name in ("raw", "table", "unseen"):
            tables = {"raw": IDENTITY, "table": table}
            score = np.array(
                [
                    calibrated(raw, tables.get(name) or unseen[each.file])
                    for each in part
                    for raw, _ in each.words
                ]
            )
            caught = " | ".join(
                f"{(score < at).mean():.3f} / {_share((score < at) & ~right, ~right)}"
                for at in THRESHOLDS
            )
            label = {"all": "all", None: "clean"}.get(noise, f"{noise} dB")
            print(
                f"| {len(right)} {label} | {(~right).sum()} | {name} "
                f"| {_ece(score, right):.3f} | {caught} |"
            )


def _ece(score: np.ndarray, right: np.ndarray, bins: int = 10) -> float:
    binned = np.minimum((score * bins).astype(int), bins - 1)
    return sum(
        abs(score[binned == n].mean() - right[binned == n].mean()) * (binned == n).mean()
        for n in set(binned.tolist())
    )


def _all(scored: Sequence[Scored]) -> list[tuple[float, bool]]:
    return [pair for each in scored for pair in each.words]


def _words(heard: Heard) -> list[Item]:
    return [item for line in heard.lines for item in line.items if item.type == "pronunciation"]


def _reference(entry: dict[str, Any], heard: Heard) -> str:
    if heard.role is None:
        return entry["reference"]
    return " ".join(turn["text"] for turn in entry["turns"] if turn["speaker"] == heard.role)


def _turns(entry: dict[str, Any]) -> list[voices.Turn]:
    turns = entry.get("turns", ())
    return [voices.Turn(turn["start"], turn["end"], turn["speaker"]) for turn in turns]


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"


def _share(part: np.ndarray, whole: np.ndarray) -> str:
    return f"{part.sum() / whole.sum():.2f}" if whole.any() else "-"


if __name__ == "__main__":
    main("--table" in sys.argv[1:])
