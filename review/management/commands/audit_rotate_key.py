"""manage.py audit_rotate_key: a new key for checkpoints of the audit log, endorsed by the old."""

from typing import Any

from django.core.management.base import BaseCommand

from review.audit import keyring


class Command(BaseCommand):
    help = "Makes a new key that signs checkpoints of the audit log; the one in use endorses it."

    def handle(self, *args: Any, **options: Any) -> None:
        key = keyring.rotate()
        self.stdout.write(f"{key.key_id}\n{key.public_key}")
