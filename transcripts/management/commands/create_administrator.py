"""manage.py create_administrator: the first practice and the person who runs it."""

import getpass
import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from transcripts.actions import members, practices
from transcripts.enums import Role
from transcripts.management import arguments
from transcripts.models import User


class Command(BaseCommand):
    help = (
        "Makes the first practice and its manager, who also runs the installation, unless there "
        "is a user already. Reads "
        "COUNTERSIGN_PRACTICE, COUNTERSIGN_ADMIN_USERNAME and COUNTERSIGN_ADMIN_PASSWORD, "
        "and asks for what is not set."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        arguments.dry_run(parser)

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists():
            self.stdout.write("There is an administrator already.")
            return
        if options["dry_run"]:
            self.stdout.write("A practice and its administrator would be made.")
            return
        practice = _ask("COUNTERSIGN_PRACTICE", "Name of the practice: ")
        username = _ask("COUNTERSIGN_ADMIN_USERNAME", "Administrator's username: ")
        password = _ask("COUNTERSIGN_ADMIN_PASSWORD", "Password: ", read=getpass.getpass)
        try:
            made = practices.create(name=practice, by=None)
            members.create(
                practice=made,
                standing=members.Standing(role=Role.MANAGER),
                username=username,
                password=password,
                operator=True,
            )
        except (members.Refused, practices.Refused) as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"Made {practice} and its administrator {username}.")


def _ask(variable: str, prompt: str, read: Any = input) -> str:
    value = os.environ.get(variable, "").strip()
    try:
        value = value or read(prompt).strip()
    except EOFError:
        raise CommandError(f"Set {variable}; there is no terminal to ask at.") from None
    if not value:
        raise CommandError(f"{variable} must not be empty.")
    return value
