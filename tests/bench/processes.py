"""How long a start takes, and how much memory each process then holds.

    python -m tests.bench.processes

`manage.py demo` in an empty folder (database made, tables, demonstration practice, static files),
then stopped and started again on the same data. The limit is PostgreSQL alone, made and ready.
"""

import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil

from config.demo import services
from config.demo.services import free_port
from tests.bench.figures import Figure, record
from tests.instance import serving


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
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder:
        bare, data, port = bare_postgres(Path(folder) / "bare"), Path(folder) / "data", free_port()
        begun = time.monotonic()
        with serving(data, port):
            first = time.monotonic() - begun
        begun = time.monotonic()
        with serving(data, port) as process:
            second = time.monotonic() - begun
            time.sleep(8)  # live speech loads its model a little later
            held = memory(process)
            begun = time.monotonic()
        end = time.monotonic() - begun
    print(f"first start {first:.1f} s, of which PostgreSQL alone {bare:.1f} s")
    print(f"second start {second:.1f} s, stop {end:.1f} s")
    made = "PostgreSQL made and ready"
    record(
        Figure("processes", "first start", first, "s", bare, made),
        Figure("processes", "second start", second, "s", goal="< 5 s"),
        Figure("processes", "stop", end, "s"),
    )
    for kind, size in held.items():
        print(f"{kind}: {size:.0f} MB")
        record(Figure("processes", f"memory, {kind}", size, "MB"))


if __name__ == "__main__":
    main()
