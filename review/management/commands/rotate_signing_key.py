"""manage.py rotate_signing_key: a new signing key for a practice; the old one vouches for it."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from review import keys
from transcripts.management import arguments
from transcripts.models import Practice


class Command(BaseCommand):
    help = (
        "Makes a new signing key for a practice and retires the one in use, whose signatures "
        "still verify. Both sign that one follows the other. Without ID, when there is only one "
        "practice, it is that one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--practice", metavar="ID")
        arguments.dry_run(parser)
        parser.add_argument(
            "--lost",
            action="store_true",
            help="the private half of the old key is gone: go on without its signature",
        )

    def handle(self, *args: Any, practice: str | None, lost: bool, **options: Any) -> None:
        try:
            found = Practice.objects.filter(pk=practice) if practice else Practice.objects.all()
            row = found.get()
        except (Practice.DoesNotExist, ValidationError):
            raise CommandError("There is no such practice.") from None
        except Practice.MultipleObjectsReturned:
            raise CommandError("Name the practice with --practice ID.") from None
        if options["dry_run"]:
            self.stdout.write(f"A new key would sign for {row.name}.")
            return
        try:
            key = keys.rotate(practice=row, by=None, lost=lost)
        except (keys.KeyMissing, keys.NoKey) as reason:
            raise CommandError(str(reason)) from None
        self.stdout.write(f"{key.key_id} signs for {row.name} from now on.")
        self.stdout.write("Back up the keys folder, and give the new key id to who checks.")
