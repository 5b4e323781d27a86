"""Whose rows a piece of work may touch, as the database is told it: the net under every query.

PostgreSQL's policies let a role that does not own the tables see a practice's rows only while
`countersign.practice` names it (or says EVERYWHERE). Work of no person, in workers and commands,
says EVERYWHERE; what comes from outside begins as NOBODY (config.postgres.asgi) and says its
practice as soon as it knows it. No Django here: the database backend in config.postgres asks for
`scope` before each query.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

EVERYWHERE, NOBODY = "everywhere", "nobody"
SETTING = "countersign.practice"
_scope: ContextVar[str] = ContextVar("practice_scope", default=EVERYWHERE)


def scope() -> str:
    """EVERYWHERE, NOBODY or the id of a practice."""
    return _scope.get()


def narrow(practice: object) -> None:
    """From now on, in this request or socket, only this practice's rows."""
    _scope.set(str(practice))


@contextmanager
def within(practice: object) -> Iterator[None]:
    """While it lasts, only this practice's rows; EVERYWHERE and NOBODY are practices here too."""
    token = _scope.set(str(practice))
    try:
        yield
    finally:
        _scope.reset(token)
