"""manage.py permissions: the table of roles and permissions as docs/permissions.md has it."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from transcripts.permissions import as_markdown


class Command(BaseCommand):
    help = "Prints who may do what; --write puts it into docs/permissions.md, --check compares."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", action="store_true")
        parser.add_argument("--check", action="store_true")

    def handle(self, *_: Any, **options: Any) -> None:
        page = settings.BASE_DIR / "docs" / "permissions.md"
        if options["write"]:
            page.write_text(as_markdown(), encoding="utf-8")
        elif not options["check"]:
            self.stdout.write(as_markdown(), ending="")
        elif not page.exists() or page.read_text(encoding="utf-8") != as_markdown():
            raise CommandError("docs/permissions.md is not current: run `permissions --write`.")
