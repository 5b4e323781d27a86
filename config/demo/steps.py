"""What must be done once before the web starts, and again only when its inputs changed."""

import hashlib
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from config.demo.place import REPOSITORY, Place
from config.demo.services import Service

PINS = (
    REPOSITORY / "requirements.txt",
    REPOSITORY / "package-lock.json",
    REPOSITORY / "config" / "settings.py",
)


def manage(name: str, *arguments: str) -> Service:
    """One call of manage.py as something to be run; `name` stands before its lines."""
    return Service(name, (sys.executable, "manage.py", *arguments), probe=lambda: None)


def due(place: Place, *, own_database: bool) -> list[tuple[Service, Path, str]]:
    """The steps that are needed now, each with its stamp and what to write there afterwards.

    On somebody else's database the tables are always looked at: it may be another one than last
    time.
    """
    migrations = [
        path
        for app in ("config", "transcripts", "review")
        for path in _files(REPOSITORY / app / "migrations")
    ]
    served = [
        REPOSITORY / "config" / "static.py",
        *_files(REPOSITORY / "static"),
        *_files(REPOSITORY / "node_modules" / "@esbuild"),
    ]
    steps = [
        (manage("migrate", "migrate", "--noinput", "-v0"), _state([*PINS, *migrations])),
        (manage("static", "collectstatic", "--noinput", "-v0"), _state([*PINS, *served])),
    ]
    if place.demo:
        steps.append((manage("seed", "demo_seed"), "1"))
    stamps = place.data / "stamps"
    listed = [(step, stamps / step.name, state) for step, state in steps]
    always = set() if own_database else {"migrate"}
    return [item for item in listed if item[0].name in always or _read(item[1]) != item[2]]


def note_address(place: Place) -> None:
    """Keeps base_url in demo.json true when the port is another one than at the seed."""
    file = place.data / "demo.json"
    if not file.exists():
        return
    logins = json.loads(file.read_text(encoding="utf-8"))
    if logins["base_url"] != place.url:
        draft = file.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(
            json.dumps(logins | {"base_url": place.url}, indent=2) + "\n", encoding="utf-8"
        )
        draft.replace(file)


def welcome(place: Place) -> str:
    """The box with the address and, with demo data, who can log in."""
    lines = [f"Countersign is ready:  {place.url}", ""]
    logins = place.data / "demo.json"
    if place.demo and logins.exists():
        people = json.loads(logins.read_text(encoding="utf-8"))["users"].values()
        width = max(len(who["username"]) for who in people)
        lines.append("Log in as")
        lines += [f"  {who['username']:<{width}}   {who['password']}" for who in people]
        lines.append("")
    lines += [f"Data: {place.data}", "Ctrl-C stops everything."]
    width = max(map(len, lines))
    edge = "─" * (width + 4)
    return "\n".join(
        ["", f"┌{edge}┐", *(f"│  {line:<{width}}  │" for line in lines), f"└{edge}┘", ""]
    )


def _files(folder: Path) -> list[Path]:
    found = (Path(root) / name for root, folders, names in os.walk(folder) for name in names)
    return sorted(path for path in found if path.suffix != ".pyc")


def _state(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        if path.exists():
            seen = path.stat()
            digest.update(f"{path} {seen.st_size} {seen.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _read(path: Path) -> str:
    return path.read_text(encoding="ascii") if path.exists() else ""
