"""Files of an exported log with signed checkpoints, and the stand-alone program run upon them."""

import subprocess
import sys
from pathlib import Path

import rfc8785

from review.audit import verify
from review.audit.chain import GENESIS, Row
from review.audit.export import FORMS, Pin
from review.audit.merkle import Tree
from review.release import canonical

PRIVATE, PUBLIC, KEY_ID = canonical.new_key()
SUFFIXES = {"csv": "csv", "jsonl": "jsonl", "fhir": "ndjson"}


def pin(rows: list[Row], size: int, private: str = PRIVATE) -> Pin:
    """A checkpoint of the first `size` rows."""
    tree = Tree()
    for row in rows[:size]:
        tree.add(row.canonical)
    said = {
        "format": "countersign-checkpoint/1",
        "practice": rows[0].practice,
        "size": size,
        "head": rows[size - 1].hash,
        "root": tree.root,
        "time": rows[size - 1].time,
        "key_id": KEY_ID,
        "prev": GENESIS,
    }
    statement = rfc8785.dumps(said).decode()
    return Pin(statement, canonical.sign(statement.encode(), private), KEY_ID)


def write(folder: Path, form: str, rows: list[Row], pins: list[Pin]) -> Path:
    """An export as the application writes it, and the public key beside it as key.pem."""
    make_rows, make_pin = FORMS[form]
    path = folder / f"log.{SUFFIXES[form]}"
    text = "".join(make_rows(rows)) + "".join(map(make_pin, pins))
    path.write_text(text, encoding="utf-8", newline="")
    (folder / "key.pem").write_text(PUBLIC)
    return path


def run(path: Path, *more: str) -> tuple[int, str]:
    """Status and words of verify.py, alone in its own process, with the key."""
    command = [sys.executable, "-I", verify.__file__, str(path), "--pubkey", "key.pem", *more]
    done = subprocess.run(command, capture_output=True, text=True, cwd=path.parent)
    return done.returncode, (done.stdout + done.stderr).strip()


def check(path: Path, capsys, *more: str) -> tuple[int, str]:
    """The same within this process, for the many times."""
    key = str(path.parent / "key.pem")
    status = verify.main([str(path), "--pubkey", key, *more])
    return status, capsys.readouterr().out.strip()
