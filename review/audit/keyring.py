"""The keys that sign checkpoints of the audit log. The private half is a file, not a row.

One key serves the site. A new one is endorsed by the one before it, so that who trusts the first
can follow to the newest.
"""

from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from review.enums import Action
from review.models import AuditKey
from review.release import canonical
from transcripts import events
from transcripts.vault import write_private

LOCK = 0x61756B  # advisory: one maker of keys at a time


class KeyMissing(Exception):
    """The private half of the newest key is not on this machine."""


def active() -> AuditKey:
    """The key in use; made when there is none yet."""
    return AuditKey.objects.order_by("-id").first() or _make(None)


def rotate() -> AuditKey:
    """A new key, endorsed by the one in use. KeyMissing when that one is not here."""
    return _make(active())


def sign(statement: str, key: AuditKey) -> str:
    """Ed25519 signature of the text's bytes, base64. KeyMissing with what to do."""
    try:
        return canonical.sign(statement.encode(), _path(key.key_id).read_text(encoding="ascii"))
    except FileNotFoundError:
        raise KeyMissing(
            f"The private half of the audit key {key.key_id} is not in {settings.KEYS}. "
            "Put it back from the backup of the keys folder."
        ) from None


def holds(statement: str, signature: str, key_id: str) -> bool:
    """Whether the signature over the text is that of a key of ours, retired or not."""
    key = AuditKey.objects.filter(key_id=key_id).first()
    return key is not None and canonical.verify(statement.encode(), signature, key.public_key)


@transaction.atomic
def _make(before: AuditKey | None) -> AuditKey:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    newest = AuditKey.objects.order_by("-id").first()
    if newest and newest != before:  # somebody else was faster
        return newest
    private_pem, public_pem, key_id = canonical.new_key()
    write_private(_path(key_id), private_pem.encode())
    key = AuditKey.objects.create(
        key_id=key_id,
        public_key=public_pem,
        endorsement=sign(public_pem, before) if before else "",
    )
    events.emit(
        events.Event(
            action=Action.AUDIT_KEY_CREATED,
            practice_id=None,
            object_type="AuditKey",
            detail={"key": key_id},
        )
    )
    return key


def _path(key_id: str) -> Path:
    return settings.KEYS / f"audit-{key_id}.pem"
