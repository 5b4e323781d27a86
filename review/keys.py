"""The practice's signing keys. The private half is a file in the keys folder, not a row."""

from collections.abc import Sequence
from datetime import UTC, datetime

from django.conf import settings
from django.db import transaction

from review.audit import chain
from review.enums import Action
from review.models import SigningKey
from review.release import canonical, package
from transcripts import events
from transcripts.models import Practice, User
from transcripts.vault import write_private


class KeyMissing(Exception):
    """The private half of the practice's key is not on this machine."""


class NoKey(Exception):
    """The practice has never signed anything."""


@transaction.atomic
def active(practice: Practice) -> SigningKey:
    """The practice's key; made at the first signature. Two first signers at once get the same.

    Lock the review first: the event of a new key takes the audit chain, which comes last.
    """
    Practice.objects.select_for_update(no_key=True).get(pk=practice.pk)
    key = SigningKey.objects.filter(practice=practice, retired_at__isnull=True).first()
    if key:
        return key
    private_pem, public_pem, key_id = canonical.new_key()
    write_private(settings.KEYS / f"{key_id}.pem", private_pem.encode())
    key = SigningKey.objects.create(practice=practice, key_id=key_id, public_key=public_pem)
    _report(key, Action.SIGNING_KEY_CREATED, None)
    return key


@transaction.atomic
def rotate(*, practice: Practice, by: User | None, lost: bool = False) -> SigningKey:
    """A new key in place of the practice's; the old one signs that, then only verifies.

    `lost` goes on without the old key's signature. Raises KeyMissing when its private half is not
    here otherwise, and NoKey when there is none yet.
    """
    Practice.objects.select_for_update(no_key=True).get(pk=practice.pk)
    old = SigningKey.objects.filter(practice=practice, retired_at__isnull=True).first()
    if old is None:
        raise NoKey("This practice has no signing key yet. One is made at the first signature.")
    now = datetime.now(UTC)
    private_pem, public_pem, key_id = canonical.new_key()
    said = package.statement(
        practice=str(practice.pk), at=chain.stamp(now), old=old.public_key, new=public_pem
    )
    by_old = "" if lost else sign(said, old)
    write_private(settings.KEYS / f"{key_id}.pem", private_pem.encode())
    SigningKey.objects.filter(pk=old.pk).update(retired_at=now)
    key = SigningKey.objects.create(
        practice=practice,
        key_id=key_id,
        public_key=public_pem,
        follows=old,
        rotation=said.decode(),
        rotation_by_old=by_old,
        rotation_by_new=canonical.sign(said, private_pem),
    )
    _report(key, Action.SIGNING_KEY_ROTATED, by, follows=old.key_id, vouched=bool(by_old))
    return key


def rotations(keys: Sequence[SigningKey]) -> list[package.Rotation]:
    """Which key follows which, from the first of these to the last; of one practice. One query."""
    wanted = {key.pk for key in keys}
    made: list[package.Rotation] = []
    if len(wanted) < 2:
        return made
    practice = keys[0].practice_id
    rows = {row.follows_id: row for row in SigningKey.objects.filter(practice=practice)}
    row, seen = rows.get(None), set()
    while row and seen != wanted:
        if seen:
            made.append(package.Rotation(row.rotation, row.rotation_by_old, row.rotation_by_new))
        seen |= {row.pk} & wanted
        row = rows.get(row.pk)
    return made


def _report(key: SigningKey, action: str, by: User | None, **detail: object) -> None:
    events.emit(
        events.Event(
            action=action,
            practice_id=key.practice_id,
            by=by,
            object_type="SigningKey",
            object_id=key.pk,
            detail={"key": key.key_id, **detail},
        )
    )


def sign(data: bytes, key: SigningKey) -> str:
    """Ed25519 signature of `data`, base64. KeyMissing with what to do."""
    path = settings.KEYS / f"{key.key_id}.pem"
    try:
        return canonical.sign(data, path.read_text(encoding="ascii"))
    except FileNotFoundError:
        raise KeyMissing(
            "The practice's signing key is not on this machine. "
            "Ask the operator to put it back into the keys folder."
        ) from None
