"""`manage.py demo`, really started, hurt, killed, started again, stopped. Nothing may be left."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.demo.place import REPOSITORY
from config.demo.services import free_port
from tests.config import processes

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc"),
    pytest.mark.timeout(300),
]
PATIENCE = 120.0  # seconds; the machine may be busy with other things


class Demo:
    """One supervisor in a data folder; `lines` is all that it said."""

    def __init__(self, data: Path, port: int) -> None:
        self.data, self.port, self.lines = data, port, []
        kept = ("PATH", "HOME", "LANG", "TMPDIR")
        environment = {name: os.environ[name] for name in kept if name in os.environ} | {
            "COUNTERSIGN_DATA": str(data),
            "PORT": str(port),
            "DEMO": "0",
            "COUNTERSIGN_WORKERS": "1",
            "COUNTERSIGN_PRACTICE": "Test practice",
            "COUNTERSIGN_ADMIN_USERNAME": "head",
            "COUNTERSIGN_ADMIN_PASSWORD": secrets.token_urlsafe(16),
        }
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "demo"],
            cwd=REPOSITORY,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(iter(self.process.stdout.readline, ""))

    def said(self, words: str, times: int = 1) -> bool:
        return sum(words in line for line in self.lines) >= times

    def wait_until_ready(self) -> None:
        until = time.monotonic() + PATIENCE
        while not self.said("is ready"):
            assert self.process.poll() is None and time.monotonic() < until, "".join(self.lines)
            time.sleep(0.05)

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as page:
                return page.status == 200
        except OSError:
            return False

    def one(self, words: str) -> int:
        """The process whose command line has these words and that is a child of the supervisor."""
        found = processes.children(self.process.pid)
        return next(number for number, command in found.items() if words in command)

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self.reader.join(5)
        return code


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Demo, Demo]]:
    """Two demos beside each other, each with a port and a folder of its own."""
    first = Demo(tmp_path / "one", free_port())
    try:
        first.wait_until_ready()
        assert first.said("migrate:")
        assert first.end(signal.SIGTERM) == 0
    finally:
        first.process.kill()
    # A copy of the stopped one spares the second its long first start.
    shutil.copytree(first.data, tmp_path / "two", ignore=shutil.ignore_patterns("run"))
    demos = tuple(Demo(tmp_path / name, free_port()) for name in ("one", "two"))
    yield demos
    for demo in demos:
        demo.process.kill()
        demo.process.wait()
    left = [number for demo in demos for number in processes.of(demo.data)]
    assert processes.gone(left, seconds=10) == []


def test_the_life_of_a_demo(two: tuple[Demo, Demo]) -> None:
    one, other = two
    for demo in two:
        demo.wait_until_ready()
        assert demo.answers()
    _second_start_in_the_same_folder_is_refused(one)
    _a_busy_port_is_named(one)
    _what_dies_is_replaced(one)

    assert other.end(signal.SIGTERM) == 0
    assert processes.of(other.data) == {}
    assert one.answers(), "stopping one demo leaves the other alone"

    left = list(processes.of(one.data))
    assert len(left) > 8
    one.end(signal.SIGKILL)
    again = Demo(one.data, one.port)
    try:
        again.wait_until_ready()
        assert processes.gone(left, seconds=0) == []
        assert again.answers()
        assert not again.said("migrate:"), "what is done is not done again"
        assert again.end(signal.SIGINT) == 0
        assert processes.of(one.data) == {}
    finally:
        again.process.kill()


def _second_start_in_the_same_folder_is_refused(demo: Demo) -> None:
    second = Demo(demo.data, free_port())
    assert second.process.wait(PATIENCE) == 1
    second.reader.join(5)
    assert second.said(f"already runs in {demo.data}, at http://127.0.0.1:{demo.port}")
    assert demo.answers()


def _a_busy_port_is_named(demo: Demo) -> None:
    second = Demo(demo.data.with_name("three"), demo.port)
    assert second.process.wait(PATIENCE) == 1
    second.reader.join(5)
    assert second.said(f"Port {demo.port} on 127.0.0.1 cannot be used")
    assert second.said(f"make run PORT={demo.port + 1}")


def _what_dies_is_replaced(demo: Demo) -> None:
    for words in ("celery", "granian", "redis-server", "bin/postgres"):
        victim = demo.one(words)
        os.kill(victim, signal.SIGKILL)
        assert processes.gone([victim], seconds=5) == []
        until = time.monotonic() + 5
        while not any(words in it for it in processes.children(demo.process.pid).values()):
            assert time.monotonic() < until, f"no new {words}: {''.join(demo.lines[-20:])}"
            time.sleep(0.05)
    until = time.monotonic() + PATIENCE
    while not demo.answers():
        assert time.monotonic() < until, "".join(demo.lines)
        time.sleep(0.2)


def test_a_stop_in_the_middle_of_a_start_leaves_nothing(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "data", free_port())
    until = time.monotonic() + PATIENCE
    while not demo.said("migrate:"):
        assert time.monotonic() < until, "".join(demo.lines)
        time.sleep(0.02)
    assert demo.end(signal.SIGTERM) == 0
    assert processes.of(demo.data) == {}
