"""One data folder, one Countersign: the lock that a supervisor and its children hold together."""

import contextlib
import fcntl
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path


class Occupied(RuntimeError):
    """Another Countersign works in this folder; the message says where."""


@contextlib.contextmanager
def hold(data: Path, address: str) -> Iterator[int]:
    """Holds the folder's lock and yields its file number, which every child must inherit.

    The kernel frees the lock when the last holder ends, so a free lock means that nothing of an
    earlier start still runs. Children left by a killed supervisor get `PATIENCE` seconds, then they
    are killed.
    """
    path = data / "lock"
    number = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _take(number, path)
        os.ftruncate(number, 0)
        os.pwrite(number, f"{os.getpid()} {address}\n".encode(), 0)
        yield number
    finally:
        os.close(number)


PATIENCE = 10.0


def _take(number: int, path: Path) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            process, _, address = os.pread(number, 200, 0).decode().strip().partition(" ")
        if process.isdigit() and _holds(int(process), path):
            raise Occupied(
                f"Countersign already runs in {path.parent}, at {address} (process {process}). "
                "For a second one, give it a folder and a port of its own: "
                "make run PORT=8001 COUNTERSIGN_DATA=var2"
            )
        if time.monotonic() > until:
            left = [other for other in _processes() if _holds(other, path)]
            if not left or time.monotonic() > until + PATIENCE:
                raise Occupied(
                    f"Something left by an earlier start still holds {path}; end it first."
                )
            for other in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(other, signal.SIGKILL)
        time.sleep(0.1)


def _processes() -> list[int]:
    try:
        return [
            int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()
        ]
    except FileNotFoundError:  # no Linux
        return []


def _holds(process: int, path: Path) -> bool:
    """Whether the process has the lock file open; without /proc, whether the process lives."""
    if not Path("/proc/self/fd").is_dir():
        with contextlib.suppress(OSError):
            os.kill(process, 0)
            return True
        return False
    with contextlib.suppress(OSError):
        folder = f"/proc/{process}/fd"
        return any(os.readlink(f"{folder}/{name}") == str(path) for name in os.listdir(folder))
    return False
