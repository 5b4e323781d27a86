"""`manage.py queue`: pause, drain or open the queue, or set how a practice's jobs are served."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count

from transcripts.actions import queue
from transcripts.enums import LIVE_STATUSES, QueueMode, Turn
from transcripts.management import arguments
from transcripts.models import MedicalTranscriptionJob

MODES = {"open": QueueMode.OPEN, "drain": QueueMode.DRAINING, "pause": QueueMode.PAUSED}
TURNS = {turn.name.lower(): turn for turn in Turn}


class Command(BaseCommand):
    help = (
        "Says how the queue stands. With open, drain or pause it changes that: drain finishes what "
        "was begun and begins nothing new, pause takes up nothing. With --practice it is about "
        "that practice's jobs alone, which can be paused and opened, and have a turn."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", nargs="?", choices=[*MODES, "status"], default="status")
        parser.add_argument("--reason", default="", help="Shown to the other operators.")
        arguments.practice(parser)
        parser.add_argument("--turn", choices=TURNS, help="With --practice: whose jobs come first.")
        arguments.dry_run(parser)

    def handle(self, *, what: str, reason: str, dry_run: bool, **options: Any) -> None:
        if options["practice"] or options["turn"]:
            self._practice(what, dry_run, **options)
        elif what != "status":
            if dry_run:
                self.stdout.write(f"The queue would be {MODES[what].value}.")
                return
            queue.set_mode(mode=MODES[what], reason=reason, by=None)
        self._status()

    def _practice(self, what: str, dry_run: bool, **options: Any) -> None:
        practice = arguments.named(options["practice"])
        if what == "drain":
            raise CommandError("A practice's jobs can be paused and opened, not drained.")
        paused = practice.queue_paused if what == "status" else what == "pause"
        turn = TURNS[options["turn"]] if options["turn"] else practice.queue_priority
        if dry_run:
            state = "paused" if paused else "served"
            self.stdout.write(f"{practice.name} would be {state}, {Turn(turn).label.lower()}.")
            return
        queue.set_practice(practice=practice, paused=paused, priority=int(turn), by=None)

    def _status(self) -> None:
        now = queue.mode()
        rows = MedicalTranscriptionJob.objects.filter(status__in=LIVE_STATUSES)
        counted = dict(rows.order_by().values_list("status").annotate(Count("pk")))
        numbers = ", ".join(f"{counted.get(s, 0)} {s.label.lower()}" for s in LIVE_STATUSES)
        self.stdout.write(f"{now.get_mode_display()}: {numbers}.")
