"""Making and revoking access keys for AWS clients."""

import secrets
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from transcripts import events, vault
from transcripts.enums import Action, Role
from transcripts.models import AccessKey, Membership, Practice, User

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
SCOPES = {
    "jobs.read": "See transcription jobs and fetch their results",
    "jobs.write": "Start and delete transcription jobs",
    "vocabularies.read": "See vocabularies",
    "vocabularies.write": "Create, replace and delete vocabularies",
    "tags.read": "See tags",
    "tags.write": "Change tags",
    "stream": "Stream live speech",
    "documents.read": "Read signed documents over FHIR",
    "audit.read": "Read the audit log over FHIR",
}
# A key without scopes may do everything but these.
ONLY_IF_NAMED = {"audit.read"}


class Refused(Exception):
    """The key can't be made or revoked so; the message is a sentence for the page."""


@transaction.atomic
def create(
    *,
    practice: Practice,
    by: User | None,
    user: User | None = None,
    label: str = "",
    scopes: tuple[str, ...] = (),
    expires_at: datetime | None = None,
) -> tuple[AccessKey, str]:
    """A new key and its secret, which is never shown again.

    The key acts as `user`, or as a service account of its own that nobody can log in with. No
    scopes allow everything. Raises Refused for unknown scopes or an end in the past.
    """
    if unknown := set(scopes) - set(SCOPES):
        raise Refused(f"There is no scope {', '.join(sorted(unknown))}.")
    if expires_at and expires_at <= timezone.now():
        raise Refused("The key would already have run out: choose a later day.")
    secret = secrets.token_urlsafe(30)
    access_key_id = "AKIA" + "".join(secrets.choice(LETTERS) for _ in range(16))
    key = AccessKey.objects.create(
        access_key_id=access_key_id,
        encrypted_secret=vault.encrypt(secret),
        practice=practice,
        user=user or _service_account(practice, label, access_key_id),
        label=label,
        scopes=sorted(scopes),
        expires_at=expires_at,
    )
    _report(key, Action.KEY_CREATED, by)
    return key, secret


@transaction.atomic
def revoke(*, key: AccessKey, by: User | None) -> None:
    """Ends a key at once and for good. Refused when it was revoked before."""
    revoked = AccessKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now())
    if not revoked:
        raise Refused("This key is already revoked.")
    _report(key, Action.KEY_REVOKED, by)


def _service_account(practice: Practice, label: str, access_key_id: str) -> User:
    user = User(
        username=f"client-{access_key_id.lower()}", first_name=(label or "AWS client")[:150]
    )
    user.set_unusable_password()
    user.save()
    Membership.objects.create(user=user, practice=practice, role=Role.EDITOR)
    return user


def _report(key: AccessKey, action: str, by: User | None) -> None:
    events.emit(
        events.Event(
            action=action,
            practice_id=key.practice_id,
            by=by,
            object_type="AccessKey",
            object_id=key.pk,
            detail={"scopes": key.scopes},
        )
    )
