"""What several commands take: a practice by its bucket, a member by user name, and --dry-run."""

from argparse import ArgumentParser

from django.core.management.base import CommandError

from transcripts.models import Membership, Practice


def dry_run(parser: ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="Only say what would be done.")


def practice(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--practice",
        metavar="BUCKET",
        help="The practice's bucket; needed where there are several practices.",
    )


def named(bucket: str | None) -> Practice:
    """The practice of that bucket, or the only one there is. Raises CommandError."""
    rows = Practice.objects.filter(bucket=bucket) if bucket else Practice.objects.all()
    found = list(rows[:2])
    if len(found) != 1:
        names = ", ".join(Practice.objects.order_by("bucket").values_list("bucket", flat=True))
        raise CommandError(f"Name one practice with --practice: {names or 'there is none yet'}.")
    return found[0]


def member(practice: Practice, username: str) -> Membership:
    """Who acts, a member of the practice. Raises CommandError."""
    found = practice.memberships.filter(user__username=username, disabled_at=None).first()
    if found is None:
        raise CommandError(f"{username} is no member of {practice.name}.")
    return found
