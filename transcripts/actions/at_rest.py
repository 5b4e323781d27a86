"""Stored audio as it lies: what was found altered, encrypting what is plain, and new keys."""

from collections.abc import Callable, Iterator
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction

from transcripts import events, keyring, media, vault
from transcripts.enums import Action
from transcripts.models import AccessKey, DataKey, Practice, PracticeKey, Recording, User
from transcripts.sealed import Altered

CODES = {Altered: "altered", keyring.Destroyed: "key_destroyed", vault.Unreadable: "key_missing"}


def refused(*, recording: Recording, key: str, error: Exception, by: User | None = None) -> None:
    """Reports that an object was not used, since it is not what was stored."""
    events.emit(
        events.Event(
            action=Action.MEDIA_REFUSED,
            practice_id=recording.practice_id,
            by=by,
            object_type="Recording",
            object_id=recording.pk,
            patient_id=recording.patient_id,
            outcome="failure",
            detail={"code": CODES[type(error)], "object": key.split("/", 3)[-1]},
        )
    )


def plain_folders(practice: Practice) -> Iterator[str]:
    """The practice's folders that may hold objects from before there was encryption."""
    done = set(
        DataKey.objects.filter(practice=practice, all_sealed=True).values_list("folder", flat=True)
    )
    parent = f"{keyring.OWN}/{practice.pk}"
    if default_storage.exists(parent):
        for name in sorted(default_storage.listdir(parent)[0]):
            if (folder := f"{parent}/{name}") not in done:
                yield folder


def seal_folder(folder: str) -> int:
    """Encrypts every plain object of a folder in place; how many those were. Can be run again."""
    sealed = 0
    for name in media.objects(folder):
        if not name.endswith(".part") and default_storage.seal_in_place(name):
            sealed += 1
    with transaction.atomic():
        keyring.for_writing(f"{folder}/any", all_sealed=False)
        DataKey.objects.filter(folder=folder).update(all_sealed=True)
        _tell(Action.MEDIA_SEALED, UUID(folder.split("/")[1]), objects=sealed)
    return sealed


# Other tables with secrets under the master key: callables that encrypt theirs anew.
_secrets: list[Callable[[], int]] = []


def register_secrets(encrypt_anew: Callable[[], int]) -> None:
    if encrypt_anew not in _secrets:
        _secrets.append(encrypt_anew)


def rotate_master_key(to: str = "") -> dict[str, int]:
    """Puts a new master key, or a staged one, into use and everything under it.

    The old one can be read meanwhile. Returns how many keys and secrets were wrapped anew. That a
    process wrapped something under the old key at the last moment is no matter: its file stays, and
    `rewrap_all` can be run again. Raises vault.Unreadable when the staged key is not here.
    """
    old, new = vault.masters()[0], vault.rotate(to or vault.stage().id)
    done = rewrap_all()
    if old != new:
        for practice in Practice.objects.values_list("pk", flat=True):
            _tell(Action.MASTER_KEY_ROTATED, practice, old=old.id, new=new.id)
    return done


def rewrap_all() -> dict[str, int]:
    """Wraps all that is not under the master key in use. Can be run at any time."""
    current = vault.masters()[0].id
    keys = 0
    for pk in PracticeKey.objects.exclude(master=current).values_list("pk", flat=True):
        with transaction.atomic():
            keyring.rewrap(PracticeKey.objects.select_for_update().get(pk=pk))
        keys += 1
    return {"keys": keys, "secrets": sum(encrypt_anew() for encrypt_anew in _secrets)}


def encrypt_anew(model: type, field: str) -> int:
    """Encrypts a column's secrets under the master key in use; how many were under another."""
    done = 0
    for pk, token in list(model.objects.values_list("pk", field)):
        if token and not vault.is_current(token):
            with transaction.atomic():
                row = model.objects.select_for_update().get(pk=pk)
                setattr(row, field, vault.encrypt(vault.decrypt(getattr(row, field))))
                row.save(update_fields=[field])
            done += 1
    return done


def access_keys_anew() -> int:
    return encrypt_anew(AccessKey, "encrypted_secret")


def factors_anew() -> int:
    """Second factors' secrets, which lie in JSON with a mark before them."""
    from allauth.mfa.models import Authenticator

    from transcripts.accounts import SEALED

    done = 0
    for row in Authenticator.objects.iterator():
        old = {
            name: value.removeprefix(SEALED)
            for name, value in row.data.items()
            if isinstance(value, str) and value.startswith(SEALED)
        }
        if any(not vault.is_current(value.encode()) for value in old.values()):
            row.data |= {
                name: SEALED + vault.encrypt(vault.decrypt(value.encode())).decode()
                for name, value in old.items()
            }
            row.save(update_fields=["data"])
            done += 1
    return done


def renew_practice_key(practice: Practice) -> int:
    """A new key for the practice; how many recordings' and exports' keys were wrapped by it."""
    moved = keyring.renew(practice.pk)
    _tell(Action.MEDIA_KEY_ROTATED, practice.pk, keys=moved)
    return moved


def _tell(action: Action, practice_id: UUID, **detail: str | int) -> None:
    events.emit(
        events.Event(
            action=action,
            practice_id=practice_id,
            object_type="Practice",
            object_id=practice_id,
            detail=detail,
        )
    )
