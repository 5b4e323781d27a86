"""The embedded PostgreSQL and Redis, really started and stopped."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import redis

from config.demo import services
from config.demo.services import Service, ServiceFailed
from tests.config.processes import gone

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")


@contextmanager
def running(service: Service) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(services.launcher(service))
    try:
        services.wait_until_ready(service, lambda: process.poll() is None)
        yield process
    finally:
        process.send_signal(service.stop)
        assert process.wait(15) in {0, -service.stop}


def test_postgres_keeps_its_data_and_refuses_strangers(tmp_path: Path) -> None:
    service = services.postgres(tmp_path, durable=False)
    with running(service), psycopg.connect(service.url) as connection:
        rights = connection.execute(
            "SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        assert rights == (False, True)
        connection.execute("CREATE TABLE kept (word text)")
    service = services.postgres(tmp_path, durable=False)
    with running(service):
        with psycopg.connect(service.url) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
        password = (tmp_path / "secrets" / "postgres").read_text()
        wrong = service.url.replace(password, "wrong")
        for stranger in (wrong, service.url.replace("//countersign", "//postgres")):
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(stranger, connect_timeout=2)


def test_postgres_starts_beside_the_remains_of_a_crash(tmp_path: Path) -> None:
    with running(services.postgres(tmp_path, durable=False)):
        remains = (tmp_path / "postgres" / "postmaster.pid").read_text()
    # The number in the file belongs to somebody else by now: to this very test.
    lines = [str(os.getpid()), *remains.splitlines()[1:]]
    (tmp_path / "postgres" / "postmaster.pid").write_text("\n".join(lines))
    with running(services.postgres(tmp_path, durable=False)):
        pass


@AS_ROOT
@pytest.mark.parametrize("way", services.WAYS)
def test_root_runs_postgres_where_nobody_else_gets_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(services, "WAYS", (way,))
    closed = tmp_path / ("long" * 30)
    closed.mkdir(mode=0o700)
    tmp_path.chmod(0o700)
    try:
        service = services.postgres(closed, durable=False)
    except ServiceFailed as failure:
        pytest.skip(f"this machine forbids it: {failure}")
    with running(service), psycopg.connect(service.url) as connection:
        connection.execute("SELECT 1")
    services.tidy(closed)


def test_redis_wants_its_password_and_writes_nothing_down(tmp_path: Path) -> None:
    service = services.redis(tmp_path)
    with running(service) as process:
        client = redis.Redis.from_url(service.url)
        client.set("key", "value")
        assert client.config_get("save") == {"save": ""}
        password = (tmp_path / "secrets" / "redis").read_text()
        with pytest.raises(redis.AuthenticationError):
            redis.Redis.from_url(service.url.replace(password, "wrong")).ping()
        assert password not in Path(f"/proc/{process.pid}/cmdline").read_text()
        client.close()
    assert {path.name for path in tmp_path.iterdir()} == {"secrets", "redis.log"}


def test_secrets_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "one"
    assert services.secret(path) == services.secret(path)
    assert len(services.secret(path)) > 40
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_servers_die_with_the_process_that_started_them(tmp_path: Path) -> None:
    script = (
        "import subprocess, sys, time; from pathlib import Path; from config.demo import services\n"
        "service = services.postgres(Path(sys.argv[1]), durable=False)\n"
        "process = subprocess.Popen(services.launcher(service), start_new_session=True)\n"
        "services.wait_until_ready(service, lambda: process.poll() is None)\n"
        "print(process.pid, flush=True); time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    server = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert gone([server], seconds=10) == []
    assert not (tmp_path / "postgres" / "postmaster.pid").exists(), "a clean, fast shutdown"
