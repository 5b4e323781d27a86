"""Lists `demo` among manage.py's commands; manage.py itself answers to it, before settings load."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = (
        "Starts everything here: PostgreSQL, Redis, web and workers. Takes no arguments; "
        "reads PORT, BIND, COUNTERSIGN_DATA, COUNTERSIGN_WORKERS, COUNTERSIGN_WEB_PROCESSES "
        "and DEMO from the environment."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError(
            "Run `manage.py demo` without arguments; settings come from the environment."
        )
