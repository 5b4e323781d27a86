"""`manage.py create_practice`: a practice with nobody in it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from transcripts.actions import practices
from transcripts.management import arguments


class Command(BaseCommand):
    help = "Makes a practice. Add its people with create_user, first of all a manager."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="Its name, as letters print it.")
        parser.add_argument("--bucket", default="", help="Made of the name where it is not given.")
        arguments.dry_run(parser)

    def handle(self, *, name: str, bucket: str, dry_run: bool, **_: Any) -> None:
        if dry_run:
            bucket = bucket or practices.free_bucket(name)
            self.stdout.write(f"{name} would be made, with the bucket {bucket}.")
            return
        try:
            made = practices.create(name=name, bucket=bucket, by=None)
        except practices.Refused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{made.name} is made, with the bucket {made.bucket}.")
