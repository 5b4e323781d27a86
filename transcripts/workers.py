"""The pulse of a worker process: says that it lives, and rings the bell for work nobody took."""

import logging
import os
import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from transcripts import bell
from transcripts.actions import copies, shadows, tapes, vocabularies, work
from transcripts.aws import deliveries
from transcripts.models import Worker

log = logging.getLogger(__name__)

PULSE_SECONDS = 5
OWNER = f"{socket.gethostname()}:{os.getpid()}"  # of the leases that this process takes
ALIVE = timedelta(seconds=20)
_stop = threading.Event()


def start(name: str) -> None:
    """Starts the pulse of this process."""
    repeat("pulse", lambda: _pulse(name))


def repeat(name: str, duty: Callable[[], None], *, seconds: float = PULSE_SECONDS) -> None:
    """Does the duty again and again in a thread of this process, until `stop`."""
    _stop.clear()
    threading.Thread(target=_repeat, args=(name, duty, seconds), name=name, daemon=True).start()


def stop() -> None:
    _stop.set()


def stopping() -> bool:
    return _stop.is_set()


def any_alive() -> bool:
    """Whether a worker showed itself lately. One query."""
    return Worker.objects.filter(seen_at__gt=Now() - ALIVE).exists()


def _repeat(name: str, duty: Callable[[], None], seconds: float) -> None:
    while True:
        try:
            duty()
        except Exception as error:  # database or Redis away: the next time tries again
            log.warning("%s: %s", name, type(error).__name__)
            connection.close()
        if _stop.wait(seconds):
            break
    connection.close()


def _pulse(name: str) -> None:
    beat(name)
    bell.sweep()
    vocabularies.check_pending()
    deliveries.ring()
    copies.ring()
    shadows.ring()
    tapes.ring()


def beat(name: str) -> None:
    """Marks the worker as alive and says how it is, and forgets workers not seen for a day."""
    now = {
        "seen_at": Now(),
        "owner": OWNER,
        "model": work.loaded_model(),
        "memory": _resident(),
        "version": settings.VERSION,
    }
    Worker.objects.update_or_create(name=name, defaults=now)
    Worker.objects.filter(seen_at__lt=Now() - timedelta(days=1)).delete()


def _resident() -> int | None:
    """Bytes of memory that this process holds now; None where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")
