"""Who said it: voiceprints of each chunk, and from them a speaker for each word and line.

`voices` runs where a chunk's audio is at hand; `label` runs once over the whole recording, on
what `voices` gave, without audio. The encoder is in voiceprint.py, the clustering in clusters.py.
"""

import struct
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from transcripts.engines import clusters
from transcripts.engines.voiceprint import FRAMES, HOP, LOUDNESS, MODEL, RATE, SIZE, embed, mel

_STEP = 40  # frames from one window to the next
_SHORTEST = 0.5  # seconds of speech below which a voiceprint says little
_HEADER = struct.Struct("<4s4sI")  # format and version, start of the model's hash, windows
_FORMAT = b"CSV\x01"

# Seconds: a window speaks for the words near its middle (deviation of a bell curve).
_REACH = 0.5
# What a change of speaker must be worth in summed likeness of the words after it, by where it
# falls. Likeness to the right voice exceeds that to a wrong one by 0.1..0.4 a word.
_CHANGE = {"line": 0.1, "sentence": 0.25, "pause": 0.4, "word": 0.7}
_PAUSE = 0.35
# The shorter part of a split must have as much as this, or the line stays whole.
_PART_WORDS, _PART_SECONDS = 2, 0.6

Line = dict[str, Any]


def voices(samples: np.ndarray) -> bytes:
    """Voiceprints of the speech in one chunk, float32 16 kHz mono, for `label`.

    About 1.3 kB a second of speech: a header, begin and end of each window in milliseconds
    (uint32), then the voiceprints in float16. Silence gives the header alone.
    """
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(threshold=0.3, min_silence_duration_ms=250, speech_pad_ms=100)
    heard = get_speech_timestamps(samples, options) if len(samples) else []
    spans = [(each["start"], each["end"]) for each in heard]
    spans = [(first, last) for first, last in spans if last - first >= _SHORTEST * RATE]
    if not spans:
        return _HEADER.pack(_FORMAT, MODEL, 0)
    speech = np.concatenate([samples[first:last] for first, last in spans])
    level = float(np.sqrt(np.mean(speech.astype(np.float64) ** 2)))
    bands = mel(samples * np.float32(max(1.0, LOUDNESS / max(level, 1e-6))))
    windows = [each for span in spans for each in _windows(*span, len(bands))]
    # What is shorter than a window is repeated to fill it.
    prints = embed(np.stack([np.resize(bands[i:j], (FRAMES, bands.shape[1])) for i, j in windows]))
    times = np.array(windows, "<u4") * (1000 * HOP // RATE)
    header = _HEADER.pack(_FORMAT, MODEL, len(windows))
    return header + times.tobytes() + prints.astype("<f2").tobytes()


def _windows(first: int, last: int, frames: int) -> Iterator[tuple[int, int]]:
    """Frames from and to of the windows that cover the samples first..last evenly."""
    first, last = first // HOP, min(-(-last // HOP), frames)
    if last - first <= FRAMES:
        yield first, last
        return
    count = -(-(last - first - FRAMES) // _STEP) + 1
    for start in np.linspace(first, last - FRAMES, count).round().astype(int).tolist():
        yield start, start + FRAMES


def label(
    chunks: Sequence[tuple[float, bytes]], lines: Sequence[Line], *, speakers: int | None
) -> list[Line]:
    """The lines with "speaker" set: spk_0, spk_1... in order of first appearance.

    `chunks` are start seconds and bytes of `voices`; `lines` are in order of time and not
    changed. At most `speakers` voices are told apart; None estimates how many there are. Where
    the speaker clearly changes inside a line it is split between words, and loses its
    "alternatives", which were readings of the whole. All spk_0 if no voice was found. Raises
    ValueError for bytes that `voices` did not write with this model.
    """
    middles, prints = read(chunks)
    if not len(prints):
        return [{**line, "speaker": "spk_0"} for line in lines]
    means = clusters.voices(prints, middles, count=speakers)
    names: dict[int, str] = {}
    found = told_apart(lines, middles, prints, means)
    for _, voice in found:
        names.setdefault(voice, f"spk_{len(names)}")
    return [{**part, "speaker": names[voice]} for part, voice in found]


def told_apart(
    lines: Sequence[Line], middles: np.ndarray, prints: np.ndarray, means: np.ndarray
) -> list[tuple[Line, int]]:
    """The lines with the index of their voice in `means`; split between words where it changes."""
    words = [
        (number, place, item)
        for number, line in enumerate(lines)
        for place, item in enumerate(line["items"])
        if item["start"] is not None
    ]
    if len(means) == 1 or not words:
        return [(line, 0) for line in lines]
    likeness = _likeness(np.array([_middle(item) for *_, item in words]), middles, prints @ means.T)
    path = _path(likeness, [_between(lines, one, other) for one, other in pairwise(words)])

    spoken: list[list[tuple[int, int]]] = [[] for _ in lines]  # place and voice of each word
    for (number, place, _), voice in zip(words, path, strict=True):
        spoken[number].append((place, voice))
    found: list[tuple[Line, int]] = []
    before = path[0]
    for line, voiced in zip(lines, spoken, strict=True):
        for part, voice in _split(line, voiced) if voiced else [(line, before)]:
            found.append((part, voice))
            before = voice
    return found


def read(chunks: Sequence[tuple[float, bytes]]) -> tuple[np.ndarray, np.ndarray]:
    """Middles (n,) in seconds, ascending, and voiceprints float32 (n, 256) of all chunks."""
    middles, prints = [np.empty(0)], [np.empty((0, SIZE), np.float32)]
    for start, content in chunks:
        if len(content) < _HEADER.size:
            raise ValueError("voiceprints are cut short")
        form, model, count = _HEADER.unpack_from(content)
        if form != _FORMAT or model != MODEL:
            raise ValueError("voiceprints of another format or model")
        if len(content) != _HEADER.size + count * (8 + 2 * SIZE):
            raise ValueError("voiceprints are cut short")
        times = np.frombuffer(content, "<u4", 2 * count, _HEADER.size).reshape(-1, 2)
        middles.append(start + times.mean(1) / 1000)
        held = np.frombuffer(content, "<f2", count * SIZE, _HEADER.size + 8 * count)
        prints.append(held.reshape(-1, SIZE).astype(np.float32))
    when = np.concatenate(middles)
    order = np.argsort(when, kind="stable")
    return when[order], np.concatenate(prints)[order]


def _middle(item: dict[str, Any]) -> float:
    return (item["start"] + item["end"]) / 2


def _likeness(at: np.ndarray, middles: np.ndarray, alike: np.ndarray) -> np.ndarray:
    """Likeness (words, voices) of the sound at each time to each voice; 0 where none is near."""
    found = np.zeros((len(at), alike.shape[1]))
    far = 2.5 * _REACH
    first = np.searchsorted(middles, at - far)
    last = np.searchsorted(middles, at + far)
    for word, (i, j) in enumerate(zip(first, last, strict=True)):
        if i < j:
            weights = np.exp(-0.5 * ((middles[i:j] - at[word]) / _REACH) ** 2)
            found[word] = weights @ alike[i:j] / weights.sum()
    return found


def _between(lines: Sequence[Line], one: tuple[int, int, Any], other: tuple[int, int, Any]) -> str:
    """Where a change between two words that follow each other would fall."""
    if one[0] != other[0]:
        return "line"
    marks = [item["content"] for item in lines[one[0]]["items"][one[1] + 1 : other[1]]]
    if any(mark in {".", "?", "!", "…"} for mark in marks):
        return "sentence"
    return "pause" if marks or other[2]["start"] - one[2]["end"] > _PAUSE else "word"


def _path(likeness: np.ndarray, between: list[str]) -> list[int]:
    """The voice of each word: most likeness in all, less what the changes cost (Viterbi)."""
    score = likeness[0].copy()
    came = np.empty((len(between), likeness.shape[1]), int)
    own = np.arange(likeness.shape[1])
    for n, kind in enumerate(between):
        best = int(score.argmax())
        change = score[best] - _CHANGE[kind] > score
        came[n] = np.where(change, best, own)
        score = np.where(change, score[best] - _CHANGE[kind], score) + likeness[n + 1]
    path = [int(score.argmax())]
    for step in came[::-1]:
        path.append(int(step[path[-1]]))
    return path[::-1]


def _split(line: Line, voiced: list[tuple[int, int]]) -> list[tuple[Line, int]]:
    """The line in parts of one voice each; small parts go to the longer neighbour."""
    runs: list[list[int]] = []  # first place, one past the last, voice, words
    for place, voice in voiced:
        if runs and runs[-1][2] == voice:
            runs[-1][3] += 1
        else:
            if runs:
                runs[-1][1] = place
            runs.append([place, 0, voice, 1])
    runs[0][0], runs[-1][1] = 0, len(line["items"])
    while len(runs) > 1:
        small = min(
            (n for n, run in enumerate(runs) if not _stands(line, run)),
            key=lambda n: runs[n][3],
            default=None,
        )
        if small is None:
            break
        beside = [n for n in (small - 1, small + 1) if 0 <= n < len(runs)]
        into = max(beside, key=lambda n: runs[n][3])
        runs[small][2] = runs[into][2]
        runs = _joined(runs)
    if len(runs) == 1:
        return [(line, runs[0][2])]
    parts = []
    for first, last, voice, _ in runs:
        items = line["items"][first:last]
        times = [item for item in items if item["start"] is not None]
        start, end = times[0]["start"], times[-1]["end"]
        parts.append(({**line, "start": start, "end": end, "items": items}, voice))
        if "alternatives" in line:
            parts[-1][0]["alternatives"] = []
    return parts


def _joined(runs: list[list[int]]) -> list[list[int]]:
    joined = [runs[0]]
    for run in runs[1:]:
        if run[2] == joined[-1][2]:
            joined[-1] = [joined[-1][0], run[1], run[2], joined[-1][3] + run[3]]
        else:
            joined.append(run)
    return joined


def _stands(line: Line, run: list[int]) -> bool:
    times = [item for item in line["items"][run[0] : run[1]] if item["start"] is not None]
    seconds = times[-1]["end"] - times[0]["start"]
    return run[3] >= _PART_WORDS and seconds >= _PART_SECONDS
