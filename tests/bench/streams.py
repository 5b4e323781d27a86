"""Measures live streams: latency, cost, steadiness and words, at 1, 2, 4 ... streams in real time.

    python -m tests.bench.streams [seconds of each stream, 30] [streams, 1 2 4 6]

Each stream sends a recording of tests/audio in pieces of 100 ms at the speed of speech, each from
another place of it. Speech begins and ends where an utterance of silence-parted words does, by a
voice detector that hears the recording as a whole beforehand.

- first partial: from the beginning of speech to the first text on the screen
- final: from the end of speech to its final; both p50 and p95
- lag: by how much a timer of the event loop came late, at most
- revised: words that were shown and changed later, per word of the finals
- CPU: seconds of all inference processes for a second of audio

The limits are the bare decoder's, on the same utterances after the streams: once on the first
second of each, once on the whole. A stream decodes oftener, and waits for the pause that ends a
sentence. The lag's limit is the same timer's with nothing else to do.

The words themselves: stream_words.py.
"""

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Awaitable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.figures import Figure, record, share
from tests.transcripts.engines.scoring import normalised
from transcripts.engines.local import samples
from transcripts.engines.stream_decoder import Decoder
from transcripts.engines.streaming import Result, StreamOptions, Streams

AUDIO = Path(__file__).parents[1] / "audio"
RATE = 16_000
PIECE = RATE // 10
SPECIALTY = "PRIMARYCARE"
RECORDINGS = ("dictation_mono.wav", "conversation_mono.wav")
_TICK = 0.005


@dataclass
class Seen:
    """What came out of one stream: seconds since it began, and the result."""

    results: list[tuple[float, Result]] = field(default_factory=list)
    size: int = 0


def main(seconds: float, counts: Sequence[int]) -> None:
    """Print the table."""
    asyncio.run(_speeds(seconds, counts))


async def _speeds(seconds: float, counts: Sequence[int]) -> None:
    streams = Streams(wanted=max(counts), cores=2)
    began = time.monotonic()
    await streams.start()
    print(f"Processes loaded in {time.monotonic() - began:.1f} s, {_memory(streams):.0f} MB in all")
    print(
        "\n| streams | first partial p50 / p95 | final p50 / p95 | lag | revised | CPU | kB/word |"
    )
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    recordings = [samples(AUDIO / name) for name in RECORDINGS]
    _, idle = await _watched(asyncio.sleep(2))
    found = []
    for count in counts:
        cpu = _cpu(streams)
        lives = (_live(streams, n, seconds, recordings[n % 2]) for n in range(count))
        seen, lag = await _watched(asyncio.gather(*lives))
        spent = (_cpu(streams) - cpu) / (count * seconds)
        first, final = [], []
        for one, heard in seen:
            _latencies(one, heard, first, final)
        results = [each for one, _ in seen for _, each in one.results]
        words = sum(len(said_in(each)) for each in results if not each.partial)
        changed = sum(_revised(one.results) for one, _ in seen)
        size = sum(one.size for one, _ in seen) / 1000 / max(words, 1)
        print(
            f"| {count} | {_both(first)} | {_both(final)} | {lag * 1000:.0f} ms "
            f"| {changed / max(words, 1):.1%} | {spent:.2f} | {size:.1f} |",
            flush=True,
        )
        found.append((count, share(first, 0.95), share(final, 0.95), lag, spent))
    await streams.close()
    limits = (*_bare(seen, count * seconds), idle)
    for count, *of in found:
        _record(f"{count} stream{'s' * (count > 1)}", of, limits)
    measured = Streams(cores=2)
    await measured.start()
    print(f"\nSelf-measured capacity: {measured.capacity}")
    await measured.close()


def _record(at: str, of: Sequence[float], limits: Sequence[float]) -> None:
    """The figures of so many streams: first partial and final p95, lag, CPU."""
    first, final, lag, cpu = of
    bare_first, bare_final, bare_cpu, idle = limits

    def figure(what: str, value: float, unit: str, limit: float, by: str, goal: str = "") -> Figure:
        return Figure("streams", f"{at}, {what}", value, unit, limit, by, goal)

    second, whole = "the bare decoder on a second of it", "the bare decoder on it, once"
    record(
        figure("first partial p95", first, "s", bare_first, second, "≤ 1 s at 4"),
        figure("final p95", final, "s", bare_final, whole, "≤ 1 s at 4"),
        figure("event loop's lag", lag * 1000, "ms", idle * 1000, "an idle loop", "≤ 20 ms"),
        figure("CPU for a second of speech", cpu, "s", bare_cpu, whole),
    )


async def _watched(work: Awaitable[Any]) -> tuple[Any, float]:
    """What it gave, and by how many seconds a timer of the event loop came late meanwhile."""
    lags = [0.0]

    async def watch() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(_TICK)
            lags.append(time.perf_counter() - began - _TICK)

    watching = asyncio.create_task(watch())
    given = await work
    watching.cancel()
    return given, max(lags)


