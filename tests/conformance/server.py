"""A real web process and a real worker on a database of their own, for plain AWS clients.

The servers are those of the test run; nothing of Django's test client is in between.
"""

import itertools
import os
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import boto3
import psycopg
from botocore.config import Config

from config.demo.services import Service, free_port, launcher
from config.demo.supervisor import web_command, worker_command
from tests import collected
from tests.conformance.inside import Inside

ROOT = Path(__file__).parent.parent.parent
AUDIO = ROOT / "tests" / "audio"
PATIENCE = 120
_redis_databases = itertools.cycle(range(1, 16))


@dataclass(frozen=True, slots=True)
class Key:
    access_key_id: str
    secret: str
    bucket: str


@dataclass(slots=True)
class Server:
    """The running pair; `key` belongs to the practice that most tests use."""

    url: str
    data: Path
    environment: dict[str, str]
    inside: Inside
    key: Key = field(default=Key("", "", ""))

    def client(self, key: Key | None = None, *, retries: int = 0, **options: Any) -> Any:
        """A plain boto3 client; only its endpoint is ours."""
        key = key or self.key
        return boto3.client(
            "transcribe",
            endpoint_url=f"{self.url}/aws",
            region_name=options.pop("region", "us-east-1"),
            aws_access_key_id=key.access_key_id,
            aws_secret_access_key=options.pop("secret", key.secret),
            config=Config(
                retries={"max_attempts": retries},
                read_timeout=60,
                max_pool_connections=64,
                parameter_validation=options.pop("validation", True),
            ),
            **options,
        )

    def run(self, code: str) -> Any:
        """Runs Python inside the installation; what it assigns to `answer` comes back as JSON."""
        return self.inside.run(code, PATIENCE)

    def manage(self, *arguments: str, patience: float = PATIENCE) -> str:
        command = [sys.executable, "manage.py", *arguments]
        ended = subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=patience,
        )
        assert ended.returncode == 0, ended.stderr[-3000:]
        return ended.stdout

    def make_key(self, bucket: str, **more: Any) -> Key:
        arguments = "".join(f", {name}={value!r}" for name, value in more.items())
        return Key(**self.run(f"answer = make({bucket!r}{arguments})"))

    def put(self, key: str, content: bytes | Path, bucket: str = "") -> str:
        """Puts an object into a bucket as a folder storage has it; its s3:// URI."""
        bucket = bucket or self.key.bucket
        path = self.data / "storage" / bucket / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.read_bytes() if isinstance(content, Path) else content)
        return f"s3://{bucket}/{key}"

    def stored(self, key: str, bucket: str = "") -> bytes:
        return (self.data / "storage" / (bucket or self.key.bucket) / key).read_bytes()


@contextmanager
def running(data: Path, *, workers: int = 1, **more: str) -> Iterator[Server]:
    """Web and workers on a fresh database; all ended and removed afterwards."""
    database = f"aws_{secrets.token_hex(4)}"
    port = free_port()
    parts = urlsplit(os.environ["DATABASE_URL"])
    # The tables of the first server with these migrations; all others are copied from it.
    template = f"migrated_{collected.sources('migrate', data)[1][:16]}"
    fresh = template not in _databases()
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        made_from = "template1" if fresh else template
        connection.execute(f'CREATE DATABASE "{database}" TEMPLATE {made_from}')
    environment = {k: os.environ[k] for k in ("PATH", "HOME", "LANG") if k in os.environ} | {
        "COUNTERSIGN_ENV": "demo",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "COUNTERSIGN_SAFETY": "0",
        "DEMO": "0",
        "COUNTERSIGN_DATA": str(data),
        "DATABASE_URL": urlunsplit(parts._replace(path=f"/{database}")),
        # Celery's queue has the same name everywhere: a Redis database apart keeps it ours.
        "REDIS_URL": os.environ["REDIS_URL"].rsplit("/", 1)[0] + f"/{next(_redis_databases)}",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "BASE_URL": f"http://127.0.0.1:{port}",
        **more,
    }
    server = Server(f"http://127.0.0.1:{port}", data, environment, Inside(environment))
    processes = []
    log = data / "log.txt"
    try:
        collected.lay(data)  # before Django makes that folder
        if fresh:
            server.manage("migrate", "--noinput", "-v0", patience=3 * PATIENCE)
            _hold_to_policies(environment["DATABASE_URL"])
            with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
                connection.execute(f'CREATE DATABASE {template} TEMPLATE "{database}"')
        server.run("from transcripts import vault; vault.create_master_key()")
        server.key = server.make_key("northgate")
        with log.open("wb") as output:
            for command in _commands(port, workers):
                service = Service("child", command, probe=lambda: None)
                processes.append(
                    subprocess.Popen(
                        launcher(service),
                        cwd=ROOT,
                        env=environment,
                        stdin=subprocess.DEVNULL,
                        stdout=output,
                        stderr=subprocess.STDOUT,
                    )
                )
            _wait(server, processes, log, "readyz" if workers else "healthz")
            yield server
    finally:
        server.inside.end()
        for process in processes:
            process.terminate()
        for process in processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{database}" WITH (FORCE)')


def _hold_to_policies(database: str) -> None:
    """Web and worker own the tables here; in production the policies by practice bind them."""
    with psycopg.connect(database) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_policies WHERE policyname = 'of_practice'"
        ).fetchall()
        for (table,) in tables:
            connection.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _databases() -> set[str]:
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}


def _commands(port: int, workers: int) -> list[tuple[str, ...]]:
    names = [f"aws-{number}" for number in range(workers)]
    return [web_command("127.0.0.1", port), *map(worker_command, names)]


def _wait(server: Server, processes: list[subprocess.Popen[bytes]], log: Path, page: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and all(process.poll() is None for process in processes):
        try:
            urllib.request.urlopen(f"{server.url}/{page}", timeout=2).close()
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise RuntimeError(f"the server did not start:\n{log.read_text()[-4000:]}")
