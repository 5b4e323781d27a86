"""`manage.py import_recordings`: takes in a folder of recordings, with a table of whom they are."""

import csv
import hashlib
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from transcripts.actions import jobs, recordings
from transcripts.engines import audio
from transcripts.engines.base import MediaRejected
from transcripts.forms import DetailsForm
from transcripts.management import arguments
from transcripts.models import Membership, Recording

COLUMNS = ("file", "mrn", "patient_name", "birth_date", "specialty", "type", "author")
NEEDED = {"file", "mrn", "patient_name", "specialty", "type", "author"}
TABLE = "recordings.csv"


class Wrong(Exception):
    """A row can't be taken in; the message says why, and nothing of the patient."""


class Command(BaseCommand):
    help = (
        "Takes in the recordings of a folder and starts their transcription. recordings.csv in it "
        f"(UTF-8, with a header) says whom they are of: {', '.join(COLUMNS)}, encounter_date. "
        "Dates are YYYY-MM-DD, specialty and type as in the API (FAMILYMEDICINE, DICTATION), "
        "author is a clinician's user name. It can be run again: what is there already, by its "
        "content, is passed over. Rows are named by their number, never by what is in them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--table", type=Path, help=f"Instead of {TABLE} in the folder.")
        parser.add_argument("--by", required=True, help="Who uploads, by user name.")
        arguments.practice(parser)
        arguments.dry_run(parser)

    def handle(self, *, folder: Path, by: str, dry_run: bool, **options: Any) -> None:
        practice = arguments.named(options["practice"])
        member = arguments.member(practice, by)
        done = passed = wrong = 0
        for number, row in _rows(options["table"] or folder / TABLE):
            try:
                path, about = _read(folder, row, member)
                if _there(path, member):
                    passed += 1
                    continue
                if dry_run:
                    audio.probe(path)
                else:
                    recordings.upload(
                        path=path, name=path.name, about=about, practice=practice, by=member.user
                    )
                done += 1
            except (Wrong, recordings.WrongPatient, MediaRejected, jobs.Refused) as reason:
                wrong += 1
                self.stderr.write(f"row {number}: {_sentence(reason)}")
        verb = "would be taken in" if dry_run else "taken in"
        self.stdout.write(f"{done} {verb}, {passed} there already, {wrong} not.")
        if wrong:
            raise CommandError(f"{wrong} rows were not taken in. Mend them and run this again.")


def _rows(table: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows with their numbers, the header being 1. Raises CommandError."""
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if missing := NEEDED - set(reader.fieldnames or ()):
                raise CommandError(f"{table} lacks the columns {', '.join(sorted(missing))}.")
            for number, row in enumerate(reader, start=2):
                yield number, {k: (v or "").strip() for k, v in row.items() if isinstance(k, str)}
    except OSError:
        raise CommandError(f"{table} can't be read.") from None
    except (UnicodeDecodeError, csv.Error):
        raise CommandError(f"{table} is no CSV file in UTF-8.") from None


def _read(folder: Path, row: dict[str, str], member: Membership) -> tuple[Path, recordings.About]:
    """The row's file and what it is about, checked as the upload page does. Raises Wrong."""
    path = folder / row["file"]
    if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
        raise Wrong("there is no such file in the folder.")
    form = DetailsForm(member=member)
    author = form.fields["author"].queryset.filter(user__username=row["author"]).first()
    if author is None:
        raise Wrong("author is no clinician whose recordings this person may upload.")
    today = form.fields["encounter_date"].initial
    given = row | {"author": author.pk, "encounter_date": row.get("encounter_date") or today}
    form = DetailsForm(given, member=member)
    if not form.is_valid():
        columns = ", ".join(sorted(form.errors))
        raise Wrong(f"not understood: {columns}.")
    return path, form.about()


def _there(path: Path, member: Membership) -> bool:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Recording.objects.filter(practice=member.practice_id, sha256=digest).exists()


def _sentence(reason: Exception) -> str:
    if isinstance(reason, recordings.WrongPatient):
        return " ".join(recordings.WRONG_PATIENT)
    if isinstance(reason, MediaRejected):
        return f"{reason.message} {reason.remedy}"
    return str(reason)
