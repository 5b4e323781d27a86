"""`manage.py encrypt_media`: encrypts what was stored before there was encryption, in place."""

from argparse import ArgumentParser
from typing import Any

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand

from transcripts.actions import at_rest
from transcripts.management import arguments
from transcripts.models import Practice


class Command(BaseCommand):
    help = (
        "Encrypts stored audio that is not encrypted yet. Can be stopped and run again, and runs "
        "beside a serving Countersign: each object is replaced when its encrypted form is whole."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        arguments.dry_run(parser)

    def handle(self, *, dry_run: bool = False, **_: Any) -> None:
        if not hasattr(default_storage, "seal_in_place"):
            self.stdout.write("The storage is in S3, which encrypts by itself (see docs).")
            return
        objects = folders = 0
        for practice in Practice.objects.order_by("pk"):
            for folder in at_rest.plain_folders(practice):
                if dry_run:
                    self.stdout.write(f"{folder} would be encrypted.")
                    continue
                objects += at_rest.seal_folder(folder)
                folders += 1
        self.stdout.write(f"{objects} objects of {folders} recordings and exports were encrypted.")