def _bare(seen: Sequence[tuple[Seen, np.ndarray]], seconds: float) -> tuple[float, float, float]:
    """Of the decoder alone upon the same utterances: p95 of a first second and of the whole, and
    CPU seconds for a second of the audio with every utterance decoded once."""
    decoder = Decoder()
    decoder.cost()  # the first decode is slower
    firsts, wholes, spent = [], [], 0.0
    for one, heard in seen:
        for begin, end, _ in _utterances(one):
            piece = heard[int(begin * RATE) : int(end * RATE)]
            began = time.perf_counter()
            decoder.partial(piece[:RATE], None)
            firsts.append(time.perf_counter() - began)
            began, cpu = time.perf_counter(), time.process_time()
            decoder.final(piece, None)
            wholes.append(time.perf_counter() - began)
            spent += time.process_time() - cpu
    return share(firsts, 0.95), share(wholes, 0.95), spent / seconds


async def _live(
    streams: Streams, number: int, seconds: float, heard: np.ndarray
) -> tuple[Seen, np.ndarray]:
    heard = np.roll(heard, -int((number * 7.3) * RATE))[: int(seconds * RATE)]
    stream = await streams.open(StreamOptions(RATE, specialty=SPECIALTY, type="CONVERSATION"))
    # Not all at the same moment, as people do not.
    await asyncio.sleep(number * 0.37)
    return await sent(stream, heard, paced=True), heard


async def sent(stream: Any, heard: np.ndarray, *, paced: bool) -> Seen:
    """What comes back of the samples, sent at the speed of speech or as fast as they are taken."""
    pcm = (heard * 32767).astype("<i2")
    seen = Seen()
    began = time.monotonic()

    async def send() -> None:
        for at in range(0, len(pcm), PIECE):
            if paced:
                await asyncio.sleep(max(0.0, began + (at + PIECE) / RATE - time.monotonic()))
            await stream.send(pcm[at : at + PIECE].tobytes())
        await stream.end()

    sending = asyncio.create_task(send())
    async for result in stream.results():
        seen.results.append((time.monotonic() - began, result))
        seen.size += len(json.dumps([item.content for item in result.items])) + 100
    await sending
    return seen


def _latencies(seen: Seen, heard: np.ndarray, first: list[float], final: list[float]) -> None:
    """Latencies of a stream's utterances, against where its speech begins and ends."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    detail = VadOptions(min_silence_duration_ms=100, speech_pad_ms=0)
    spans = [(s["start"] / RATE, s["end"] / RATE) for s in get_speech_timestamps(heard, detail)]
    for begin, end, shown in _utterances(seen):
        inside = [span for span in spans if span[1] > begin - 0.2 and span[0] < end + 0.2]
        if not inside:
            continue
        first.append(shown[0][0] - inside[0][0])
        if inside[-1][1] < len(heard) / RATE - 0.7:  # else the end of the stream ended it
            final.append(max(when for when, each in shown if not each.partial) - inside[-1][1])


def _utterances(seen: Seen) -> Iterator[tuple[float, float, list[tuple[float, Result]]]]:
    """Of each that had words: its begin and end in the stream, and what was shown of it when."""
    groups: dict[str, list[tuple[float, Result]]] = {}
    for when, result in seen.results:
        groups.setdefault(result.id[:36], []).append((when, result))
    for shown in groups.values():
        finals = [each for _, each in shown if not each.partial and each.items]
        if finals:
            yield min(each.start for each in finals), max(each.end for each in finals), shown


def _revised(results: Sequence[tuple[float, Result]]) -> int:
    """Words that were shown and later replaced or taken away."""
    shown: dict[str, list[str]] = {}
    finals: dict[str, list[str]] = {}
    changed = 0
    for _, result in results:
        key = result.id[:36]
        if result.partial:
            changed += _gone(shown.get(key, []), said_in(result))
            shown[key] = said_in(result)
        else:
            finals.setdefault(key, []).extend(said_in(result))
    return changed + sum(_gone(shown.get(key, []), words) for key, words in finals.items())


def _gone(before: list[str], after: list[str]) -> int:
    match = SequenceMatcher(None, before, after, autojunk=False)
    return len(before) - sum(block.size for block in match.get_matching_blocks())


def said_in(result: Result) -> list[str]:
    """Its words, folded to spoken forms."""
    return [
        word
        for item in result.items
        if item.type == "pronunciation"
        for word in normalised(item.content)
    ]


def _cpu(streams: Streams) -> float:
    """Seconds that the inference processes have computed."""
    ticks = 0
    for pid in streams.pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / 100


def _memory(streams: Streams) -> float:
    """Resident megabytes of the inference processes."""
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in streams.pids)
    return pages * 4096 / 1e6


def _both(values: Sequence[float]) -> str:
    if not values:
        return "-"
    return f"{statistics.median(values):.2f} / {share(values, 0.95):.2f} s"


if __name__ == "__main__":
    length = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
    main(length, [int(count) for count in sys.argv[2:]] or [1, 2, 4, 6])
