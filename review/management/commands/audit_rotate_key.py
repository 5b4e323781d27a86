"""manage.py audit_rotate_key: a new key for checkpoints of the audit log, endorsed by the old."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from review.audit import keyring
from transcripts.management import arguments


class Command(BaseCommand):
    help = "Makes a new key that signs checkpoints of the audit log; the one in use endorses it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        arguments.dry_run(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            self.stdout.write("A new key would sign the audit log's checkpoints.")
            return
        key = keyring.rotate()
        self.stdout.write(f"{key.key_id}\n{key.public_key}")
