"""`manage.py retention`: what the practices' rules remove, now or, with --dry-run, if they ran."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from review import retention
from review.actions import retention as actions
from transcripts.actions import sweeping
from transcripts.models import Practice


class Command(BaseCommand):
    help = (
        "Removes what the practices' retention rules have reached, as every night does. "
        "With --dry-run it only lists it, by id, and what a legal hold keeps."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Remove nothing.")
        parser.add_argument("--practice", type=UUID, help="Of this practice only, by its id.")

    def handle(self, *, dry_run: bool, practice: UUID | None, **_: Any) -> None:
        rows = Practice.objects.order_by("pk")
        if practice and not (rows := rows.filter(pk=practice)):
            raise CommandError("There is no such practice.")
        for row in rows:
            self._list(row) if dry_run else self._remove(row)
        if not dry_run:
            finished, swept = actions.finish_removals(), sweeping.sweep()
            self.stdout.write(f"Finished removals: {finished}. Left behind by others: {swept}")

    def _list(self, practice: Practice) -> None:
        for due in retention.listed(practice):
            what = "on hold, stays" if due.held else "would go"
            since = f"{due.since:%Y-%m-%d}"
            self.stdout.write(f"{practice.pk} {due.rule} {due.recording.pk} {since} {what}")
        days = retention.days_of(retention.rule_of(practice))
        said = ", ".join(f"{rule} after {count} days" for rule, count in days.items())
        self.stdout.write(f"{practice.pk}: {said or 'no rule, everything is kept'}")

    def _remove(self, practice: Practice) -> None:
        counts = actions.enforce(practice)
        said = ", ".join(f"{count} {name}" for name, count in counts.items())
        self.stdout.write(f"{practice.pk}: removed {said or 'nothing, there is no rule'}")
