"""`manage.py run_duty`: runs recurring work now, here, and says what came of it."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from transcripts import duties
from transcripts.management import arguments


class Command(BaseCommand):
    help = "Runs one duty now, in this process; without a name it lists them all."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?")
        arguments.dry_run(parser)

    def handle(self, *, name: str | None, dry_run: bool, **_: Any) -> None:
        plans = {plan.name: plan for plan in duties.plans()}
        if name is None:
            for plan in plans.values():
                self.stdout.write(f"{plan.name}  {f'at {plan.at}' if plan.at else plan.every}")
            return
        if name not in plans:
            raise CommandError(f"There is no duty {name}. Without a name, all are listed.")
        if dry_run:
            self.stdout.write(f"{name} would run, for {plans[name].bound} at most.")
            return
        try:
            row = duties.run(name)
        except RuntimeError as running:
            raise CommandError(str(running)) from None
        self.stdout.write(f"{row.outcome} {json.dumps(row.found)}")
        if row.outcome != "ok":
            raise CommandError(f"{name} failed: {row.outcome}.")
