"""The doorbell: tells workers through Celery that there is work. It says nothing of what.

A lost ring is harmless (the sweep rings again), a doubled one too (a worker that finds nothing to
claim goes back to sleep), and the queue is bounded.
"""

import logging

import redis
from celery import current_app
from django.conf import settings
from django.db import transaction

from transcripts import lease

log = logging.getLogger(__name__)

TASK = "transcripts.work"
QUEUE_LIMIT = 500
RINGS_AT_ONCE = 16


def ring(times: int = 1) -> None:
    """Rings after commit; a Redis that is away is noted and left to the sweep."""
    transaction.on_commit(lambda: _send(min(times, RINGS_AT_ONCE)))


def sweep() -> int:
    """Rings for claimable work when no ring is waiting. Returns the number of rings."""
    if waiting() > 0:
        return 0
    rings = lease.claimable_jobs()[:RINGS_AT_ONCE].count()
    _send(rings)
    return rings


def waiting() -> int:
    """Rings that no worker has taken yet."""
    with redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=5
    ) as client:
        return client.llen(settings.CELERY_TASK_DEFAULT_QUEUE)


def _send(times: int) -> None:
    try:
        if times and waiting() < QUEUE_LIMIT:
            for _ in range(times):
                current_app.send_task(TASK, retry=False)
    except Exception as error:
        log.warning("the bell was not rung (%s)", type(error).__name__)
