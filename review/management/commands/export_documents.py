"""`manage.py export_documents`: copies of a practice's signed documents in a folder."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from review import printing
from review.actions import document_exports
from review.models import Review
from review.permissions import Permission, refusal
from transcripts.access import visible_recordings
from transcripts.management import arguments
from transcripts.models import User


class Command(BaseCommand):
    help = (
        "Writes a copy of each signed document of a practice into a folder, and records that it "
        "was released. File names say nothing of the patient, and end in how often the document "
        "was signed: after an addendum or a correction there is a newer file. It can be run again: "
        "what is in the folder already is passed over."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--by", required=True, help="Who takes them out, by user name.")
        parser.add_argument("--form", choices=[*printing.FORMS], default="pdf")
        parser.add_argument(
            "--since", type=date.fromisoformat, help="Only what was signed on this day or later."
        )
        arguments.practice(parser)
        arguments.dry_run(parser)

    def handle(self, *, folder: Path, by: str, form: str, dry_run: bool, **options: Any) -> None:
        practice = arguments.named(options["practice"])
        member = arguments.member(practice, by)
        if refusal(member, Permission.RELEASE):
            raise CommandError(f"{by} may not release documents of {practice.name}.")
        if not folder.is_dir():
            raise CommandError(f"There is no folder {folder}.")
        rows = document_exports.signed(visible_recordings(member), options["since"])
        written = passed = wrong = 0
        for review in rows.iterator(chunk_size=100):
            target = folder / document_exports.kept_name(review, form)
            if target.exists():
                passed += 1
                continue
            if not dry_run and not self._kept(review, form, target, member.user):
                wrong += 1
            else:
                written += 1
        verb = "would be written" if dry_run else "written"
        self.stdout.write(f"{written} {verb}, {passed} there already, {wrong} not.")
        if wrong:
            raise CommandError("What is stored of some documents is not what was signed.")

    def _kept(self, review: Review, form: str, target: Path, by: User) -> bool:
        try:
            document_exports.keep(review=review, form=form, target=target, by=by)
        except ValueError:
            self.stderr.write(f"document {review.pk}: a stored signature does not verify.")
            return False
        except OSError as error:
            raise CommandError(f"{target} can't be written: {error.strerror}.") from None
        return True
