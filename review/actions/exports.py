"""Files made in the background: asked for, made by a worker thread, fetched, cancelled, expired.

A kind of export is registered by the app that knows how to make it (`add`). Its maker writes the
file and says how far it is; saying so also keeps the lease and notices a cancellation.
"""

import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from review.enums import Action, ExportState
from review.models import Export
from review.permissions import Permission, refusal
from review.policies import Refused
from transcripts import events, media, workers
from transcripts.models import Membership, Practice, User

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
KEPT = timedelta(days=1)
MOST_ATTEMPTS = 3
MOST_UNFINISHED = 5  # of one person
SAY_SECONDS = 0.5
UNFINISHED = (ExportState.WAITING, ExportState.RUNNING)

Progress = Callable[[int, int], None]
Maker = Callable[[Export, BinaryIO, Progress], dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of export is made and called, and who gets it.

    `file_name` and `label` hold no patient data. `shared` ones are for everybody in the practice
    who has the permission, others for the one who asked.
    """

    label: str
    make: Maker
    permission: Permission
    file_name: Callable[[Export], str]
    content_type: str
    shared: bool = False
    # What else is recorded when the file leaves; it may refuse that with Refused.
    released: Callable[[Export, User], None] | None = None


KINDS: dict[str, Kind] = {}


class Stopped(Exception):
    """The export was cancelled, or another process has taken it over."""


def add(name: str, kind: Kind) -> None:
    """Registers a kind of export."""
    KINDS[name] = kind


@transaction.atomic
def request(
    *,
    kind: str,
    practice: Practice,
    by: User | None,
    parameters: dict[str, Any] | None = None,
    kept: timedelta | None = KEPT,
) -> Export:
    """A new export, which a worker takes up within about a second. `kept` None: until removed.

    The caller has checked the permission. Refused when the person has too many unfinished ones.
    """
    if kind not in KINDS:
        raise ValueError("no such kind of export")
    mine = Export.objects.filter(practice=practice, requested_by=by, state__in=UNFINISHED)
    if by and mine.count() >= MOST_UNFINISHED:
        raise Refused(f"{MOST_UNFINISHED} of your files are still being made. Wait for one first.")
    export = Export.objects.create(
        practice=practice,
        requested_by=by,
        kind=kind,
        parameters=parameters or {},
        expires_at=None if kept is None else Now() + kept,
    )
    _report(export, Action.EXPORT_REQUESTED, by)
    export.refresh_from_db()
    return export


@transaction.atomic
def cancel(*, export: Export, by: User) -> None:
    """Ends one that is not finished. Refused otherwise."""
    rows = Export.objects.filter(pk=export.pk, state__in=UNFINISHED)
    if not rows.update(state=ExportState.CANCELLED, ended_at=Now(), lease_until=None):
        raise Refused("This file is finished already.")
    _report(export, Action.EXPORT_CANCELLED, by)


def visible(member: Membership | None) -> Q:
    """Which exports of the practice the member sees."""
    allowed = [name for name, kind in KINDS.items() if refusal(member, kind.permission) is None]
    shared = [name for name in allowed if KINDS[name].shared]
    return Q(kind__in=shared) | Q(kind__in=allowed, requested_by=member and member.user_id)


@transaction.atomic
def fetched(*, export: Export, by: User) -> None:
    """Records that the file is being downloaded; call it before the first byte is sent. Refused."""
    if released := KINDS[export.kind].released:
        released(export, by)
    _report(export, Action.EXPORT_DOWNLOADED, by, sha256=export.sha256)


def make_due() -> None:
    """Makes what waits; the duty of a thread in each worker process."""
    while not workers.stopping() and sweep():
        pass


def sweep() -> bool:
    """Makes the export that has waited longest; False when none waits. Never raises for it."""
    export = _claim()
    if export is None:
        return False
    try:
        _make(export)
    except Stopped:
        pass
    except Exception as error:
        # Only the kind: the message may hold what was being written.
        log.error("export %s: %s", export.pk, type(error).__name__)
        connection.close_if_unusable_or_obsolete()
        _fail(export, type(error).__name__[:60])
    return True


def expire() -> dict[str, int]:
    """Removes files whose time is over; a duty."""
    gone = 0
    for export in Export.objects.filter(state=ExportState.READY, expires_at__lt=Now()):
        with transaction.atomic():
            rows = Export.objects.filter(pk=export.pk, state=ExportState.READY)
            if rows.update(state=ExportState.EXPIRED, key=""):
                _report(export, Action.EXPORT_EXPIRED, None)
                transaction.on_commit(lambda key=export.key: media.delete(key))
                gone += 1
    return {"removed": gone}


def _claim() -> Export | None:
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    with transaction.atomic():
        rows = Export.objects.filter(free, state__in=UNFINISHED, kind__in=KINDS)
        export = rows.order_by("created_at").select_for_update(skip_locked=True).first()
        if export is None:
            return None
        export.attempts, export.token = export.attempts + 1, export.token + 1
        Export.objects.filter(pk=export.pk).update(
            state=ExportState.RUNNING,
            attempts=export.attempts,
            token=export.token,
            lease_until=Now() + LEASE,
            done=0,
        )
    if export.attempts > MOST_ATTEMPTS:
        _fail(export, "gave_up")
        return None
    return export


def _make(export: Export) -> None:
    with media.workspace() as folder:
        path = folder / "export"
        with path.open("wb") as file:
            found = KINDS[export.kind].make(export, file, _progress(export)) or {}
        digest, size = _sha256(path), path.stat().st_size
        _say(export, {})
        key = media.store(f"{media.new_folder(export.practice_id)}/export", path)
    try:
        with transaction.atomic():
            rows = _own(export)
            if not rows.update(
                state=ExportState.READY,
                key=key,
                size=size,
                sha256=digest,
                found=found,
                ended_at=Now(),
                lease_until=None,
            ):
                raise Stopped
            _report(export, Action.EXPORT_COMPLETED, None, sha256=digest, size=size)
    except BaseException:
        media.delete(key)
        raise


def _own(export: Export) -> Any:
    return Export.objects.filter(pk=export.pk, token=export.token, state=ExportState.RUNNING)


def _progress(export: Export) -> Progress:
    said = 0.0

    def say(done: int, total: int) -> None:
        nonlocal said
        if time.monotonic() - said >= SAY_SECONDS:
            said = time.monotonic()
            _say(export, {"done": done, "total": total})

    return say


def _say(export: Export, values: dict[str, int]) -> None:
    if not _own(export).update(lease_until=Now() + LEASE, **values):
        raise Stopped


def _fail(export: Export, error: str) -> None:
    with transaction.atomic():
        if export.attempts < MOST_ATTEMPTS and error != "gave_up":
            _own(export).update(lease_until=Now() + export.attempts * timedelta(seconds=5))
        elif _own(export).update(
            state=ExportState.FAILED, error=error, ended_at=Now(), lease_until=None
        ):
            _report(export, Action.EXPORT_FAILED, None, outcome="failure", error=error)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _report(
    export: Export, action: Action, by: User | None, outcome: str = "success", **detail: Any
) -> None:
    events.emit(
        events.Event(
            action=action,
            practice_id=export.practice_id,
            by=by,
            object_type="Export",
            object_id=export.pk,
            outcome=outcome,
            detail={"kind": export.kind, **detail},
        )
    )
