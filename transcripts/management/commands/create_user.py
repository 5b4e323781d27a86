"""`manage.py create_user`: a person of a practice, an operator, or both."""

import getpass
import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from transcripts.actions import members
from transcripts.enums import Role
from transcripts.management import arguments


class Command(BaseCommand):
    help = (
        "Makes a person who can log in. The password is read from COUNTERSIGN_PASSWORD, or asked "
        "for. With --role the person belongs to a practice; with --operator they run the "
        "installation."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--role", choices=Role.values)
        arguments.practice(parser)
        parser.add_argument("--operator", action="store_true")
        for name in ("first-name", "last-name", "email"):
            parser.add_argument(f"--{name}", default="")
        parser.add_argument("--printed-name", default="", help="As a clinician's signatures say.")
        parser.add_argument("--title", default="")
        parser.add_argument("--licence", default="")
        arguments.dry_run(parser)

    def handle(self, *, username: str, role: str | None, dry_run: bool, **options: Any) -> None:
        if not role and not options["operator"]:
            raise CommandError("Give --role for a practice, or --operator, or both.")
        practice = arguments.named(options["practice"]) if role else None
        what = f"{username} as {role} of {practice.name}" if practice else f"{username}"
        what += ", an operator" if options["operator"] else ""
        try:
            names = ("printed_name", "title", "licence")
            standing = (
                members.Standing(role=role, **{n: options[n] for n in names}) if role else None
            )
            if dry_run:
                self.stdout.write(f"Would make {what}.")
                return
            members.create(
                practice=practice,
                standing=standing,
                username=username,
                password=_password(),
                operator=options["operator"],
                **{name: options[name] for name in ("first_name", "last_name", "email")},
            )
        except members.Refused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"Made {what}.")


def _password() -> str:
    try:
        return os.environ.get("COUNTERSIGN_PASSWORD") or getpass.getpass("Password: ")
    except EOFError:
        message = "Set COUNTERSIGN_PASSWORD; there is no terminal to ask at."
        raise CommandError(message) from None
