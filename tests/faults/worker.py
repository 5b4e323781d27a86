"""The real worker, as `celery -A tests.faults.worker worker`: only its waits are shorter."""

from datetime import timedelta
from typing import Any

from celery.signals import worker_init

from config.celery import app  # noqa: F401  celery looks for it here

LEASE_SECONDS = 6


@worker_init.connect
def shorten(**_: Any) -> None:
    from transcripts import lease, workers  # need the app registry

    lease.LEASE = timedelta(seconds=LEASE_SECONDS)
    lease.HEARTBEAT_SECONDS = 1
    workers.PULSE_SECONDS = 1
