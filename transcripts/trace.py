"""Which request and which job the running code serves, for log lines. Ids only."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

HEADER = "countersign_request"
_bound: ContextVar[dict[str, str]] = ContextVar("trace", default={})  # noqa: B039  never changed


def bound() -> dict[str, str]:
    """What is known here: "request", "job", or neither."""
    return dict(_bound.get())


@contextmanager
def about(**ids: object) -> Iterator[None]:
    """Log lines written inside carry these ids."""
    token = _bound.set(_bound.get() | {name: str(value) for name, value in ids.items()})
    try:
        yield
    finally:
        _bound.reset(token)


def begin(**ids: object) -> None:
    """The same for all that follows in this task of the loop, or in this worker until the next."""
    _bound.set({name: str(value) for name, value in ids.items()})
