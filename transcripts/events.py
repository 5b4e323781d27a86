"""What happened, told inside the transaction that did it. Nothing here knows who listens.

The review app registers the audit recorder; without one nothing can happen, since an act that can't
be recorded must not take place.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection, transaction

from transcripts.models import Recording, User


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One act. `detail` holds ids, numbers and codes only, never a patient's data."""

    action: str
    practice_id: UUID | None
    by: User | None = None
    object_type: str = ""
    object_id: UUID | None = None
    patient_id: UUID | None = None
    outcome: str = "success"
    detail: dict[str, Any] = field(default_factory=dict)


Listener = Callable[[Event], None]
_recorder: list[Listener] = []
_listeners: dict[str, list[Listener]] = {}
_grants: ContextVar[dict[UUID, UUID]] = ContextVar("emergency_grants", default={})  # noqa: B039


class NotRecorded(DatabaseError):
    """The audit row can't be written, so the act must not take place."""


class NoRecorder(RuntimeError):
    """No audit recorder is registered, so nothing may happen."""


@contextmanager
def flagged(grants: dict[UUID, UUID]) -> Iterator[None]:
    """While it lasts, acts upon these patients carry the emergency access that allowed them."""
    token = _grants.set(grants)
    try:
        yield
    finally:
        _grants.reset(token)


def register_recorder(recorder: Listener) -> None:
    _recorder[:] = [recorder]


def on(action: str, listener: Listener) -> None:
    """Calls `listener` in the same transaction whenever `action` happens."""
    listeners = _listeners.setdefault(action, [])
    if listener not in listeners:
        listeners.append(listener)


def emit(event: Event) -> None:
    """Tells the listeners, then the audit recorder (last: it holds the practice's chain locked)."""
    if not _recorder:
        raise NoRecorder("No audit recorder is registered.")
    grant = _grants.get().get(event.patient_id) if event.patient_id else None
    if grant:
        event = replace(event, detail=event.detail | {"emergency": str(grant)})
    listeners = _listeners.get(event.action, [])
    if not listeners and not connection.in_atomic_block:
        return _recorder[0](event)  # one statement, so that the chain is locked for no round trip
    with transaction.atomic(savepoint=False):  # nobody may catch what fails here and go on
        for listener in listeners:
            listener(event)
        _recorder[0](event)


def about(recording: Recording, action: str, by: User | None = None, **detail: Any) -> None:
    """Emits a successful act upon a recording."""
    emit(
        Event(
            action=action,
            practice_id=recording.practice_id,
            by=by,
            object_type="Recording",
            object_id=recording.pk,
            patient_id=recording.patient_id,
            detail=detail,
        )
    )


def seen(action: str, *, practice_id: UUID, by: User, object_type: str, **detail: Any) -> None:
    """Emits a successful look at something of a practice that is no single row."""
    emit(
        Event(
            action=action,
            practice_id=practice_id,
            by=by,
            object_type=object_type,
            detail=detail,
        )
    )
