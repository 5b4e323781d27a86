"""A whole Countersign of a test's own: `manage.py demo` in a temporary folder, on a free port."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.demo.services import free_port
from tests import collected

ROOT = Path(__file__).parent.parent
START_SECONDS = 240


@dataclass(frozen=True, slots=True)
class Instance:
    base_url: str
    data: Path
    users: dict[str, dict[str, str]]
    aws: dict[str, str]


@contextmanager
def running(**environment: str) -> Iterator[Instance]:
    """The demo, ready; stopped and removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="countersign-instance-") as folder:
        data, port = Path(folder), free_port()
        collected.lay(data)
        with serving(data, port, **{"COUNTERSIGN_SAFETY": "0"} | environment):
            logins: dict[str, Any] = json.loads((data / "demo.json").read_text())
            url = f"http://127.0.0.1:{port}"
            yield Instance(url, data, logins["users"], logins["aws"])


@contextmanager
def serving(data: Path, port: int, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """`manage.py demo` on this folder, ready; stopped afterwards. Its log is `data`/log.txt."""
    data.mkdir(exist_ok=True)
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "CI")}
    log = data / "log.txt"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "demo"],
            cwd=ROOT,
            env=kept | {"PORT": str(port), "COUNTERSIGN_DATA": str(data)} | environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(process, f"http://127.0.0.1:{port}", log)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _wait(process: subprocess.Popen[bytes], base_url: str, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            urllib.request.urlopen(f"{base_url}/readyz", timeout=2).close()
            return  # 503 is a URLError
        time.sleep(0.05)
    raise RuntimeError(f"the instance did not start:\n{log.read_text()[-4000:]}")
