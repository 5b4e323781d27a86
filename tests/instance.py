"""A whole Countersign of a test's own: `manage.py demo` in a temporary folder, on a free port."""

import json
import os
import signal
import socket
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
        data, port = Path(folder), _free_port()
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "CI")}
        collected.lay(data)
        log = data / "log.txt"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "demo"],
                cwd=ROOT,
                env=kept
                | {"PORT": str(port), "COUNTERSIGN_DATA": folder, "COUNTERSIGN_SAFETY": "0"}
                | environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            base_url = f"http://127.0.0.1:{port}"
            _wait(process, base_url, log)
            logins: dict[str, Any] = json.loads((data / "demo.json").read_text())
            yield Instance(base_url, data, logins["users"], logins["aws"])
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait(process: subprocess.Popen[bytes], base_url: str, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            urllib.request.urlopen(f"{base_url}/readyz", timeout=2).close()
            return  # 503 is a URLError
        time.sleep(0.2)
    raise RuntimeError(f"the instance did not start:\n{log.read_text()[-4000:]}")
