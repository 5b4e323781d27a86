"""`manage.py retry_jobs`: queues failed jobs again."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand
from django.db.models.functions import Now

from transcripts.actions import jobs
from transcripts.enums import JobStatus
from transcripts.management import arguments
from transcripts.models import MedicalTranscriptionJob


class Command(BaseCommand):
    help = "Queues jobs that failed again; chunks that were done stay done."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("job", nargs="*", type=UUID, help="These jobs only, by id.")
        parser.add_argument("--days", type=int, default=30, help="Failed since; 30 by default.")
        parser.add_argument("--practice", metavar="BUCKET", help="Of this practice only.")
        arguments.dry_run(parser)

    def handle(self, *, job: list[UUID], days: int, dry_run: bool, **options: Any) -> None:
        rows = MedicalTranscriptionJob.objects.filter(
            status=JobStatus.FAILED, completed_at__gt=Now() - timedelta(days=days)
        )
        if job:
            rows = rows.filter(pk__in=job)
        if options["practice"]:
            rows = rows.filter(practice=arguments.named(options["practice"]))
        done = 0
        for row in rows.order_by("completed_at"):
            if dry_run:
                self.stdout.write(f"{row.pk} would be queued again: {row.failure_reason}")
                continue
            try:
                jobs.retry(job=row, by=None)
                done += 1
            except jobs.Refused as refusal:
                self.stderr.write(f"{row.pk}: {refusal}")
        if not dry_run:
            self.stdout.write(f"{done} queued again.")
