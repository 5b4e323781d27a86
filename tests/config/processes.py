"""Looks for processes of one data folder, so that tests can say that none is left. Linux only."""

import contextlib
import time
from pathlib import Path


def of(data: Path) -> dict[int, str]:
    """Process number to command line, of all living processes that were told to work in `data`."""
    found = {}
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if folder.name.isdigit() and _lives(int(folder.name)):
                told = (folder / "environ").read_bytes().split(b"\0")
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                # PostgreSQL's own children overwrite both, but they work in its folder.
                where = f"{(folder / 'cwd').readlink()}/"
                named = f"{data}/" in command or where.startswith(f"{data}/")
                if named or f"COUNTERSIGN_DATA={data}".encode() in told:
                    found[int(folder.name)] = command
    return found


def gone(numbers: list[int], *, seconds: float) -> list[int]:
    """Waits for processes to end; those that still live after `seconds`."""
    until = time.monotonic() + seconds
    while (left := [number for number in numbers if _lives(number)]) and time.monotonic() < until:
        time.sleep(0.05)
    return left


def _lives(number: int) -> bool:
    try:
        state = Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def children(parent: int) -> dict[int, str]:
    """Process number to command line, of a process's living children."""
    listed = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    found = {}
    for number in map(int, listed):
        with contextlib.suppress(OSError):
            if _lives(number):
                command = Path(f"/proc/{number}/cmdline").read_bytes()
                found[number] = command.replace(b"\0", b" ").decode()
    return found
