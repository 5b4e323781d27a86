"""Runs the suite on servers that are not ours: Debian's PostgreSQL and Redis, and S3 over HTTP.

    python -m tests.external [arguments of pytest]

The servers start on free ports with a folder of their own and end with this process. Without
arguments the groups of `tests.all` run one after another, since they share the servers. Tests whose
subject is the built-in servers or the folder storage say so themselves and bring those.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import boto3
import psycopg
from botocore.config import Config

from config.demo.services import Service, ServiceFailed, free_port, wait_until_ready
from tests.all import LINES, NOTHING_TO_RUN

ROOT = Path(__file__).parents[1]
LOOPBACK = "127.0.0.1"
USER = "postgres"  # Debian's package makes it; PostgreSQL refuses to run as root


def main(arguments: list[str]) -> int:
    groups = [arguments] if arguments else [each for line in LINES for each in line.values()]
    with (
        tempfile.TemporaryDirectory(prefix="countersign-external-") as folder,
        ExitStack() as stack,
    ):
        place = Path(folder)
        place.chmod(0o755)
        environment = os.environ | {
            "COUNTERSIGN_TEST_SERVICES": "1",
            "COUNTERSIGN_ENV": "test",
            "COUNTERSIGN_SAFETY": "0",
            "COUNTERSIGN_DATA": str(place / "data"),
            "DATABASE_URL": stack.enter_context(postgres(place)),
            "REDIS_URL": stack.enter_context(redis()),
            "COUNTERSIGN_STORAGE": "s3://store",
            "COUNTERSIGN_S3_ENDPOINT": stack.enter_context(s3()),
            "AWS_ACCESS_KEY_ID": "s3",
            "AWS_SECRET_ACCESS_KEY": "s3",
            "SECRET_KEY": secrets.token_urlsafe(48),
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        (place / "data").mkdir()
        pytest = [sys.executable, "-m", "pytest"]
        codes = [
            subprocess.run([*pytest, *g], cwd=ROOT, env=environment).returncode for g in groups
        ]
    return max(0 if code == NOTHING_TO_RUN else code for code in codes)


@contextmanager
def postgres(place: Path, address: str = LOOPBACK) -> Iterator[str]:
    """Debian's newest PostgreSQL on a port of this machine's address; where it is reached."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not found:
        raise ServiceFailed("PostgreSQL is missing: sudo apt-get install postgresql")
    binaries, cluster, port = found[-1].parent, place / "postgres", free_port()
    password = secrets.token_hex(16)
    (file := place / "password").write_text(password)
    cluster.mkdir()
    if os.geteuid() == 0:
        for path in (file, cluster):
            shutil.chown(path, USER)
    _as_user([f"{binaries}/initdb", "-U", USER, "-A", "scram-sha-256", "-E", "UTF8",
              "--locale=C.UTF-8", f"--pwfile={file}", "-D", str(cluster)])  # fmt: skip
    with (cluster / "pg_hba.conf").open("a") as rules:
        rules.write("host all all samenet scram-sha-256\n")
    url = f"postgres://countersign:{password}@{address}:{port}/countersign"
    server = [f"{binaries}/postgres", "-D", str(cluster), "-p", str(port), "-k", str(cluster),
              "-c", f"listen_addresses={address}",
              "-c", "fsync=off", "-c", "synchronous_commit=off"]  # fmt: skip
    admin = f"postgres://{USER}:{password}@{address}:{port}/postgres"
    with running(
        Service("postgres", tuple(server), partial(_connect, admin), stop=signal.SIGINT),
        **_identity(),
    ):
        with psycopg.connect(admin, autocommit=True) as connection:
            # As on a real site no superuser, whom policies would not bind.
            connection.execute(f"CREATE ROLE countersign LOGIN CREATEDB PASSWORD '{password}'")
            connection.execute("CREATE DATABASE countersign OWNER countersign")
        yield url


@contextmanager
def redis(address: str = LOOPBACK) -> Iterator[str]:
    """Debian's Redis, keeping nothing; where it is reached."""
    port = free_port()
    server = ("redis-server", "--port", str(port), "--bind", address, "--save", "",
              "--protected-mode", "no", "--loglevel", "warning")  # fmt: skip
    if not shutil.which(server[0]):
        raise ServiceFailed("Redis is missing: sudo apt-get install redis-server")
    with running(Service("redis", server, partial(_answers, address, port))):
        yield f"redis://{address}:{port}/0"


@contextmanager
def s3(address: str = LOOPBACK) -> Iterator[str]:
    """moto's S3 as a server of its own, with the bucket `store`; where it is reached."""
    port = free_port()
    server = (sys.executable, "-m", "moto.server", "-H", address, "-p", str(port))
    with running(Service("s3", server, partial(_answers, address, port))):
        url = f"http://{address}:{port}"
        patient = Config(connect_timeout=5, read_timeout=20, retries={"total_max_attempts": 3})
        client = boto3.client("s3", endpoint_url=url, region_name="us-east-1", config=patient,
                              aws_access_key_id="s3", aws_secret_access_key="s3")  # fmt: skip
        client.create_bucket(Bucket="store")
        yield url


@contextmanager
def running(service: Service, **identity: int) -> Iterator[None]:
    process = subprocess.Popen(service.command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, cwd="/", **identity)  # fmt: skip
    try:
        wait_until_ready(service, lambda: process.poll() is None)
        yield
    finally:
        process.send_signal(service.stop)
        process.wait(20)


def _identity() -> dict[str, int]:
    if os.geteuid():
        return {}
    entry = pwd.getpwnam(USER)
    return {"user": entry.pw_uid, "group": entry.pw_gid}


def _as_user(command: list[str]) -> None:
    subprocess.run(
        command, check=True, cwd="/", stdout=subprocess.DEVNULL, timeout=60, **_identity()
    )


def _connect(url: str) -> None:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError as error:
        raise OSError(str(error)) from error


def _answers(address: str, port: int) -> None:
    socket.create_connection((address, port), timeout=2).close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
