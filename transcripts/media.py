"""Stored audio: keys, private copies for the workers, and byte ranges for the player.

How objects are encrypted is in transcripts.storage; whoever reads through here sees plain bytes, or
one of UNREADABLE.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID, uuid4

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import DatabaseError
from django.db.models import QuerySet

from transcripts import keyring, sealed, tenancy, vault
from transcripts.models import DataKey, Recording, Removal
from transcripts.statements import written_once

# What was stored and can't be given back: altered, its key destroyed, or the master key not here.
UNREADABLE = (sealed.Altered, keyring.Destroyed, vault.Unreadable)
BLOCK = 256 * 1024


def new_folder(practice_id: UUID) -> str:
    """A random key prefix for one recording; nothing of the user's file name is in it."""
    return f"countersign/{practice_id}/{uuid4().hex}"


def store(key: str, path: Path) -> str:
    """Copies a local file into the storage; returns the key it got."""
    with path.open("rb") as file:
        return default_storage.save(key, File(file))


def delete(*keys: str) -> None:
    """Removes objects; those that are not there are passed over."""
    for key in filter(None, keys):
        default_storage.delete(key)


def objects(folder: str) -> Iterator[str]:
    """The names of all objects under a folder."""
    folders, names = default_storage.listdir(folder)
    yield from (f"{folder}/{name}" for name in names)
    for inner in folders:
        yield from objects(f"{folder}/{inner}")


def removed(recording: Recording) -> str:
    """What to say where the recording's audio was removed by rule; empty while it is there."""
    row = removal_of(recording.pk)
    return (
        row
        and f"The audio was removed on {row.removed_at:%-d %B %Y} under the practice's rule."
        or ""
    )


def removal_of(recording: UUID) -> Removal | None:
    """That its audio, or all of it, was removed by rule. One query."""
    return next(iter(_removals(recording)), None)


@written_once
def _removals(recording: UUID) -> QuerySet[Removal]:
    return Removal.objects.filter(recording=recording)


def prove(key: str, start: int) -> None:
    """Raises one of UNREADABLE when the object can't be read from byte `start` on."""
    if not hasattr(default_storage, "bucket"):
        keyring.note_use(key)
        with default_storage.open(key) as file:
            file.seek(start)
            file.read(1)


def delete_folder(folder: str) -> None:
    """Removes all objects under a folder, and the folder."""
    with suppress(FileNotFoundError):
        folders, names = default_storage.listdir(folder)
        for inner in folders:
            delete_folder(f"{folder}/{inner}")
        delete(*(f"{folder}/{name}" for name in names), folder)


def delete_folders(parent: str, prefix: str) -> None:
    """Removes the folders under `parent` whose names begin with `prefix`, and their objects."""
    for folder in default_storage.listdir(parent)[0]:
        if folder.startswith(prefix):
            delete_folder(f"{parent}/{folder}")


def discard(folder: str) -> None:
    """Removes a folder that came to nothing, with its key."""
    with suppress(DatabaseError):  # the act has failed already; the nightly sweep comes again
        DataKey.objects.filter(folder=folder).delete()
    delete_folder(folder)


@contextmanager
def workspace() -> Iterator[Path]:
    """A private temporary folder, gone afterwards; locked, so that the sweep knows it is in use."""
    settings.FILE_UPLOAD_TEMP_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield Path(folder)
        finally:
            os.close(lock)


@contextmanager
def local_copy(key: str) -> Iterator[Path]:
    """The object as a local file of plain bytes: a private copy, gone afterwards.

    An object of a folder that is not encrypted yet is its own copy.
    """
    plain_path = getattr(default_storage, "plain_path", None)
    if plain_path and (path := plain_path(key)):
        yield path
        return
    keyring.note_use(key)
    with workspace() as folder, default_storage.open(key) as source:
        path = folder / "media"
        with path.open("wb") as target:
            shutil.copyfileobj(source, target, BLOCK)
        yield path


def blocks(key: str, start: int, end: int) -> AsyncIterator[bytes]:
    """Bytes start..end (both included) of an object, in blocks of at most 256 KiB."""
    return _blocks(key, start, end, tenancy.scope())


async def _blocks(key: str, start: int, end: int, practice: str) -> AsyncIterator[bytes]:
    if hasattr(default_storage, "bucket"):
        body = await sync_to_async(_s3_body)(key, start, end)
        while block := await sync_to_async(body.read)(BLOCK):
            yield block
        return
    file = await sync_to_async(_open)(key, practice)
    try:
        await sync_to_async(file.seek)(start)
        left = end - start + 1
        while left > 0 and (block := await sync_to_async(file.read)(min(BLOCK, left))):
            left -= len(block)
            yield block
    finally:
        await sync_to_async(file.close)()


def _open(key: str, practice: str) -> File:
    """For an answer that is sent when its request's practice is no longer in force."""
    with tenancy.within(practice):
        return default_storage.open(key)


def _s3_body(key: str, start: int, end: int):  # noqa: ANN202  botocore's StreamingBody
    stored = default_storage.bucket.Object(default_storage._normalize_name(key))
    return stored.get(Range=f"bytes={start}-{end}")["Body"]
