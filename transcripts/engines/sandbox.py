"""The child process that touches untrusted audio: `python -m transcripts.engines.sandbox VERB ...`

It limits itself, says "ready", does one thing and prints one line of JSON. The parent's side, and
every decision about the child's ending, is in audio.py. Never import this into another process.
"""

import ctypes
import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from transcripts.engines.base import PEAKS_PER_SECOND
from transcripts.engines.rejections import Refusal

_MEMORY = 1 << 30  # address space, of which most is libraries; a decode holds 100..200 MB
_LARGEST_FILE = 512 << 20  # a playback copy of four stereo hours is about 115 MB
_TAPE_BLOCK_SECONDS = 20
_LARGEST_TAPE = 2 << 30  # four stereo hours at 48 kHz are under 2 GB as FLAC
_OPEN_FILES = 64
# Half range, so that a muted microphone with a constant offset counts as silent: -60 dBFS.
_SILENT_BELOW = 33


def limit(cpu_seconds: int, largest_file: int = _LARGEST_FILE) -> None:
    """Bound this process before any decoder is loaded, and die with the parent."""
    for what, most in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, largest_file),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def probe(path: str, max_seconds: str) -> dict[str, Any]:
    """Decode all of a file and describe it: the fields of MediaInfo."""
    import numpy as np

    from transcripts.engines.decode import Source

    peaks: list[int] = []
    samples = 0
    low, high = 32767, -32768
    with Source(Path(path)) as source:
        for chunk in source.chunks(rate=None, max_seconds=float(max_seconds)):
            first = samples * PEAKS_PER_SECOND // source.rate
            last = (samples + len(chunk) - 1) * PEAKS_PER_SECOND // source.rate
            edges = [
                -(-each * source.rate // PEAKS_PER_SECOND) - samples
                for each in range(first, last + 1)
            ]
            edges[0] = 0
            tops = np.maximum.reduceat(chunk, edges, axis=0).max(axis=1)
            bottoms = np.minimum.reduceat(chunk, edges, axis=0).min(axis=1)
            low, high = min(low, int(bottoms.min())), max(high, int(tops.max()))
            loudest = np.maximum(tops.astype(np.int32), -bottoms.astype(np.int32)).tolist()
            if first < len(peaks):  # the chunk begins inside the bin that the last one ended in
                peaks[first] = max(peaks[first], loudest.pop(0))
            peaks.extend(loudest)
            samples += len(chunk)
        if (high - low) / 2 < _SILENT_BELOW:
            raise Refusal("silent")
        return {
            "format": source.sniffed.format,
            "codec": source.codec,
            "sample_rate": source.rate,
            "channels": source.channels,
            "duration": round(samples / source.rate, 3),
            "playable": source.playable,
            "peaks": [min(100, round(peak * 100 / 32767)) for peak in peaks],
        }


def cut(path: str, max_seconds: str, out_dir: str, by_channel: str) -> list[dict[str, Any]]:
    """Write FLAC pieces into out_dir: the fields of Piece, with sample numbers for times."""
    import numpy as np

    from transcripts.engines.crosstalk import gated
    from transcripts.engines.decode import Source
    from transcripts.engines.encode import write_flac
    from transcripts.engines.split import RATE, Splitter

    with Source(Path(path)) as source:
        apart = by_channel == "1" and source.channels > 1
        lanes = [Splitter() for _ in range(source.channels if apart else 1)]
        written: list[list[dict[str, Any]]] = [[] for _ in lanes]

        def write(lane: int, piece: np.ndarray) -> None:
            done = written[lane]
            start = done[-1]["end"] if done else 0
            name = f"channel{lane}" if apart else "mixed"
            target = Path(out_dir) / f"{name}-{len(done):04d}.flac"
            write_flac(target, piece, RATE)
            done.append(
                {
                    "index": len(done),
                    "channel": lane if apart else None,
                    "start": start,
                    "end": start + len(piece),
                    "path": target.name,
                }
            )

        chunks = source.chunks(rate=RATE, max_seconds=float(max_seconds))
        for chunk in gated(chunks) if apart else chunks:
            for lane, splitter in enumerate(lanes):
                samples = chunk[:, lane] if apart else _mono(chunk)
                for piece in splitter.feed(samples):
                    write(lane, piece)
        for lane, splitter in enumerate(lanes):
            for piece in splitter.finish():
                write(lane, piece)
    return [piece for lane in written for piece in lane]


def _mono(chunk: Any) -> Any:
    if chunk.shape[1] == 1:
        return chunk[:, 0]
    return (chunk.astype("int32").sum(axis=1) // 2).astype("int16")


def playback_copy(path: str, max_seconds: str, out: str) -> None:
    """Write an Opus-in-WebM copy that every current browser plays and can seek in."""
    from transcripts.engines.decode import Source
    from transcripts.engines.encode import opus_rate, write_opus

    with Source(Path(path)) as source:
        rate = opus_rate(source.rate)
        chunks = source.chunks(rate=rate, max_seconds=float(max_seconds))
        write_opus(Path(out), chunks, rate, source.channels)


def tape(_: str, __: str, out: str, rate: str, channels: str) -> dict[str, Any]:
    """Write raw s16le samples of the input as FLAC and describe them: the fields of MediaInfo."""
    import numpy as np

    from transcripts.engines.encode import write_flac_blocks

    hertz, lanes = int(rate), int(channels)
    peaks: list[int] = []
    samples = 0

    def blocks() -> Iterator[np.ndarray]:
        nonlocal samples
        while pcm := sys.stdin.buffer.read(2 * lanes * hertz * _TAPE_BLOCK_SECONDS):
            block = np.frombuffer(pcm, "<i2").reshape(-1, lanes)
            edges = np.arange(0, len(block), hertz / PEAKS_PER_SECOND).astype(int)
            tops = np.maximum.reduceat(block, edges, axis=0).max(axis=1)
            bottoms = np.minimum.reduceat(block, edges, axis=0).min(axis=1)
            loudest = np.maximum(tops.astype(np.int32), -bottoms.astype(np.int32))
            peaks.extend(np.minimum(100, np.round(loudest * 100 / 32767)).astype(int).tolist())
            samples += len(block)
            yield block

    write_flac_blocks(Path(out), blocks(), hertz, lanes)
    return {
        "format": "flac",
        "codec": "flac",
        "sample_rate": hertz,
        "channels": lanes,
        "duration": round(samples / hertz, 3),
        "playable": True,
        "peaks": peaks,
    }


_VERBS: dict[str, Callable[..., Any]] = {
    "probe": probe,
    "cut": cut,
    "playback_copy": playback_copy,
    "tape": tape,
}


def main(verb: str, cpu_seconds: str, *arguments: str) -> None:
    """Run one verb; print "ready", then {"result": ...}, {"rejected": ...} or {"errno": ...}."""
    limit(int(cpu_seconds), _LARGEST_TAPE if verb == "tape" else _LARGEST_FILE)
    import transcripts.engines.decode
    import transcripts.engines.encode  # noqa: F401  all libraries load before "ready"

    print("ready", flush=True)
    try:
        answer = {"result": _VERBS[verb](*arguments)}
    except Refusal as error:
        answer = {"rejected": [error.code, error.found]}
    except OSError as error:
        # Ours, not the file's: FFmpeg's own errors were turned into rejections by decode.py.
        answer = {"errno": error.errno or 5}
    print(json.dumps(answer), flush=True)
    os._exit(0)  # a damaged decoder must not get the chance to hang in its destructors


if __name__ == "__main__":
    main(*sys.argv[1:])
