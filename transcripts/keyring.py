"""Which key opens which folder of the storage: rows of DataKey, unwrapped when they are needed."""

import time
from functools import lru_cache
from os import urandom
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.exceptions import SuspiciousFileOperation
from django.db import transaction
from django.utils import timezone

from transcripts import events, vault
from transcripts.enums import Action
from transcripts.models import DataKey, PracticeKey

OWN = "countersign"


class Destroyed(Exception):
    """The folder's key is gone; what lies there can't be read by anybody."""


def folder_of(name: str) -> str:
    """countersign/PRACTICE/FOLDER of an object; SuspiciousFileOperation when it lies elsewhere."""
    parts = name.split("/")
    if len(parts) < 4 or parts[0] != OWN:
        raise SuspiciousFileOperation("Stored audio lies under countersign/PRACTICE/FOLDER/.")
    return "/".join(parts[:3])


def row_of(name: str) -> DataKey | None:
    """The key of the object's folder. One query."""
    rows = DataKey.objects.select_related("wrapped_by")
    return rows.filter(folder=folder_of(name)).first()


def for_writing(name: str, *, all_sealed: bool = True) -> tuple[UUID, bytes]:
    """Id and key of the object's folder, made when it has none yet."""
    row = row_of(name) or _make(folder_of(name), all_sealed)
    return row.pk, open_row(row)


def for_reading(name: str, key_id: UUID) -> bytes:
    """The key that a sealed object names. Raises Destroyed, or vault.Unreadable."""
    row = row_of(name)
    if row is None or row.pk != key_id:
        raise Destroyed
    return open_row(row)


def note_use(name: str) -> None:
    """Puts on record that the object's key is used: in each process, once a minute for a folder."""
    _noted(folder_of(name), int(time.time()) // 60)


@lru_cache(1024)
def _noted(folder: str, minute: int) -> None:
    row = DataKey.objects.filter(folder=folder).only("practice_id").first()
    if row:  # S3 has keys of its own
        events.emit(
            events.Event(
                action=Action.DATA_KEY_USED,
                practice_id=row.practice_id,
                object_type="DataKey",
                object_id=row.pk,
            )
        )


def open_row(row: DataKey) -> bytes:
    return vault.open_key(_cipher(row.wrapped_by), row.wrapped, _purpose(row.folder))


def _make(folder: str, all_sealed: bool) -> DataKey:
    practice = UUID(folder.split("/")[1])
    wrapping = active(practice)
    row = DataKey(
        practice_id=practice,
        folder=folder,
        wrapped_by=wrapping,
        wrapped=vault.seal_key(_cipher(wrapping), urandom(32), _purpose(folder)),
        all_sealed=all_sealed,
    )
    DataKey.objects.bulk_create([row], ignore_conflicts=True)  # another process may be first
    return DataKey.objects.select_related("wrapped_by").get(folder=folder)


def active(practice_id: UUID) -> PracticeKey:
    """The key that wraps the practice's data keys now, made at the first call."""
    rows = PracticeKey.objects.filter(practice_id=practice_id, retired_at=None)
    if (row := rows.first()) is None:
        PracticeKey.objects.bulk_create([_new(practice_id)], ignore_conflicts=True)
        row = rows.get()
    return row


def _new(practice_id: UUID) -> PracticeKey:
    row = PracticeKey(practice_id=practice_id)
    row.master, row.wrapped = vault.wrap(urandom(32), _practice_purpose(row))
    return row


def rewrap(row: PracticeKey) -> None:
    """Puts a practice's key under the master key in use."""
    key = vault.unwrap(row.wrapped, _practice_purpose(row), row.master)
    row.master, row.wrapped = vault.wrap(key, _practice_purpose(row))
    row.save(update_fields=["master", "wrapped"])


@transaction.atomic
def renew(practice_id: UUID) -> int:
    """A new key for the practice, and its data keys under it; returns how many those are."""
    old = PracticeKey.objects.select_for_update().get(pk=active(practice_id).pk)
    PracticeKey.objects.filter(pk=old.pk).update(retired_at=timezone.now())
    fresh = active(practice_id)
    moved = 0
    for row in DataKey.objects.select_for_update().filter(wrapped_by=old).iterator(2000):
        key = vault.open_key(_cipher(old), row.wrapped, _purpose(row.folder))
        row.wrapped_by, row.wrapped = (
            fresh,
            vault.seal_key(_cipher(fresh), key, _purpose(row.folder)),
        )
        row.save(update_fields=["wrapped_by", "wrapped"])
        moved += 1
    return moved


def _cipher(row: PracticeKey) -> AESGCM:
    return _opened(_practice_purpose(row), bytes(row.wrapped), row.master)


@lru_cache(256)
def _opened(purpose: str, wrapped: bytes, master: str) -> AESGCM:
    return AESGCM(vault.unwrap(wrapped, purpose, master))


def _practice_purpose(row: PracticeKey) -> str:
    return f"practice key {row.pk} of {row.practice_id}"


def _purpose(folder: str) -> str:
    return f"data key of {folder}"
