"""`manage.py rotate_keys`: a new master key, or new keys of practices, while Countersign serves."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from transcripts import vault
from transcripts.actions import at_rest
from transcripts.management import arguments
from transcripts.models import Practice


class Command(BaseCommand):
    help = (
        "Makes a new master key and puts all keys and secrets under it. The old one stays in "
        "COUNTERSIGN_KEYS beside it, readable: backups made until now need it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--practices", action="store_true", help="New keys of all practices instead."
        )
        parser.add_argument(
            "--stage",
            action="store_true",
            help="Several hosts: only make the new key's file, to be copied to all of them.",
        )
        parser.add_argument("--to", default="", help="Put the staged key of this id into use.")
        parser.add_argument(
            "--again",
            action="store_true",
            help="No new key: only wrap what is still under an older one.",
        )

        arguments.dry_run(parser)

    def handle(
        self, *, practices: bool, again: bool, stage: bool, to: str, dry_run: bool = False, **_: Any
    ) -> None:
        if dry_run:
            what = "Every practice would have a new key" if practices else "A new master key"
            self.stdout.write(f"{what}{'' if practices else ' would be made or put into use'}.")
            return
        if stage:
            made = vault.stage()
            self.stdout.write(
                f"Copy {settings.KEYS}/master-{made.id}.key to every host, then run "
                f"`manage.py rotate_keys --to {made.id}` on each."
            )
            return
        if practices:
            moved = sum(map(at_rest.renew_practice_key, Practice.objects.order_by("pk")))
            self.stdout.write(f"Each practice has a new key; {moved} data keys are under them.")
            return
        try:
            done = at_rest.rewrap_all() if again else at_rest.rotate_master_key(to)
        except vault.Unreadable as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            f"{done['keys']} keys and {done['secrets']} secrets were put under the master key in "
            f"use. Older ones stay in {settings.KEYS} as master-*.key: keep them, with a copy "
            "elsewhere, as long as you keep a backup from before today; then shred them."
        )
