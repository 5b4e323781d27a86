"""manage.py audit_verify: checks the live audit log, every row, column, checkpoint and head."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from review.audit import live
from review.models import AuditCheck, AuditHead


class Command(BaseCommand):
    help = "Checks the audit log of every practice, or of one, and keeps the result."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--practice", type=UUID, help="only this practice's chain")

    def handle(self, *args: Any, practice: UUID | None = None, **options: Any) -> None:
        found = AuditHead.objects.order_by("practice").values_list("practice", flat=True)
        done = [live.check(each) for each in ([practice] if practice else found)]
        for check in done:
            self.stdout.write(sentence(check))
        if not all(check.ok for check in done):
            raise CommandError("The audit log has been tampered with, or is damaged.")


def sentence(check: AuditCheck) -> str:
    """One line for one chain."""
    if check.ok:
        return (
            f"{check.practice} ok: {check.size} rows, {check.checkpoints} checkpoints,"
            f" head {check.head}, root {check.root}"
        )
    return f"{check.practice} seq {check.broken_seq}: {check.reason}"
