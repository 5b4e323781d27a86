"""manage.py verify_documents: every signed document against its signatures, rows and audio."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from review import integrity
from review.enums import FINAL
from review.models import Review


class Command(BaseCommand):
    help = "Checks that text, patient and audio of signed documents are what was signed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--practice", help="Id of one practice; all without it.")
        parser.add_argument("--without-audio", action="store_true", help="Reads the rows only.")

    def handle(
        self, *args: Any, practice: str | None = None, without_audio: bool = False, **options: Any
    ) -> None:
        reviews = (
            Review.objects.filter(state__in=FINAL)
            .order_by("created_at")
            .select_related(
                "practice", "recording__patient", "recording__author__user", "transcript__job"
            )
        )
        if practice:
            reviews = reviews.filter(practice=practice)
        count = bad = 0
        for review in reviews.iterator(chunk_size=100):
            count += 1
            found = integrity.problems(review)
            if not without_audio and (heard := integrity.audio_problem(review)):
                found.append(heard)
            for reason in found:
                self.stderr.write(f"document {review.pk}: {reason}")
            bad += bool(found)
        self.stdout.write(f"{count} signed documents, {bad} not as they were signed.")
        if bad:
            raise CommandError("What is stored is not what was signed.")
