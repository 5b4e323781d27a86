"""Whether the bill of materials is true: `python deploy/materials.py FOLDER`.

Everything that is pinned for this machine, or locked for the browser, is in it with its version.
It needs the standard library alone, since images are built with it.
"""

import importlib.metadata
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PIN = re.compile(r"^([\w.-]+)(?:\[.*\])?==([^ ;\\]+)", re.M)


def listed(path: Path) -> dict[str, str]:
    """Versions by name in a CycloneDX file."""
    bill = json.loads(path.read_text())
    assert bill["bomFormat"] == "CycloneDX", path
    return {plain(one["name"]): one["version"] for one in bill["components"]}


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def missing(folder: Path) -> list[str]:
    """What runs and is not in the bill, or in another version."""
    python, browser = listed(folder / "python.cdx.json"), listed(folder / "browser.cdx.json")
    # A package may be pinned in several versions, for several versions of Python.
    pins = {plain(name) for name, _ in PIN.findall((ROOT / "requirements.txt").read_text())}
    here = {plain(one.name): one.version for one in importlib.metadata.distributions()}
    wanted = {name: here[name] for name in pins & here.keys()}
    lock = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    scripts = {
        plain(path.removeprefix("node_modules/").rpartition("/")[2]): one["version"]
        for path, one in lock.items()
        if path and not one.get("dev")
    }
    return [
        f"{name} {version}, listed {bill.get(name)}"
        for needed, bill in ((wanted, python), (scripts, browser))
        for name, version in needed.items()
        if bill.get(name) != version
    ]


if __name__ == "__main__":
    found = missing(Path(sys.argv[1]))
    print("\n".join(found) or "The bill of materials lists everything that is pinned.")
    sys.exit(bool(found))
