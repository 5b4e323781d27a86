"""The practice's signing keys. The private half is a file in the keys folder, not a row."""

from django.conf import settings
from django.db import transaction

from review.enums import Action
from review.models import SigningKey
from review.release import canonical
from transcripts import events
from transcripts.models import Practice
from transcripts.vault import write_private


class KeyMissing(Exception):
    """The private half of the practice's key is not on this machine."""


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
    events.emit(
        events.Event(
            action=Action.SIGNING_KEY_CREATED,
            practice_id=practice.pk,
            object_type="SigningKey",
            object_id=key.pk,
            detail={"key": key_id},
        )
    )
    return key


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
