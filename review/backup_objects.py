"""Stored objects on their way into a backup and back, as they lie, whatever the storage is."""

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage

from transcripts import media, sealed

OBJECTS, SEALED = "objects", ".sealed"
BACKUP_KEY_ID = UUID(int=0)


class Failed(Exception):
    """A backup or a restore can't be made; the message says why and what to do."""


def copy_out(target: Path, key: bytes | None) -> tuple[list[str], int]:
    """Copies what the target does not have yet; names of all objects, and how many were copied.

    With a key, what is not sealed already is sealed under it, with SEALED after its name.
    """
    names, copied = [], 0
    for name, size, changed in stored():
        try:
            with _raw(name) as source:
                is_sealed = sealed.key_id_of(source.read(sealed.HEADER.size)) is not None
            suffix = SEALED if key and not is_sealed else ""
            wanted = sealed.sealed_length(size) if suffix else size
            path = target / (name + suffix)
            if not _is_there(path, wanted, changed):
                _copy(name, path, size, changed, key if suffix else None)
                copied += 1
            names.append(name + suffix)
        except FileNotFoundError:
            continue  # a job was finished meanwhile, and its chunks are gone
    return names, copied


def _is_there(path: Path, size: int, changed: float) -> bool:
    seen = path.stat() if path.exists() else None
    return bool(seen) and seen.st_size == size and int(seen.st_mtime) == int(changed)


def _copy(name: str, path: Path, size: int, changed: float, key: bytes | None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(f".{secrets.token_hex(8)}.part")
    with _raw(name) as source:
        write(source, partial, size, key, f"{OBJECTS}/{name}")
    os.utime(partial, (changed, changed))
    partial.rename(path)


def write(source: BinaryIO, path: Path, size: int, key: bytes | None, name: str) -> None:
    """Writes a private file, sealed under `name` with a key; it is on the disk afterwards."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        if key:
            sealed.seal(source, target, key=key, key_id=BACKUP_KEY_ID, name=name, length=size)
        else:
            shutil.copyfileobj(source, target, media.BLOCK)
        target.flush()
        os.fsync(target.fileno())


def copy_in(objects: Path, names: list[str], key: bytes | None) -> int:
    """Puts objects into the storage; how many. `key` only for a backup that was made with one."""
    put = 0
    for listed in names:
        path, name = objects / listed, listed.removesuffix(SEALED) if key else listed
        if not path.exists():
            continue  # verification tells which recordings that touches
        with path.open("rb") as file:
            if listed != name:
                with sealed.Reader(file, key=key, name=f"{OBJECTS}/{name}") as source:
                    _put(name, source, path.stat().st_mtime)
            else:
                _put(name, file, path.stat().st_mtime)
        put += 1
    return put


def stored() -> Iterator[tuple[str, int, float]]:
    """Name, bytes and time of every object as it lies in the storage."""
    if hasattr(default_storage, "bucket"):
        for row in default_storage.bucket.objects.all():
            yield row.key, row.size, row.last_modified.timestamp()
        return
    root = Path(settings.STORAGE)
    for folder, _, names in os.walk(root):
        for name in sorted(names):
            path = Path(folder, name)
            if not name.endswith(".part") and path.is_file() and not path.is_symlink():
                try:
                    seen = path.stat()
                except FileNotFoundError:
                    continue
                yield str(path.relative_to(root)), seen.st_size, seen.st_mtime


def _raw(name: str) -> BinaryIO:
    if hasattr(default_storage, "bucket"):
        from botocore.exceptions import ClientError

        try:
            return default_storage.bucket.Object(name).get()["Body"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchKey":
                raise
            raise FileNotFoundError(name) from None
    return (Path(settings.STORAGE) / name).open("rb")


def _put(name: str, source: BinaryIO, changed: float) -> None:
    if hasattr(default_storage, "bucket"):
        extra = dict(default_storage.object_parameters)
        default_storage.bucket.upload_fileobj(source, name, ExtraArgs=extra)
        return
    root = Path(settings.STORAGE).resolve()
    path = (root / name).resolve()
    if not path.is_relative_to(root):
        raise Failed("The backup's list names an object outside of the storage.")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(f".{secrets.token_hex(8)}.part")
    write(source, partial, 0, None, name)
    os.utime(partial, (changed, changed))
    partial.rename(path)
