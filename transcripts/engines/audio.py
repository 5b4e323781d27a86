"""Uploaded audio, from the safe side: probe, cut, playback_copy, tape.

Every decode runs in a child process (sandbox.py) under resource limits and a timeout, so no
decoder is ever loaded here; whatever becomes of the child, the caller gets a value or an error.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from transcripts.engines.base import MediaInfo, Piece
from transcripts.engines.rejections import in_words, rejected

MAX_SECONDS = 14_400
MAX_BYTES = 2 << 30
_RATE = 16_000  # of a piece, as in split.py, which would bring NumPy into the web process
_LARGEST_ANSWER = 8 << 20
_ROOT = Path(__file__).resolve().parents[2]


def probe(path: Path, *, max_seconds: float = MAX_SECONDS) -> MediaInfo:
    """Decode a whole recording and say what it is.

    Raises MediaRejected if it cannot be used, FileNotFoundError if it is not there.
    """
    _check_size(path)
    found = _run("probe", path, max_seconds)
    try:
        return MediaInfo(**found)
    except TypeError:
        raise rejected("damaged") from None


def cut(path: Path, out_dir: Path, *, by_channel: bool) -> list[Piece]:
    """Write 16 kHz mono FLAC pieces of 30..90 s into `out_dir`, cut where it is quietest.

    The pieces of a lane joined are the whole recording, sample for sample; up to 90 s it is one
    piece. With `by_channel` a stereo recording gives the pieces of channel 0, then of channel 1.
    A channel is silent where it only held the speaker of the other one (crosstalk.py).
    On an error out_dir may hold pieces: give each call a folder of its own.
    Raises MediaRejected, OSError (disk full).
    """
    _check_size(path)
    found = _run("cut", path, MAX_SECONDS, str(out_dir.resolve()), "1" if by_channel else "0")
    return [
        Piece(
            index=each["index"],
            channel=each["channel"],
            start=each["start"] / _RATE,
            end=each["end"] / _RATE,
            path=out_dir / each["path"],
        )
        for each in found
    ]


def playback_copy(path: Path, out: Path) -> None:
    """Write an Opus copy in WebM to `out`, for a recording that browsers cannot play.

    `out` appears only when it is complete. Raises MediaRejected, OSError (disk full).
    """
    _check_size(path)
    partial = out.with_name(f"{out.name}.part")
    try:
        _run("playback_copy", path, MAX_SECONDS, str(partial.resolve()))
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)


def tape(
    pcm: Iterable[bytes], size: int, out: Path, *, sample_rate: int, channels: int
) -> MediaInfo:
    """Write raw s16le samples, interleaved, about `size` bytes, to `out` as FLAC.

    They are encoded while they are read. Raises MediaRejected, OSError, and what `pcm` raises.
    """
    answer = _child(
        [
            *("tape", str(_allowed_seconds(size)), "-", str(MAX_SECONDS)),
            *(str(out.resolve()), str(sample_rate), str(channels)),
        ],
        _allowed_seconds(size),
        pcm,
    )
    return MediaInfo(**_understood(answer, MAX_SECONDS))


def _check_size(path: Path) -> None:
    size = path.stat().st_size
    if size == 0:
        raise rejected("empty")
    if size > MAX_BYTES:
        raise rejected("too_large")


def _allowed_seconds(size: int) -> int:
    """Time for one child: four hours fit in 7 MB of FLAC, so small files get minutes too."""
    return min(1800, 180 + 4 * (size >> 20))


def _run(verb: str, path: Path, max_seconds: float, *arguments: str) -> Any:
    seconds = _allowed_seconds(path.stat().st_size)
    call = [verb, str(seconds), str(path.resolve()), str(max_seconds), *arguments]
    return _understood(_child(call, seconds), max_seconds)


def _child(call: list[str], seconds: int, sent: Iterable[bytes] = ()) -> bytes:
    """Run the sandbox for so many seconds at most; what it answered, empty if it did not."""
    command = [sys.executable, *("-s", "-B", "-m", "transcripts.engines.sandbox"), *call]
    # Secrets of this process are not the child's business, and its threads cost address space.
    environment = {
        "PATH": os.defpath,
        "PYTHONPATH": str(_ROOT),
        "OPENBLAS_NUM_THREADS": "1",
        "LC_ALL": "C.UTF-8",
    }
    # A file, not a pipe: the file size limit then also bounds what a child can print.
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(
            command,
            cwd=_ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.DEVNULL,
        )
        late = threading.Event()
        watch = threading.Timer(seconds, lambda: (late.set(), child.kill()))
        watch.start()
        try:
            _send(sent, child.stdin)
            ending = child.wait()
        finally:
            watch.cancel()
            child.kill()
            child.wait()
        output.seek(0)
        printed = output.read(_LARGEST_ANSWER)
    ready, _, answer = printed.partition(b"\n")
    if ready != b"ready" and not late.is_set():
        raise RuntimeError(f"the audio sandbox does not start (ended with {ending})")
    return answer if ending == 0 else b""


def _send(blocks: Iterable[bytes], pipe: IO[bytes]) -> None:
    """Give a child its input; one that ended is found out by how it ended."""
    try:
        for block in blocks:
            pipe.write(block)
    except BrokenPipeError:
        pass
    finally:
        with suppress(BrokenPipeError):
            pipe.close()


def _understood(answer: bytes, max_seconds: float) -> Any:
    try:
        said = json.loads(answer)
        if "result" in said:
            return said["result"]
        if "errno" in said:
            raise OSError(int(said["errno"]), os.strerror(int(said["errno"])))
        code, found = said["rejected"]
        raise rejected(code, found=found, limit=in_words(max_seconds))
    except (ValueError, TypeError, KeyError):
        raise rejected("damaged") from None
