"""Encrypts small secrets of the database with the master key, which is kept outside of it."""

import base64
import contextlib
import os
from functools import cache
from pathlib import Path

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def write_private(path: Path, content: bytes) -> None:
    """Creates a file that only its owner can read; FileExistsError when it is there already."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "wb") as file:
        file.write(content)


@cache
def _fernet() -> Fernet:
    path = settings.KEYS / "master.key"
    if not path.exists():
        if settings.PRODUCTION:
            raise ImproperlyConfigured(
                f"The master key {path} is missing. Make it once with `manage.py create_keys`."
            )
        create_master_key()
    return Fernet(path.read_bytes())


def create_master_key() -> Path:
    """Makes the key where there is none; returns its path."""
    path = settings.KEYS / "master.key"
    with contextlib.suppress(FileExistsError):
        write_private(path, base64.urlsafe_b64encode(os.urandom(32)))
    return path


def encrypt(secret: str) -> bytes:
    return _fernet().encrypt(secret.encode())


def decrypt(token: bytes) -> str:
    return _fernet().decrypt(bytes(token)).decode()
