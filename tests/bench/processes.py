"""How long a start takes, and how much memory each process then holds.

    python -m tests.bench.processes

`manage.py demo` in an empty folder (database made, tables, demonstration practice, static files),
then stopped and started again on the same data. The limit is PostgreSQL alone, made and ready.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

import psutil

from config.demo import services
from tests.bench.figures import Figure, record

ROOT = Path(__file__).parents[2]
PATIENCE = 240


def started(data: Path, port: int) -> tuple[subprocess.Popen[bytes], float]:
    """A running Countersign, and the seconds until it was ready."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "demo"],
        cwd=ROOT,
        env=kept | {"PORT": str(port), "COUNTERSIGN_DATA": str(data)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while time.monotonic() - begun < PATIENCE and process.poll() is None:
        with suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2).close()
            return process, time.monotonic() - begun
        time.sleep(0.05)
    process.kill()
    raise RuntimeError("the demonstration did not start")


def stopped(process: subprocess.Popen[bytes]) -> float:
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.wait(60)
    return time.monotonic() - begun


def memory(process: subprocess.Popen[bytes]) -> dict[str, float]:
    """MB by kind: the largest process each; of PostgreSQL's all, without what they share."""
    found: dict[str, float] = {}
    for child in psutil.Process(process.pid).children(recursive=True):
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


def bare_postgres(data: Path) -> float:
    """Seconds until an empty PostgreSQL is made and answers."""
    begun = time.monotonic()
    service = services.postgres(data)
    process = subprocess.Popen(services.launcher(service), stdin=subprocess.DEVNULL, cwd="/")
    services.wait_until_ready(service, lambda: process.poll() is None)
    took = time.monotonic() - begun
    process.send_signal(service.stop)
    process.wait(20)
    services.tidy(data)
    return took


def main() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder:
        bare = bare_postgres(Path(folder) / "bare")
        process, first = started(Path(folder) / "data", port)
        stopped(process)
        process, second = started(Path(folder) / "data", port)
        time.sleep(8)  # live speech loads its model a little later
        held = memory(process)
        end = stopped(process)
    print(f"first start {first:.1f} s, of which PostgreSQL alone {bare:.1f} s")
    print(f"second start {second:.1f} s, stop {end:.1f} s")
    made = "PostgreSQL made and ready"
    record(
        Figure("processes", "first start", first, "s", bare, made),
        Figure("processes", "second start", second, "s"),
        Figure("processes", "stop", end, "s"),
    )
    for kind, size in held.items():
        print(f"{kind}: {size:.0f} MB")
        record(Figure("processes", f"memory, {kind}", size, "MB"))


if __name__ == "__main__":
    main()
