"""Runs the whole suite in three lines side by side, which two cores carry well.

    python -m tests.all

Each group has its own process, since a browser's loop and pytest-asyncio's can't share one. What
fails beside others is run once more alone: tests that talk to real servers in real time can lose to
a busy machine. A test that fails alone, too, fails the suite; one that passed the second time is
named at the end.
"""

import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOGS = ROOT / "var" / "check"
# Lines of their own, and what `make test-deploy` and `make test-cluster` run.
ELSEWHERE = ("browser", "conformance", "review", "security", "deploy", "cluster")
# Browsers and clients wait more than they work; the other two keep a core busy each.
LINES = [
    {"browser": ["tests/browser"], "conformance": ["tests/conformance"]},
    {"review": ["tests/review"], "security": ["tests/security"]},
    {"rest": [f"--ignore=tests/{name}" for name in ELSEWHERE]},
]
FAILED, NOTHING_TO_RUN = 1, 5


def pytest(name: str, *arguments: str, log: Path | None = None) -> int:
    """Runs pytest with a memory of failures of its own; its exit code."""
    command = [sys.executable, "-m", "pytest", "--durations=15", "-o"]
    command += [f"cache_dir={LOGS}/cache-{name}", *arguments]
    if log is None:
        return subprocess.run(command, cwd=ROOT).returncode
    with log.open("w") as output:
        return subprocess.run(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT).returncode


def main() -> int:
    LOGS.mkdir(parents=True, exist_ok=True)
    codes: dict[str, int] = {}

    def aside(groups: dict[str, list[str]]) -> None:
        for name, arguments in groups.items():
            codes[name] = pytest(name, "--cache-clear", *arguments, log=LOGS / f"{name}.log")

    *others, last = LINES
    threads = [threading.Thread(target=aside, args=(groups,)) for groups in others]
    for thread in threads:
        thread.start()
    for name, arguments in last.items():
        codes[name] = pytest(name, "--cache-clear", *arguments)
    for thread, groups in zip(threads, others, strict=True):
        thread.join()
        for name in groups:
            print((LOGS / f"{name}.log").read_text(), flush=True)
    return max(again(name, code) for name, code in codes.items())


def again(name: str, code: int) -> int:
    """Runs alone what failed beside others; the exit code that counts."""
    if code != FAILED:
        return code
    print(f"\nWhat failed of {name}, once more and alone:", flush=True)
    arguments = next(groups[name] for groups in LINES if name in groups)
    code = pytest(name, "--last-failed", "--last-failed-no-failures=none", *arguments)
    return 0 if code == NOTHING_TO_RUN else code


if __name__ == "__main__":
    sys.exit(main())
