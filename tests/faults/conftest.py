"""Real worker processes on the test's own database and Redis."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import redis
from django.conf import settings
from django.db import connection

from tests.cast import Cast
from tests.faults.proxy import Door
from tests.faults.web import Web

WAIT_SECONDS = 100


class Crew:
    """Starts workers, and hurts them. Everything it started ends with the test."""

    def __init__(self, database: str, log: Path) -> None:
        self.environment = os.environ | {
            "DATABASE_URL": database,
            "COUNTERSIGN_ENGINE_THREADS": "1",
        }
        self.log = log
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self) -> subprocess.Popen[bytes]:
        number = len(self.started) + 1
        command = (
            *(sys.executable, "-W", "ignore", "-m", "celery", "--quiet"),
            *("-A", "tests.faults.worker", "worker", "--pool", "solo", "-Q", "transcription"),
            *("-n", f"fault-{number}@%h", "--loglevel", "warning"),
            *("--without-gossip", "--without-mingle"),
        )
        with self.log.open("ab") as log:
            worker = subprocess.Popen(
                command,
                env=self.environment,
                cwd=settings.BASE_DIR,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.started.append(worker)
        return worker

    def alive(self) -> list[subprocess.Popen[bytes]]:
        return [worker for worker in self.started if worker.poll() is None]

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        """As the kernel does when memory runs out."""
        worker.kill()
        worker.wait(10)

    def end(self) -> None:
        for worker in self.started:
            try:  # its sandboxed children too, which belong to its group
                os.killpg(worker.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        for worker in self.started:
            worker.wait(10)


@pytest.fixture
def door() -> Iterator[Door]:
    """Between the workers and PostgreSQL."""
    host, port = (connection.settings_dict[name] for name in ("HOST", "PORT"))
    door = Door(f"{host}/.s.PGSQL.{port or 5432}" if host.startswith("/") else int(port))
    yield door
    door.shut()


@pytest.fixture
def crew(cast: Cast, door: Door) -> Iterator[Crew]:
    server = connection.settings_dict
    login = f"{server['USER']}:{quote(server['PASSWORD'])}"
    name = connection.settings_dict["NAME"]
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.flushall()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "workers.log"
        crew = Crew(f"postgres://{login}@127.0.0.1:{door.port}/{name}", log)
        yield crew
        crew.end()
        print(log.read_text()[-5000:])


@pytest.fixture
def until() -> Callable[[Callable[[], object]], None]:
    """Waits until something holds, looking often."""

    def wait(holds: Callable[[], object], seconds: float = WAIT_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, "it never came about"
            time.sleep(0.02)

    return wait


@pytest.fixture
def web(cast, tmp_path: Path) -> Iterator[Web]:
    """A web process on the test's own database."""
    web = Web(tmp_path / "web.log")
    web.start()
    yield web
    web.kill()
