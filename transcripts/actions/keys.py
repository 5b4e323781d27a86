"""Making access keys for AWS clients."""

import secrets

from django.db import transaction

from transcripts import events, vault
from transcripts.enums import Action
from transcripts.models import AccessKey, Practice, User

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


@transaction.atomic
def create(*, practice: Practice, user: User, by: User | None) -> tuple[AccessKey, str]:
    """A new key and its secret, which is never shown again."""
    secret = secrets.token_urlsafe(30)
    key = AccessKey.objects.create(
        access_key_id="AKIA" + "".join(secrets.choice(LETTERS) for _ in range(16)),
        encrypted_secret=vault.encrypt(secret),
        practice=practice,
        user=user,
    )
    events.emit(
        events.Event(
            action=Action.KEY_CREATED,
            practice_id=practice.pk,
            by=by,
            object_type="AccessKey",
            object_id=key.pk,
        )
    )
    return key, secret
