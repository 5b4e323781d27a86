"""`manage.py operators`: who runs the installation, and who does so from now on, or no more."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from transcripts.actions import members
from transcripts.management import arguments
from transcripts.models import User


class Command(BaseCommand):
    help = "Lists who sees the operators' pages; --add and --remove change it for a user name."

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--add", metavar="USERNAME")
        which.add_argument("--remove", metavar="USERNAME")
        arguments.dry_run(parser)

    def handle(self, *, add: str | None, remove: str | None, dry_run: bool, **_: Any) -> None:
        if name := add or remove:
            user = User.objects.filter(username=name).first()
            if user is None:
                raise CommandError(f"There is no user {name}.")
            if dry_run:
                self.stdout.write(f"{name} would {'become' if add else 'no more be'} an operator.")
                return
            members.set_operator(user=user, operator=bool(add))
        for user in User.objects.filter(is_staff=True, is_active=True).order_by("username"):
            self.stdout.write(user.username)
