"""Batch transcription against the bare engine, on the same ten minutes and this machine.

    python -m tests.bench.batch [minutes, 10]

`bare` is the engine alone on the whole decoded file, with all cores. `countersign` is from upload
to the completed transcript: one worker process a core, one engine thread in each. `busy` is the
share of the cores' time in use while eight files wait.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import av
import psutil

from tests import services
from tests.bench.figures import Figure, record

CORES = os.cpu_count() or 1
PARTS = ("dictation_mono.wav", "conversation_mono.wav", "human_speech_jfk.flac")


def main(minutes: int = 10) -> None:
    services.start_django()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    with tempfile.TemporaryDirectory() as folder:
        long = _long_file(Path(folder) / "long.flac", 60 * minutes)
        short = _long_file(Path(folder) / "short.flac", 60)
        bare = _bare(long)
        workers = [_worker(n) for n in range(CORES)]
        try:
            _run([short])  # loads the models
            whole, memory = _run([long]), max(_resident(worker) for worker in workers)
            psutil.cpu_percent()
            eight = _run([short] * 8)
            busy = psutil.cpu_percent()
        finally:
            for worker in workers:
                worker.terminate()
    print(f"| {minutes} min of audio | seconds | real time | against bare |")
    print("| --- | ---: | ---: | ---: |")
    for name, seconds in (("bare", bare), ("countersign", whole)):
        print(f"| {name} | {seconds:.1f} | {60 * minutes / seconds:.1f}x | {seconds / bare:.2f} |")
    print(f"\n8 files of 1 min: {eight:.1f} s, cores busy {busy:.0f} %")
    print(f"largest worker: {memory / 1e6:.0f} MB resident")
    alone = "the bare engine"
    record(
        Figure("batch", f"{minutes} minutes of sound", whole, "s", bare, alone),
        Figure("batch", "engine CPU for a second of sound", bare * CORES / 60 / minutes, "s"),
        Figure("batch", "cores busy with eight files", busy, "%", 100, "all of them"),
        Figure("batch", "memory of a worker", memory / 1e6, "MB"),
    )


def _long_file(path: Path, seconds: int) -> Path:
    """The parts one after the other, again and again, as 16 kHz mono FLAC."""
    from tests.factories import AUDIO

    with av.open(str(path), "w", format="flac") as target:
        stream = target.add_stream("flac", rate=16_000, layout="mono")
        written = 0
        while written < seconds * 16_000:
            for part in PARTS:
                resampler = av.AudioResampler("s16", "mono", 16_000)
                with av.open(str(AUDIO / part)) as source:
                    for frame in source.decode(audio=0):
                        for ready in resampler.resample(frame):
                            ready.pts = written
                            written += ready.samples
                            target.mux(stream.encode(ready))
        target.mux(stream.encode(None))
    return path


def _bare(path: Path) -> float:
    """Seconds of the engine alone; its model is loaded beforehand, as in a worker."""
    from transcripts.engines.base import Options
    from transcripts.engines.local import LocalEngine
    from transcripts.engines.vocabulary import hotwords

    engine = LocalEngine(cpu_threads=CORES)
    options = Options("FAMILYMEDICINE", "DICTATION", hotwords((), "FAMILYMEDICINE"))
    short = path.with_name("short.flac")
    list(engine.transcribe(short, options, lambda seconds: None))
    started = time.monotonic()
    list(engine.transcribe(path, options, lambda seconds: None))
    return time.monotonic() - started


def _worker(number: int) -> subprocess.Popen[bytes]:
    command = (
        *(sys.executable, "-W", "ignore", "-m", "celery", "--quiet", "-A", "config", "worker"),
        *("--pool", "solo", "-Q", "transcription", "-n", f"bench-{number}@%h"),
        *("--loglevel", "warning", "--without-gossip", "--without-mingle"),
    )
    return subprocess.Popen(command, env=os.environ | {"COUNTERSIGN_ENGINE_THREADS": "1"})


def _resident(worker: subprocess.Popen[bytes]) -> int:
    return psutil.Process(worker.pid).memory_info().rss


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
