"""Static files of served test instances: collected once on a machine, not once for each."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from config.demo import steps
from config.demo.place import REPOSITORY, Place

KEPT = REPOSITORY / "var" / "check"
DAY = 24 * 3600  # seconds
# To collect them needs settings, but no server.
NOWHERE = {
    "COUNTERSIGN_ENV": "demo",
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1",
    "SECRET_KEY": "only-to-collect-2c7f1b9e4d6a8035",
    "BASE_URL": "http://127.0.0.1",
}


def lay(data: Path) -> None:
    """Puts them into a data folder, with the stamp by which a demo knows that this is done."""
    stamp, state = sources("static", data)
    (data / "static").symlink_to(_collected(state))
    stamp.parent.mkdir(mode=0o700, exist_ok=True)
    stamp.write_text(state, encoding="ascii")


def sources(step: str, data: Path) -> tuple[Path, str]:
    """Where a demo in this new folder notes that it took the step, and of which sources."""
    place = Place(data, "127.0.0.1", 1, demo=False, workers=1, web=1)
    listed = steps.due(place, own_database=True)
    return next((stamp, state) for each, stamp, state in listed if each.name == step)


def _collected(state: str) -> Path:
    """The folder of these sources. Test runs side by side wait for who collects."""
    KEPT.mkdir(parents=True, exist_ok=True)
    folder = KEPT / f"static-{state[:16]}"
    with (KEPT / "static.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            with tempfile.TemporaryDirectory(dir=KEPT) as data:
                subprocess.run(
                    [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"],
                    cwd=REPOSITORY,
                    env=os.environ | NOWHERE | {"COUNTERSIGN_DATA": data},
                    check=True,
                    timeout=280,
                )
                for older in KEPT.glob("static-*"):
                    # A server of another run may still give out younger ones.
                    if older.stat().st_mtime < time.time() - DAY:
                        shutil.rmtree(older)
                Path(data, "static").rename(folder)
    return folder
