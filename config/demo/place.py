"""Where and how one demo runs, and what its children are told of it. No Django here."""

import os
import socket
from dataclasses import dataclass
from pathlib import Path

from config.demo.services import ServiceFailed, secret

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Place:
    """The choices of `make run`: folder, address, with demo data or not, numbers of processes."""

    data: Path
    bind: str
    port: int
    demo: bool
    workers: int
    web: int

    @property
    def host(self) -> str:
        """The address a person types: a wildcard listens everywhere, the loopback reaches it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.bind, self.bind)
        return f"[{host}]" if ":" in host else host

    @property
    def url(self) -> str:
        return os.environ.get("BASE_URL") or f"http://{self.host}:{self.port}"


def from_environment() -> Place:
    """What make passes on, and the defaults. ServiceFailed where a number is none."""
    given = os.environ.get
    try:
        port, workers = int(given("PORT") or 8000), int(given("COUNTERSIGN_WORKERS") or 0)
        web = int(given("COUNTERSIGN_WEB_PROCESSES") or 1)
    except ValueError as error:
        raise ServiceFailed(
            "PORT, COUNTERSIGN_WORKERS and COUNTERSIGN_WEB_PROCESSES must be whole numbers."
        ) from error
    return Place(
        data=Path(given("COUNTERSIGN_DATA") or REPOSITORY / "var").expanduser().resolve(),
        bind=given("BIND") or "127.0.0.1",
        port=port,
        demo=(given("DEMO") or "1").lower() in {"1", "true", "yes", "on"},
        workers=workers
        or max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1),
        web=max(1, web),
    )


def make_folders(place: Place) -> None:
    """Makes the data folder and its rooms, closed to other users. ServiceFailed where forbidden."""
    try:
        for name in ("", "secrets", "keys", "storage", "tmp", "stamps"):
            (place.data / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ServiceFailed(
            f"{error.filename} cannot be made ({error.strerror}). "
            "Set COUNTERSIGN_DATA to a folder of yours."
        ) from error


def need_free_port(place: Place) -> None:
    """ServiceFailed, naming the port and what to do, when something listens there already."""
    family = socket.AF_INET6 if ":" in place.bind else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((place.bind, place.port))
            trial.listen()
        except OSError as error:
            raise ServiceFailed(
                f"Port {place.port} on {place.bind} cannot be used ({error.strerror}). "
                f"Stop what listens there, or choose another port: make run PORT={place.port + 1}"
            ) from error


def environment(place: Place, **more: str) -> dict[str, str]:
    """What every child gets: our environment, completed with what was not set, and `more`."""
    defaults = {
        "COUNTERSIGN_ENV": "demo",
        "BASE_URL": place.url,
        "SECRET_KEY": ""
        if os.environ.get("SECRET_KEY_FILE")
        else secret(place.data / "secrets" / "django"),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    fixed = {
        "COUNTERSIGN_DATA": str(place.data),
        "DEMO": str(int(place.demo)),
        "PYTHONUNBUFFERED": "1",
    }
    return defaults | dict(os.environ) | fixed | more
