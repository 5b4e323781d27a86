"""Reads whose SQL is written once: for what every request or every edit asks.

Django writes a query set's SQL anew each time, which for a read by key takes five times as long as
asking and taking the row. A read here is the query set that it always was, with names in place of
values; its rows are the same models or dicts, made by the same code.
"""

from collections.abc import Callable
from copy import copy
from functools import wraps
from inspect import signature
from types import SimpleNamespace
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Expression, QuerySet
from django.db.models.sql.compiler import SQLCompiler

Written = tuple[QuerySet, SQLCompiler, str, tuple[Any, ...], dict[int, Any]]


class Given(Expression):
    """Stands for a value that each call brings."""

    def __init__(self, name: str, sql: str = "%s") -> None:
        super().__init__()
        self.name, self.sql = name, sql

    def as_sql(self, compiler: object, connection: object) -> tuple[str, list[Any]]:
        return self.sql, [self]

    def each(self, of: str) -> "Given":
        """The values of a list, of an SQL type: `filter(pk__in=pks.each("uuid"))`."""
        return Given(self.name, f"(SELECT unnest(%s::{of}[]))")


def written_once(build: Callable[..., QuerySet]) -> Callable[..., list[Any]]:
    """Makes of a function that builds a query set one that answers the set's rows, in a list.

    `build` is called once with a Given for each of its parameters, and once more for each set of
    them that comes as None, which SQL compares differently. Values must be of the type that the
    database knows: ids, not models.
    """
    names = tuple(signature(build).parameters)
    written: dict[tuple[bool, ...], Written] = {}

    @wraps(build)
    def rows(*values: Any) -> list[Any]:
        nulls = tuple(value is None for value in values)
        if nulls not in written:
            given = zip(names, nulls, strict=True)
            written[nulls] = _write(build(*(None if null else Given(name) for name, null in given)))
        made, compiler, sql, params, converters = written[nulls]
        by_name = dict(zip(names, values, strict=True))
        asked = [by_name[each.name] if isinstance(each, Given) else each for each in params]
        compiler = copy(compiler)
        compiler.connection = connection
        compiler.as_sql = lambda: (sql, asked)
        compiler.get_converters = lambda _: converters
        query = SimpleNamespace(get_compiler=lambda using: compiler, selected=made.query.selected)
        asking = SimpleNamespace(query=query, db=DEFAULT_DB_ALIAS, _known_related_objects={})
        return list(made._iterable_class(asking))

    return rows


def _write(rows: QuerySet) -> Written:
    compiler = rows.query.get_compiler(connection=connection)
    sql, params = compiler.as_sql()
    converters = compiler.get_converters([column for column, *_ in compiler.select])
    compiler.connection = None  # each call brings its thread's
    return rows, compiler, sql, params, converters
