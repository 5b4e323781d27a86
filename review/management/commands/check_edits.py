"""manage.py check_edits: replays every review's log and compares with its text."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from review.actions.checking import Differs, check
from review.models import Review


class Command(BaseCommand):
    help = "Replays the edits of every review upon what the machine said; names what differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--practice", help="Id of one practice; all without it.")

    def handle(self, *args: Any, practice: str | None = None, **options: Any) -> None:
        reviews = Review.objects.order_by("created_at")
        if practice:
            reviews = reviews.filter(practice=practice)
        edits = bad = count = 0
        for review in reviews.iterator(chunk_size=100):
            count += 1
            try:
                edits += check(review)
            except Differs as difference:
                bad += 1
                self.stderr.write(f"review {review.pk}: {difference}")
        self.stdout.write(f"{count} reviews, {edits} edits replayed, {bad} differ.")
        if bad:
            raise CommandError("The log of edits does not lead to the text of today.")
