"""Celery tasks. A task carries no arguments: what to do is in the database."""

from celery import shared_task

from transcripts import bell, lease, workers
from transcripts.actions import copies, shadows, tapes, vocabularies
from transcripts.actions.work import run
from transcripts.aws import deliveries


@shared_task(name=bell.TASK)
def work() -> None:
    """Claims one unit, works it, and rings on while there is more."""
    deliveries.sweep()
    copies.tidy()
    tapes.sweep()
    unit = lease.claim(workers.OWNER)
    if unit is None:
        shadows.turn(workers.OWNER)  # nobody waits for anything: time for what is only compared
        return
    run(unit)
    if lease.claimable_jobs().exists():
        bell.ring()


@shared_task(name=vocabularies.TASK)
def check_vocabularies() -> None:
    """Checks the vocabularies that wait for it."""
    vocabularies.check_pending()
