"""Django for one run of pytest, on a PostgreSQL and a Redis of its own in a temporary folder."""

import atexit
import os
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path

from config.demo import services


def start_django() -> None:
    """Starts both servers, points the environment at them, loads Django; pytest's end stops both.

    A child of a run (an xdist worker, a spawned server) finds them running and starts none.
    """
    if not os.environ.get("COUNTERSIGN_TEST_SERVICES"):
        _start_servers()
    import django  # its settings need the servers' addresses

    django.setup()


def _start_servers() -> None:
    data = Path(tempfile.mkdtemp(prefix="countersign-tests-"))
    atexit.register(shutil.rmtree, data, ignore_errors=True)
    atexit.register(services.tidy, data)
    # Runs last to first: the servers stop before their folder goes.
    database = _run(services.postgres(data, durable=False))
    redis = _run(services.redis(data))
    os.environ |= {
        "COUNTERSIGN_TEST_SERVICES": "1",
        "COUNTERSIGN_ENV": "test",
        # Critical words have tests of their own; the others' texts are marked by confidence only.
        "COUNTERSIGN_SAFETY": "0",
        "COUNTERSIGN_DATA": str(data),
        "DATABASE_URL": database,
        "REDIS_URL": redis,
        "SECRET_KEY": secrets.token_urlsafe(48),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }


def _run(service: services.Service) -> str:
    process = subprocess.Popen(
        services.launcher(service),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
    )
    atexit.register(_end, process, service)
    services.wait_until_ready(service, lambda: process.poll() is None)
    return service.url


def _end(process: subprocess.Popen[bytes], service: services.Service) -> None:
    process.send_signal(service.stop)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
