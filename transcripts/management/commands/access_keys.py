"""Makes, lists and revokes access keys for AWS clients on the command line."""

import argparse
import json
from datetime import datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date

from transcripts.actions import keys
from transcripts.management import arguments
from transcripts.models import AccessKey, Practice, User


class Command(BaseCommand):
    help = "Access keys for AWS clients: create, list, revoke."

    def add_arguments(self, parser: CommandParser) -> None:
        arguments.practice(parser)
        arguments.dry_run(parser)
        verbs = parser.add_subparsers(dest="verb", required=True, parser_class=_Verb)
        create = verbs.add_parser("create", help="Make a key; its secret is printed this once.")
        create.add_argument("label", help="What uses the key.")
        create.add_argument("--user", help="Act as this user, not as a service account of its own.")
        create.add_argument(
            "--scope", action="append", default=[], choices=sorted(keys.SCOPES), help="Repeatable."
        )
        create.add_argument("--expires", metavar="YYYY-MM-DD", help="Last day.")
        create.add_argument("--json", action="store_true", help="Print as JSON.")
        verbs.add_parser("list", help="List the practice's keys.")
        revoke = verbs.add_parser("revoke", help="End a key at once.")
        revoke.add_argument("access_key_id")

    def handle(self, *_: Any, **options: Any) -> None:
        practice = arguments.named(options["practice"])
        try:
            getattr(self, f"_{options['verb']}")(practice, options)
        except keys.Refused as refusal:
            raise CommandError(str(refusal)) from None

    def _create(self, practice: Practice, options: dict[str, Any]) -> None:
        if options["dry_run"]:
            self.stdout.write(f"A key {options['label']} of {practice.name} would be made.")
            return
        key, secret = keys.create(
            practice=practice,
            by=None,
            user=_member(practice, options["user"]) if options["user"] else None,
            label=options["label"],
            scopes=tuple(options["scope"]),
            expires_at=_end_of(options["expires"]) if options["expires"] else None,
        )
        values = {
            "aws_access_key_id": key.access_key_id,
            "aws_secret_access_key": secret,
            "bucket": practice.bucket,
        }
        if options["json"]:
            self.stdout.write(json.dumps(values))
            return
        for name, value in values.items():
            self.stdout.write(f"{name} = {value}")
        self.stderr.write("Keep the secret now: it is not shown again.")

    def _list(self, practice: Practice, options: dict[str, Any]) -> None:
        for key in AccessKey.objects.filter(practice=practice).order_by("created_at"):
            used = f"{key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never used"
            state = "revoked" if key.revoked_at else f"until {key.expires_at or 'revoked'}"
            self.stdout.write(
                f"{key.access_key_id}  {state}  {used}  "
                f"{','.join(key.scopes) or 'everything'}  {key.label}"
            )

    def _revoke(self, practice: Practice, options: dict[str, Any]) -> None:
        rows = AccessKey.objects.filter(practice=practice)
        key = rows.filter(access_key_id=options["access_key_id"]).first()
        if key is None:
            raise CommandError("The practice has no such key.")
        if options["dry_run"]:
            self.stdout.write(f"{key.access_key_id} would be revoked.")
            return
        keys.revoke(key=key, by=None)
        self.stdout.write(f"{key.access_key_id} is revoked.")


class _Verb(argparse.ArgumentParser):
    """Django's own parser wants arguments that a sub-command does not have."""


def _member(practice: Practice, username: str) -> User:
    user = User.objects.filter(username=username, memberships__practice=practice).first()
    if user is None:
        raise CommandError(f"{username} is no member of the practice.")
    return user


def _end_of(day: str) -> datetime:
    try:
        parsed = parse_date(day)
    except ValueError:
        parsed = None
    if parsed is None:
        raise CommandError("--expires takes a date such as 2027-12-31.")
    return timezone.make_aware(datetime.combine(parsed, time.max))
