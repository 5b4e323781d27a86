"""Runs the benches one after another and writes what they found as one table.

    python -m tests.bench.all [names of benches]

var/bench/results.md and results.json. Each bench is a process of its own with a database of its
own, in servers that all share, with arguments that keep the whole under ten minutes on two cores;
run alone, without arguments, a bench takes longer and is steadier. Measure on a machine that does
nothing else.
"""

import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from tests import services
from tests.bench.figures import Figure, recorded, table

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "var" / "bench"
# Name and arguments; in the order of the table.
PLAN: dict[str, tuple[str, ...]] = {
    "batch": ("3",),
    "streams": ("15", "1", "2", "4"),
    "dictations": ("1", "10"),
    "pages": (),
    "edit": ("10000", "60"),
    "editor": ("20",),
    "fanout": ("200", "30"),
    "aws_api": ("200", "5"),
    "audit": ("100000", "4"),
    "worklist": ("20000", "20"),
    "processes": (),
}
LONGEST = 120  # seconds for one bench


def main(names: list[str]) -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    kept, failed, begun = FOLDER / "figures.jsonl", [], time.monotonic()
    kept.unlink(missing_ok=True)
    services.start_django()
    from tests.bench import ground  # its Django needs the servers' addresses

    ground.tables()
    seconds, paces = {"servers": time.monotonic() - begun}, []
    for name in names or PLAN:
        print(f"\n## {name}", flush=True)
        started = time.monotonic()
        paces.append(pace())
        if not run(name, ground.prepared() | {"BENCH_FIGURES": str(kept)}):
            failed.append(name)
        seconds[name] = time.monotonic() - started
        print(f"({seconds[name]:.0f} s)", flush=True)
        # So far: a run that is cut off leaves its table.
        shown = write(recorded(kept), seconds, paces)
    print(f"\n{shown}")
    if failed:
        print(f"Failed: {', '.join(failed)}")
    return bool(failed)


def pace() -> float:
    """Milliseconds of a fixed piece of Python: a shared machine is not as fast at each hour."""
    begun = time.perf_counter()
    for _ in range(5_000_000):
        pass
    return 1000 * (time.perf_counter() - begun)


def write(figures: list[Figure], seconds: dict[str, float], paces: list[float]) -> str:
    """Both files anew; the table."""
    when, minutes = f"{datetime.now():%Y-%m-%d %H:%M}", sum(seconds.values()) / 60
    each = ", ".join(f"{name} {took:.0f}" for name, took in seconds.items())
    shown = f"Measured {when} in {minutes:.1f} minutes on {machine()}.\n\n{table(figures)}"
    shown += f"\nSeconds of each: {each}.\n"
    shown += f"Pace of the machine: {min(paces):.0f} to {max(paces):.0f} ms.\n"
    (FOLDER / "results.md").write_text(shown)
    rows = [asdict(figure) | {"ratio": figure.ratio} for figure in figures]
    whole = {"machine": machine(), "measured": when, "minutes": minutes, "seconds": seconds}
    whole["paces"] = paces
    (FOLDER / "results.json").write_text(json.dumps(whole | {"figures": rows}, indent=1))
    return shown


def run(name: str, environment: dict[str, str]) -> bool:
    """Whether it ended well, and in time."""
    command = [sys.executable, "-m", f"tests.bench.{name}", *PLAN[name]]
    try:
        ended = subprocess.run(command, cwd=ROOT, env=os.environ | environment, timeout=LONGEST)
    except subprocess.TimeoutExpired:
        print(f"{name} took longer than {LONGEST} s")
        return False
    return ended.returncode == 0


def machine() -> str:
    model = ""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    kind = model or platform.machine()
    return f"{os.cpu_count()} cores ({kind}), Python {platform.python_version()}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
