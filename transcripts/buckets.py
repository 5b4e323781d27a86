"""Objects in a practice's own bucket, where AWS clients put media and find results.

With folder storage a bucket is a folder beside Countersign's own; with S3 it is a bucket at the
same endpoint. No other address is ever read, and no key leaves its bucket.
"""

import os
import re
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings

BLOCK = 1024 * 1024
OWN = "countersign"  # prefix of Countersign's own objects; no bucket of this name exists
BUCKET = re.compile(r"[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?")
LONGEST_NAME = 255  # bytes of one file name
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Missing(Exception):
    """There is no such object, or it cannot be read."""


@dataclass(frozen=True, slots=True)
class Place:
    """An object of a bucket. Whether the bucket is the caller's own is for the caller to check."""

    bucket: str
    key: str


def in_folders() -> bool:
    """Whether buckets are folders of this machine."""
    return not settings.STORAGE.startswith("s3://")


def sound(place: Place) -> bool:
    """Whether the key can name an object: it stays in its bucket, and out of Countersign's own."""
    parts = place.key.split("/")
    if place.bucket == OWN or not BUCKET.fullmatch(place.bucket):
        return False
    if "\0" in place.key or len(place.key.encode()) > 1024:
        return False
    if any(part in ("", ".", "..") for part in parts):
        return False
    if in_folders():
        return max(len(part.encode()) for part in parts) <= LONGEST_NAME
    return place.bucket != _own_bucket() or parts[0] != OWN


def size(place: Place) -> int:
    """Bytes of the object; Missing when it can't be read."""
    if in_folders():
        with _opened(place) as file:
            return os.fstat(file.fileno()).st_size
    return int(_s3(lambda client: client.head_object(**_named(place)))["ContentLength"])


def fetch(place: Place, target: Path, moved: Callable[[], None] = lambda: None) -> None:
    """Copies the object to a local file block by block; `moved` is called after each block."""
    with target.open("wb") as copy, _body(place) as source:
        while block := source.read(BLOCK):
            copy.write(block)
            moved()


def read(place: Place, *, limit: int) -> bytes:
    """The object's bytes, at most `limit` and one more. Missing when it can't be read."""
    with _body(place) as source:
        return source.read(limit + 1)


def write(place: Place, content: bytes, *, kms_key_id: str = "") -> None:
    """Writes the object whole or not at all; Missing or OSError when it can't be written."""
    if not sound(place):
        raise Missing
    if in_folders():
        return _write_file(place, content)
    encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key_id}
    extra = encryption if kms_key_id else {}
    named = _named(place) | {"Body": content, "ContentType": "application/json"}
    _s3(lambda client: client.put_object(**named, **extra))
    return None


def address(place: Place) -> str:
    """The object's https address at the S3 endpoint, path style as AWS prints it."""
    return f"{s3().meta.endpoint_url}/{place.bucket}/{place.key}"


@cache
def s3() -> Any:
    """The client of the configured endpoint. boto3 is loaded here, on first use."""
    import boto3

    endpoint = settings.STORAGES["default"]["OPTIONS"].get("endpoint_url")
    return boto3.client("s3", endpoint_url=endpoint, config=settings.S3_PATIENCE)


def _own_bucket() -> str:
    return settings.STORAGE.removeprefix("s3://").partition("/")[0]


def _named(place: Place) -> dict[str, str]:
    if not sound(place):
        raise Missing
    return {"Bucket": place.bucket, "Key": place.key}


def _s3(call: Callable[[Any], Any]) -> Any:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return call(s3())
    except (BotoCoreError, ClientError) as error:
        raise Missing from error


@contextmanager
def _body(place: Place) -> Iterator[BinaryIO]:
    if in_folders():
        with _opened(place) as file:
            yield file
        return
    yield _s3(lambda client: client.get_object(**_named(place)))["Body"]


@contextmanager
def _opened(place: Place) -> Iterator[BinaryIO]:
    """The file, opened step by step so that no symbolic link is followed at any time."""
    try:
        with _folder(place, make=False) as (folder, name):
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
            number = os.open(name, flags, dir_fd=folder)
    except OSError as error:
        raise Missing from error
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise Missing
    with os.fdopen(number, "rb") as file:
        yield file


@contextmanager
def _folder(place: Place, *, make: bool) -> Iterator[tuple[int, str]]:
    """The open folder that holds the object, and the object's name in it."""
    if not sound(place):
        raise Missing
    *folders, name = (place.bucket, *place.key.split("/"))
    if make:
        Path(settings.STORAGE).mkdir(parents=True, exist_ok=True, mode=0o700)
    at = os.open(settings.STORAGE, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for folder in folders:
            if make:
                with suppress(FileExistsError):
                    os.mkdir(folder, 0o700, dir_fd=at)
            inner = os.open(folder, FOLDER, dir_fd=at)
            os.close(at)
            at = inner
        yield at, name
    finally:
        os.close(at)


def _write_file(place: Place, content: bytes) -> None:
    with _folder(place, make=True) as (folder, name):
        partial = f".{secrets.token_hex(8)}.part"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        try:
            with os.fdopen(os.open(partial, flags, 0o600, dir_fd=folder), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.rename(partial, name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(partial, dir_fd=folder)
            raise
