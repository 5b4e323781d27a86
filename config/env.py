"""Reads settings from the environment: text, flags, numbers, lists, secrets. No Django here."""

import os
from pathlib import Path


class MissingSetting(RuntimeError):
    """A setting that has no safe default was not given; the message says how to give it."""


def text(name: str, default: str | None = None) -> str:
    """The variable's value, or `default`; MissingSetting where neither is there."""
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if default is None:
        raise MissingSetting(
            f"{name} is not set. Put it in the environment; see docs/deploying.md."
        )
    return default


def flag(name: str, default: bool = False) -> bool:
    return text(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


def integer(name: str, default: int) -> int:
    return int(text(name, str(default)))


def items(name: str, default: str = "") -> list[str]:
    """A comma-separated list without empty entries."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def secret(name: str, default: str | None = None) -> str:
    """A secret from NAME, or from the file that NAME_FILE points to (as container secrets are)."""
    path = os.environ.get(f"{name}_FILE", "").strip()
    return Path(path).read_text(encoding="utf-8").strip() if path else text(name, default)
