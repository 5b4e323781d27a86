"""Many files through the sandbox at once: `python -m tests.security.probes FOLDER`.

The sandbox loads its libraries once here and forks for each file, under its own limits; else a
thousand files would be a thousand starts of Python. A file that is accepted is cut and copied for
the browser as well, as its job would do. Prints one line of JSON a file.
"""

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import transcripts.engines.crosstalk
import transcripts.engines.decode
import transcripts.engines.encode
import transcripts.engines.split  # noqa: F401  all libraries load before the first fork
from transcripts.engines import audio, sandbox
from transcripts.engines.rejections import Refusal

AT_ONCE = 2
CPU_SECONDS = 20
ACCEPTED = "accepted"


def main(folder: Path) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for found in pool.map(tried, sorted(folder.iterdir())):
            print(json.dumps(found), flush=True)


def tried(path: Path) -> dict[str, object]:
    """What became of one file: outcome, seconds of sound, seconds it took, bytes of memory."""
    begun = time.monotonic()
    longest = str(float(audio.MAX_SECONDS))
    with TemporaryDirectory() as folder:
        said, memory = _in_a_child(lambda: _everything(str(path), longest, folder))
    outcome, _, sound = said.partition(" of ")
    return {
        "name": path.name,
        "outcome": outcome,
        "sound": float(sound or 0),
        "took": round(time.monotonic() - begun, 3),
        "memory": memory,
    }


def _everything(path: str, longest: str, folder: str) -> str:
    found = sandbox.probe(path, longest)
    sandbox.cut(path, longest, folder, "0")
    if not found["playable"]:
        sandbox.playback_copy(path, longest, f"{folder}/copy")
    return f"{ACCEPTED} of {found['duration']}"


def _in_a_child(act: Callable[[], str]) -> tuple[str, int]:
    read, write = os.pipe()
    child = os.fork()
    if not child:
        sandbox.limit(CPU_SECONDS)
        try:
            said = act()
        except Refusal as refusal:
            said = refusal.code
        except BaseException as error:
            said = f"error {type(error).__name__}: {error}"[:300]
        with contextlib.suppress(BaseException):
            os.write(write, said.encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        said = pipe.read().decode()
    _, status, usage = os.wait4(child, 0)
    return said or f"ended {status}", usage.ru_maxrss * 1024


if __name__ == "__main__":
    main(Path(sys.argv[1]))
