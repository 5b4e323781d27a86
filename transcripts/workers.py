"""The pulse of a worker process: says that it lives, and rings the bell for work nobody took."""

import logging
import threading
from datetime import timedelta

from django.db import connection
from django.db.models.functions import Now

from transcripts import bell
from transcripts.actions import copies, shadows, tapes, vocabularies
from transcripts.aws import deliveries
from transcripts.models import Worker

log = logging.getLogger(__name__)

PULSE_SECONDS = 5
ALIVE = timedelta(seconds=20)
_stop = threading.Event()


def start(name: str) -> None:
    """Starts the pulse thread of this process."""
    _stop.clear()
    threading.Thread(target=_pulse, args=(name,), name="pulse", daemon=True).start()


def stop() -> None:
    _stop.set()


def any_alive() -> bool:
    """Whether a worker showed itself lately. One query."""
    return Worker.objects.filter(seen_at__gt=Now() - ALIVE).exists()


def _pulse(name: str) -> None:
    while True:
        try:
            beat(name)
            bell.sweep()
            vocabularies.check_pending()
            deliveries.ring()
            copies.ring()
            shadows.ring()
            tapes.ring()
        except Exception as error:  # database or Redis away: the next pulse tries again
            log.warning("pulse: %s", type(error).__name__)
            connection.close()
        if _stop.wait(PULSE_SECONDS):
            break
    connection.close()


def beat(name: str) -> None:
    """Marks the worker as alive, and forgets workers not seen for a day."""
    Worker.objects.update_or_create(name=name, defaults={"seen_at": Now()})
    Worker.objects.filter(seen_at__lt=Now() - timedelta(days=1)).delete()
