"""Stored audio: keys, private copies for the workers, and byte ranges for the player."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage

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


def delete_folders(parent: str, prefix: str) -> None:
    """Removes the folders under `parent` whose names begin with `prefix`, and their objects."""
    for folder in default_storage.listdir(parent)[0]:
        if folder.startswith(prefix):
            path = f"{parent}/{folder}"
            delete(*(f"{path}/{name}" for name in default_storage.listdir(path)[1]), path)


@contextmanager
def workspace() -> Iterator[Path]:
    """A private temporary folder, gone afterwards."""
    settings.FILE_UPLOAD_TEMP_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        yield Path(folder)


@contextmanager
def local_copy(key: str) -> Iterator[Path]:
    """The object as a local file: itself in a folder storage, a temporary copy otherwise."""
    try:
        path = Path(default_storage.path(key))
    except NotImplementedError:
        path = None
    if path:
        yield path
        return
    with workspace() as folder, default_storage.open(key) as source:
        path = folder / "media"
        with path.open("wb") as target:
            shutil.copyfileobj(source, target, BLOCK)
        yield path


async def blocks(key: str, start: int, end: int) -> AsyncIterator[bytes]:
    """Bytes start..end (both included) of an object, in blocks of at most 256 KiB."""
    if hasattr(default_storage, "bucket"):
        body = await sync_to_async(_s3_body)(key, start, end)
        while block := await sync_to_async(body.read)(BLOCK):
            yield block
        return
    file = await sync_to_async(default_storage.open)(key)
    try:
        await sync_to_async(file.seek)(start)
        left = end - start + 1
        while left > 0 and (block := await sync_to_async(file.read)(min(BLOCK, left))):
            left -= len(block)
            yield block
    finally:
        await sync_to_async(file.close)()


def _s3_body(key: str, start: int, end: int):  # noqa: ANN202  botocore's StreamingBody
    stored = default_storage.bucket.Object(default_storage._normalize_name(key))
    return stored.get(Range=f"bytes={start}-{end}")["Body"]
