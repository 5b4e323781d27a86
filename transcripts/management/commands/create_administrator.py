"""manage.py create_administrator: the first practice and the person who runs it."""

import getpass
import os
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.text import slugify

from transcripts.enums import Role
from transcripts.models import Membership, Practice, User


class Command(BaseCommand):
    help = (
        "Makes the first practice and its manager, unless there is a user already. Reads "
        "COUNTERSIGN_PRACTICE, COUNTERSIGN_ADMIN_USERNAME and COUNTERSIGN_ADMIN_PASSWORD, "
        "and asks for what is not set."
    )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists():
            self.stdout.write("There is an administrator already.")
            return
        practice = _ask("COUNTERSIGN_PRACTICE", "Name of the practice: ")
        username = _ask("COUNTERSIGN_ADMIN_USERNAME", "Administrator's username: ")
        password = _ask("COUNTERSIGN_ADMIN_PASSWORD", "Password: ", read=getpass.getpass)
        user = User(username=username, is_staff=True, is_superuser=True)
        try:
            user.full_clean(exclude=["password"])
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        user.set_password(password)
        user.save()
        made = Practice.objects.create(name=practice, bucket=slugify(practice)[:40] or "practice")
        Membership.objects.create(user=user, practice=made, role=Role.MANAGER)
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
