"""Batch transcription against the bare engine, on the same ten minutes and this machine.

    python -m tests.bench.batch [minutes, 10]

`bare` is the engine alone on the whole file, with all cores. `countersign` is from upload to the
completed transcript: one worker process a core, one engine thread in each. `busy` is the share of
the cores' time that uploads and workers use while eight files wait.
"""

import itertools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
import psutil

from tests import services
from tests.bench import bare
from tests.bench.figures import Figure, record
from transcripts.engines.local import samples

AUDIO = Path(__file__).parents[1] / "audio"
CORES, RATE = os.cpu_count() or 1, 16_000
PARTS = ("dictation_mono.wav", "conversation_mono.wav", "human_speech_jfk.flac")


def main(minutes: int = 10) -> None:
    services.start_django()
    from tests.bench.ground import tables

    tables()
    with tempfile.TemporaryDirectory() as folder:
        long = _long_file(Path(folder) / "long.flac", 60 * minutes)
        short = _long_file(Path(folder) / "short.flac", 60)
        alone = bare.speech("engine", CORES, short, long)
        workers = [_worker(n) for n in range(CORES)]
        try:
            _run([short])  # loads the models
            pids = [worker.pid for worker in workers]
            spent = _spent(pids)
            whole = _run([long])
            spent = _spent(pids) - spent
            memory = max(psutil.Process(pid).memory_info().rss for pid in pids)
            every = [os.getpid(), *pids]  # who uploads works as well
            rest = _spent(every)
            eight = _run([short] * 8)
            busy = 100 * (_spent(every) - rest) / CORES / eight
        finally:
            for worker in workers:
                worker.terminate()
            for worker in workers:
                worker.wait(30)
    print(f"| {minutes} min of audio | seconds | real time | against bare |")
    print("| --- | ---: | ---: | ---: |")
    for name, took in (("bare", alone.seconds), ("countersign", whole)):
        ratio = took / alone.seconds
        print(f"| {name} | {took:.1f} | {60 * minutes / took:.1f}x | {ratio:.2f} |")
    print(f"\n8 files of 1 min: {eight:.1f} s, cores busy {busy:.0f} %")
    print(f"largest worker: {memory / 1e6:.0f} MB resident")
    against, second = "the bare engine", 1 / 60 / minutes
    cpu, least = spent * second, alone.cpu * second
    record(
        Figure("batch", f"{minutes} minutes of sound", whole, "s", alone.seconds, against),
        Figure("batch", "CPU for a second of sound", cpu, "s", least, against),
        Figure("batch", "cores busy with eight files", busy, "%", 100, "all of them"),
        Figure("batch", "memory of a worker", memory / 1e6, "MB", alone.memory, against),
    )


def _long_file(path: Path, seconds: int) -> Path:
    """The parts one after the other, again and again, as 16 kHz mono FLAC."""
    left = seconds * RATE
    with av.open(str(path), "w", format="flac") as target:
        stream = target.add_stream("flac", rate=RATE, layout="mono")
        for piece in itertools.cycle(samples(AUDIO / part) for part in PARTS):
            frame = (piece[:left] * 32767).astype(np.int16).reshape(1, -1)
            ready = av.AudioFrame.from_ndarray(frame, "s16", "mono")
            ready.sample_rate, ready.pts = RATE, seconds * RATE - left
            target.mux(stream.encode(ready))
            left -= ready.samples
            if not left:
                break
        target.mux(stream.encode(None))
    return path


def _worker(number: int) -> subprocess.Popen[bytes]:
    command = (
        *(sys.executable, "-W", "ignore", "-m", "celery", "--quiet", "-A", "config", "worker"),
        *("--pool", "solo", "-Q", "transcription", "-n", f"bench-{number}@%h"),
        *("--loglevel", "warning", "--without-gossip", "--without-mingle"),
    )
    return subprocess.Popen(command, env=os.environ | {"COUNTERSIGN_ENGINE_THREADS": "1"})


def _spent(pids: Sequence[int]) -> float:
    """CPU seconds of these processes and of those that they began and waited for."""
    return sum(sum(psutil.Process(pid).cpu_times()[:4]) for pid in pids)


def _run(paths: list[Path]) -> float:
    """Seconds from the first upload until all transcripts are there."""
    from tests.cast import make_cast
    from tests.factories import about
    from transcripts.actions import recordings
    from transcripts.models import MedicalTranscriptionJob, Membership

    author: Any = Membership.objects.filter(role="clinician").first() or make_cast().clinician
    started = time.monotonic()
    made = [
        recordings.upload(
            path=path,
            name=path.name,
            about=about(author),
            practice=author.practice,
            by=author.user,
        )
        for path in paths
    ]
    jobs = MedicalTranscriptionJob.objects.filter(recording__in=made)
    while jobs.exclude(status="COMPLETED").exists():
        assert not jobs.filter(status="FAILED").exists(), "a job failed"
        time.sleep(0.1)
    return time.monotonic() - started


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
