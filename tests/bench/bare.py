"""What Countersign is built on, alone: limits that benches hold their figures against.

    python -m tests.bench.bare engine|decoder THREADS [FILE...]

The speech engine runs in a process of its own, so that its memory and CPU are nobody else's.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from socket import create_connection

import psutil

from config.demo.services import free_port
from config.demo.supervisor import web_command


@dataclass(frozen=True, slots=True)
class Speech:
    """Seconds and CPU seconds for the last file, and the process's resident MB after it."""

    seconds: float
    cpu: float
    memory: float


def speech(kind: str, threads: int, *files: Path) -> Speech:
    """The batch "engine" on the files, or the live "decoder" after one decode; models loaded."""
    command = [sys.executable, "-m", "tests.bench.bare", kind, str(threads), *map(str, files)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stderr
    return Speech(**json.loads(ended.stdout))


def main(kind: str, threads: str, *files: str) -> None:
    if kind == "decoder":
        from transcripts.engines.stream_decoder import Decoder

        found = timed(Decoder(decodes=int(threads)).cost)
    else:
        from transcripts.engines.base import Options
        from transcripts.engines.local import LocalEngine
        from transcripts.engines.vocabulary import hotwords

        engine = LocalEngine(cpu_threads=int(threads))
        options = Options("FAMILYMEDICINE", "DICTATION", hotwords((), "FAMILYMEDICINE"))
        for file in files:  # the model is loaded for the first, as it is in a worker
            found = timed(lambda path=Path(file): list(engine.transcribe(path, options, _ignore)))
    print(json.dumps(asdict(found)))


def timed(act: Callable[[], object]) -> Speech:
    began, spent = time.monotonic(), time.process_time()
    act()
    took, spent = time.monotonic() - began, time.process_time() - spent
    return Speech(took, spent, psutil.Process().memory_info().rss / 1e6)


def inserting(table: str) -> Callable[[], None]:
    """Puts a row like one of this table into one without keys and triggers, and commits it.

    Upon the calling thread's connection of Django, by SQL that is ready.
    """
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bare AS SELECT * FROM {table} LIMIT 1")
        cursor.execute("SELECT * FROM bare")
        row = cursor.fetchone()
    statement = f"INSERT INTO bare VALUES ({', '.join(['%s'] * len(row))})"

    def insert() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, row)

    return insert


def _ignore(seconds: float) -> None:
    """Nobody asks how far it is."""


@contextmanager
def django() -> Iterator[tuple[int, int]]:
    """Django and Channels alone (asgi_app.py) in our server: its port and process id."""
    port = free_port()
    command = list(web_command("127.0.0.1", port))
    command[command.index("config.asgi:application")] = "tests.bench.asgi_app:application"
    process = subprocess.Popen(command, env={"REDIS_URL": "redis://127.0.0.1:1"} | os.environ)
    try:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with suppress(OSError):
                create_connection(("127.0.0.1", port), 1).close()
                break
            time.sleep(0.05)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(10)


if __name__ == "__main__":
    main(*sys.argv[1:])
