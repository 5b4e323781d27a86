"""`manage.py create_keys`: makes the master key of a new site, once."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from transcripts import vault
from transcripts.models import AccessKey, PracticeKey


class Command(BaseCommand):
    help = (
        "Makes the master key of a new site in COUNTERSIGN_KEYS. Keep a copy of that folder apart "
        "from the database's backups: without it no stored secret can be read again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only say what would be done.")

    def handle(self, **options: Any) -> None:
        path = settings.KEYS / "master.key"
        if path.exists():
            self.stdout.write(f"{path} is there already; nothing was changed.")
            return
        if AccessKey.objects.exists() or PracticeKey.objects.exists():
            raise CommandError(
                f"{path} is missing, but this database has secrets that were encrypted with it. "
                "Put the old key back from its copy; a new one could not read them."
            )
        if options["dry_run"]:
            self.stdout.write(f"{path} would be made.")
            return
        self.stdout.write(f"{vault.create_master_key()} was made. Keep a copy of it elsewhere.")
