"""`manage.py export_audit`: a practice's audit log as a file that can be checked offline."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from review.audit import exporting
from review.enums import AuditForm
from review.models import AuditHead
from transcripts.management import arguments


class Command(BaseCommand):
    help = (
        "Writes a practice's audit log with its signed checkpoints. verify_audit.py, from the page "
        "/verify/, checks the file without this installation."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="Must not be there yet.")
        parser.add_argument("--form", choices=AuditForm.values, default=AuditForm.JSONL)
        arguments.practice(parser)
        arguments.dry_run(parser)

    def handle(self, *, file: Path, form: str, dry_run: bool, **options: Any) -> None:
        practice = arguments.named(options["practice"])
        if dry_run:
            head = AuditHead.objects.filter(practice=practice.pk).first()
            rows = head.seq if head else 0
            self.stdout.write(f"{rows} rows of {practice.name} would be written to {file}.")
            return
        try:
            with file.open("xb") as target:
                written = exporting.to_file(practice=practice, form=form, file=target)
        except FileExistsError:
            raise CommandError(f"{file} is there already.") from None
        except OSError as error:
            raise CommandError(f"{file} can't be written: {error.strerror}.") from None
        self.stdout.write(f"{written['rows']} rows of {practice.name} are in {file}.")
