"""How long a start takes, and how much memory each process then holds.

    python -m tests.bench.processes

`manage.py demo` in an empty folder (database made, tables, demonstration practice, static files),
then stopped and started again on the same data. The limits are PostgreSQL alone, made and started
and stopped, and the memory of the bare processes: PostgreSQL and Redis that nobody used, Django in
the same server, the speech engine and the live decoder after one decode.
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from config.demo import services
from config.demo.services import free_port
from tests.bench import bare
from tests.bench.figures import Figure, record
from tests.instance import serving

AUDIO = Path(__file__).parents[1] / "audio"


def memory(process: int) -> dict[str, float]:
    """MB by kind: the largest process each; of PostgreSQL's all, without what they share."""
    found: dict[str, float] = {}
    for child in psutil.Process(process).children(recursive=True):
        with suppress(psutil.Error):
            command = " ".join(child.cmdline())
            kind = next((k for k, sign in KINDS.items() if sign in command), "")
            if kind == "PostgreSQL":
                found[kind] = found.get(kind, 0) + child.memory_full_info().uss / 1e6
            elif kind:
                found[kind] = max(found.get(kind, 0), child.memory_info().rss / 1e6)
    return found


KINDS = {
    "PostgreSQL": "postgres",
    "Redis": "redis-server",
    "web": "granian",
    "worker": "celery",
    "live speech": "stream_worker",
}


@dataclass(slots=True)
class Times:
    """Seconds of the start and of the stop."""

    start: float = 0
    stop: float = 0


@contextmanager
def alone(service: services.Service) -> Iterator[Times]:
    """The service without Countersign, ready."""
    took, begun = Times(), time.monotonic()
    process = subprocess.Popen(services.launcher(service), stdin=subprocess.DEVNULL, cwd="/")
    services.wait_until_ready(service, lambda: process.poll() is None)
    took.start = time.monotonic() - begun
    yield took
    begun = time.monotonic()
    process.send_signal(service.stop)
    process.wait(20)
    took.stop = time.monotonic() - begun


def bare_times(data: Path) -> tuple[float, float, float]:
    """Seconds of PostgreSQL alone: made and ready, ready again, stopped."""
    begun = time.monotonic()
    with alone(services.postgres(data)):
        first = time.monotonic() - begun
    with alone(services.postgres(data)) as second:
        pass
    services.tidy(data)
    return first, second.start, second.stop


def bare_memory(data: Path) -> dict[str, float]:
    """MB of each kind of process that nobody uses; of the speech engine after one file."""
    here = os.getpid()
    with alone(services.postgres(data)), alone(services.redis(data)):
        found = memory(here)
    services.tidy(data)
    with bare.django():
        found |= memory(here)
    cores = os.cpu_count() or 1
    found["worker"] = bare.speech("engine", cores, AUDIO / "dictation_mono.wav").memory
    found["live speech"] = bare.speech("decoder", cores).memory
    return found


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder:
        apart, data, port = Path(folder) / "bare", Path(folder) / "data", free_port()
        limits, least = bare_times(apart), bare_memory(apart)
        begun = time.monotonic()
        with serving(data, port):
            first = time.monotonic() - begun
        begun = time.monotonic()
        with serving(data, port) as process:
            second = time.monotonic() - begun
            time.sleep(8)  # live speech loads its model a little later
            held = memory(process.pid)
            begun = time.monotonic()
        took = first, second, time.monotonic() - begun
    goals = ("", "≤ 5 s", "≤ 10 s")
    for what, seconds, limit, goal in zip(STEPS, took, limits, goals, strict=True):
        print(f"{what}: {seconds:.1f} s; PostgreSQL alone {limit:.1f} s")
        record(Figure("processes", what, seconds, "s", limit, "PostgreSQL alone", goal))
    for kind, size in held.items():
        print(f"memory, {kind}: {size:.0f} MB; alone {least[kind]:.0f} MB")
        record(Figure("processes", f"memory, {kind}", size, "MB", least[kind], ALONE[kind]))


STEPS = ("first start", "second start", "stop")
ALONE = {
    "PostgreSQL": "it, unused",
    "Redis": "it, unused",
    "web": "bare Django",
    "worker": "the bare engine",
    "live speech": "the bare decoder",
}


if __name__ == "__main__":
    main()
