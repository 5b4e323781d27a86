"""manage.py demo_seed: the demonstration practice, once."""

from typing import Any

from django.core.management.base import BaseCommand

from config.demo import seed


class Command(BaseCommand):
    help = "Makes the demonstration practice with two recordings, unless a practice exists already."

    def handle(self, *args: Any, **options: Any) -> None:
        made = seed.seed()
        self.stdout.write("Demonstration practice made." if made else "Nothing to seed.")
