"""What processes left behind that were killed: private copies, unfinished uploads, half objects."""

import fcntl
import os
import shutil
import time
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone

from transcripts import media
from transcripts.enums import StreamState
from transcripts.keyring import OWN
from transcripts.models import DataKey, LiveStream, Practice, Recording, StreamAudio, StreamResult
from transcripts.storage import PARTIAL

UPLOAD_SECONDS = 6 * 3600  # without a byte: whoever was sending it is gone
YOUNG_SECONDS = 60  # a folder that is just being made and locked
ORPHANED = timedelta(days=1)


def sweep() -> dict[str, int]:
    """All of it; how many of each were found."""
    return {
        "copies": sweep_copies(),
        "halves": sweep_halves(),
        "orphans": sum(map(sweep_orphans, Practice.objects.all())),
        "lines": sweep_lines(),
    }


def sweep_copies() -> int:
    """Removes plain copies in the temporary folder that nobody holds any more."""
    gone = 0
    for path in settings.FILE_UPLOAD_TEMP_DIR.iterdir():
        with suppress(FileNotFoundError):
            age = time.time() - path.stat().st_mtime
            if path.is_dir():
                gone += age > YOUNG_SECONDS and _abandoned(path)
            elif age > UPLOAD_SECONDS:
                path.unlink()
                gone += 1
    return gone


def _abandoned(folder: Path) -> bool:
    """Removes the folder unless a living process holds its lock (see media.workspace)."""
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True


def sweep_halves() -> int:
    """Removes objects of a folder storage that were never finished."""
    gone, root = 0, getattr(default_storage, "location", None)
    if hasattr(default_storage, "bucket") or root is None:
        return 0
    for folder, _, names in os.walk(root):
        for name in names:
            path = Path(folder, name)
            if name.endswith(PARTIAL) and time.time() - path.stat().st_mtime > UPLOAD_SECONDS:
                path.unlink(missing_ok=True)
                gone += 1
    return gone


def sweep_orphans(practice: Practice) -> int:
    """Removes stored audio that never became a recording, after a day, and keys of nothing."""
    parent, gone = f"{OWN}/{practice.pk}", 0
    known = {
        key.rpartition("/")[0]
        for key in Recording.objects.filter(practice=practice).values_list("media", flat=True)
    }
    folders: list[str] = []
    with suppress(FileNotFoundError):
        folders = default_storage.listdir(parent)[0]
    before = timezone.now() - ORPHANED
    for folder in (f"{parent}/{name}" for name in folders):
        if folder not in known and _came_to_nothing(folder, before):
            media.discard(folder)
            gone += 1
    there = {f"{parent}/{name}" for name in folders} | known
    keys = DataKey.objects.filter(practice=practice, created_at__lt=before)
    keys.exclude(folder__in=there).delete()
    return gone


def _came_to_nothing(folder: str, before: datetime) -> bool:
    """Whether an upload was left there, or an export's file is gone; not whether one is there."""
    if default_storage.exists(f"{folder}/media"):
        return default_storage.get_modified_time(f"{folder}/media") < before
    old = DataKey.objects.filter(folder=folder, created_at__lt=before).exists()
    return old and next(media.objects(folder), None) is None


def sweep_lines() -> int:
    """Deletes what was heard in live streams that became nothing; how many lines that were."""
    ended = LiveStream.objects.filter(
        recording=None, state__in=(StreamState.FINISHED, StreamState.DISCARDED)
    )
    StreamAudio.objects.filter(stream__in=ended).delete()
    ended.exclude(corrections={}).update(corrections={})
    return StreamResult.objects.filter(stream__in=ended).delete()[0]
