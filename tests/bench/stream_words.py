"""Measures the words of live finals against batch on the same audio.

    python -m tests.bench.stream_words [voices of flite, slt rms awb]

The recordings of tests/audio with a reference, and the texts of tests/text spoken by flite (a
package of Debian; without it the recordings alone), each sent as fast as it is taken. Words are
folded to spoken forms; "wrong" counts those wrong, left out or added. The interval is a bootstrap
over lanes: what the ratio may be with others like these.
"""

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from tests.bench.streams import AUDIO, RATE, SPECIALTY, said_in, sent
from tests.transcripts.engines.scoring import word_errors
from transcripts.engines import audio, vocabulary
from transcripts.engines.base import Options
from transcripts.engines.local import LocalEngine, samples
from transcripts.engines.streaming import StreamOptions, Streams

TEXTS = AUDIO.parent / "text"
NAMES = ("nlp_dev.jsonl", "nlp_held_out.jsonl")
VOICES = ("slt", "rms", "awb")
RESAMPLES = 5000

Lane = tuple[str, Path, str]  # name, 16 kHz mono file, what is said in it


def main(voices: Sequence[str]) -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory() as folder:
        lanes = [*_recorded(Path(folder)), *_spoken(Path(folder), voices)]
        asyncio.run(_compared(lanes))


async def _compared(lanes: Sequence[Lane]) -> None:
    engine, streams = LocalEngine(), Streams(wanted=1, cores=1)
    print("| lane | words | wrong live | wrong batch |\n| --- | ---: | ---: | ---: |")
    rows = []
    for name, path, wanted in lanes:
        live, words = word_errors(wanted, await _finals(streams, samples(path)))
        batch, _ = word_errors(wanted, _batch(engine, path))
        rows.append((live, batch, words))
        print(f"| {name} | {words} | {live} | {batch} |", flush=True)
    await streams.close()
    live, batch, words = np.sum(rows, axis=0)
    print(f"| all | {words} | {live} | {batch} |")
    low, high = _interval(np.array(rows))
    print(
        f"\nWER {live / words:.3f} live, {batch / words:.3f} batch: ratio {live / batch:.2f}, "
        f"95 % interval {low:.2f} to {high:.2f}"
    )


def _interval(rows: np.ndarray) -> tuple[float, float]:
    """Of the ratio live : batch, by resampling whole lanes."""
    chosen = np.random.default_rng(0).integers(0, len(rows), (RESAMPLES, len(rows)))
    live, batch = rows[chosen, 0].sum(1), rows[chosen, 1].sum(1)
    low, high = np.percentile(live / np.maximum(batch, 1), (2.5, 97.5))
    return float(low), float(high)


def _recorded(folder: Path) -> Iterator[Lane]:
    """The recordings of tests/audio, channel by channel where there are two."""
    for entry in json.loads((AUDIO / "manifest.json").read_text())["files"]:
        if not entry.get("reference") or "variant_of" in entry:
            continue
        roles = entry.get("channel_roles")
        own = folder / entry["file"]
        own.mkdir()
        for n, piece in enumerate(audio.cut(AUDIO / entry["file"], own, by_channel=bool(roles))):
            role = roles[n] if roles else ""
            turns = [turn["text"] for turn in entry.get("turns", ()) if turn["speaker"] == role]
            wanted = " ".join(turns) if roles else entry["reference"]
            yield f"{entry['file']} {role}".strip(), piece.path, wanted


def _spoken(folder: Path, voices: Sequence[str]) -> Iterator[Lane]:
    """The texts of tests/text, said by each voice."""
    if not shutil.which("flite"):
        print("flite is not installed: no spoken texts\n")
        return
    for row in (json.loads(line) for name in NAMES for line in (TEXTS / name).open()):
        for voice in voices:
            path = folder / f"{row['id']}-{voice}.wav"
            subprocess.run(
                ["flite", "-voice", voice, "-t", row["text"], "-o", path], check=True, timeout=60
            )
            yield path.stem, path, row["text"]


def _batch(engine: LocalEngine, path: Path) -> str:
    options = Options(SPECIALTY, "CONVERSATION", vocabulary.hotwords((), SPECIALTY))
    return " ".join(line.text for line in engine.transcribe(path, options, lambda seconds: None))


async def _finals(streams: Streams, heard: np.ndarray) -> str:
    stream = await streams.open(StreamOptions(RATE, specialty=SPECIALTY, type="CONVERSATION"))
    seen = await sent(stream, heard, paced=False)
    return " ".join(word for _, one in seen.results if not one.partial for word in said_in(one))


if __name__ == "__main__":
    main(sys.argv[1:] or VOICES)
