"""Python inside a served installation, in one process for all calls: each start takes seconds.

    python -m tests.conformance.inside

Reads a program as a line of JSON, runs it, and writes what it assigned to `answer` as one; what the
program prints goes to the error stream.
"""

import json
import subprocess
import sys
import threading
import traceback
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
# What programs find defined.
SETUP = """
from transcripts.actions import keys
from transcripts.models import AccessKey, Practice
answer = None
def make(bucket, **more):
    practice, _ = Practice.objects.get_or_create(bucket=bucket, defaults={"name": bucket})
    key, secret = keys.create(practice=practice, by=None, label=more.pop("label", "tests"), **more)
    return {"access_key_id": key.access_key_id, "secret": secret, "bucket": bucket}
"""


class Inside:
    """Starts with the first call; one call at a time."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.process: subprocess.Popen[str] | None = None
        self.turn = threading.Lock()

    def run(self, program: str, patience: float) -> Any:
        """What it assigned to `answer`; fails with its traceback, or after `patience` seconds."""
        with self.turn:
            process = self.process = self.process or self._start()
            late = threading.Timer(patience, process.kill)
            late.start()
            process.stdin.write(json.dumps(program) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
            late.cancel()
            self.process = process if line else None
        assert line, f"it ended, or took longer than {patience} s:\n{program}"
        answer = json.loads(line)
        assert "failed" not in answer, answer["failed"]
        return answer["answer"]

    def end(self) -> None:
        if self.process:
            self.process.kill()
            self.process.communicate()

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )


def answered(program: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    try:
        with redirect_stdout(sys.stderr):
            exec(SETUP + program, found)
        return {"answer": found["answer"]}
    except Exception:
        return {"failed": traceback.format_exc()}


if __name__ == "__main__":
    import django
    from django.db import close_old_connections

    django.setup()
    for line in sys.stdin:
        print(json.dumps(answered(json.loads(line))), flush=True)
        close_old_connections()
