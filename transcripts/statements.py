"""Statements whose SQL is written once: for what every request or every edit asks and saves.

Django writes a query set's SQL anew each time, which for a read by key takes five times as long as
asking and taking the row, and PostgreSQL plans it anew, which for a long one takes longer than to
run it. A read here is the query set that it always was, with names in place of values, and prepared
in each connection; its rows are the same models or dicts, made by the same code.
"""

from collections.abc import Callable, Sequence
from copy import copy
from functools import cache, wraps
from inspect import signature
from types import SimpleNamespace
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.query import RawQuerySet
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.query import RawQuery
from psycopg.sql import Literal

Found = TypeVar("Found", bound=Model)
Written = tuple[QuerySet, SQLCompiler, str, list[int], dict[int, Any]]


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

    def array(self, of: str) -> "Given":
        """The list itself, of an SQL type."""
        return Given(self.name, f"%s::{of}[]")


def written_once(
    build: Callable[..., QuerySet], names: tuple[str, ...] = (), *, prepared: bool = True
) -> Callable[..., list[Any]]:
    """Makes of a function that builds a query set one that answers the set's rows, in a list.

    `build` is called once with a Given for each of its parameters, and once more for each set of
    them that comes as None, which SQL compares differently. Values must be of the type that the
    database knows: ids, not models. `names` are those of the parameters where it has none. What is
    not `prepared` is planned for its values each time.
    """
    names = names or tuple(signature(build).parameters)
    written: dict[tuple[bool, ...], Written] = {}

    @wraps(build)
    def rows(*values: Any) -> list[Any]:
        nulls = tuple(value is None for value in values)
        if nulls not in written:
            given = zip(names, nulls, strict=True)
            made = build(*(None if null else Given(name) for name, null in given))
            written[nulls] = _write(made, names)
        made, compiler, sql, places, converters = written[nulls]
        compiler = copy(compiler)
        compiler.connection = connection
        with connection.prepared_cursor() if prepared else connection.cursor() as cursor:
            cursor.execute(sql, [values[place] for place in places])
            found = cursor.fetchall()
        compiler.execute_sql = lambda *_, **__: [found]
        compiler.get_converters = lambda _: converters
        query = SimpleNamespace(get_compiler=lambda using: compiler, selected=made.query.selected)
        asking = SimpleNamespace(query=query, db=DEFAULT_DB_ALIAS, _known_related_objects={})
        return list(made._iterable_class(asking))

    return rows


def _write(rows: QuerySet, names: tuple[str, ...]) -> Written:
    """What never changes stands in the SQL itself, where a partial index is known by it."""
    connection.ensure_connection()
    compiler = rows.query.get_compiler(connection=connection)
    sql, params = compiler.as_sql()
    fixed = ("%s" if isinstance(each, Given) else _literal(each) for each in params)
    sql = sql.replace("%%", "%%%%") % tuple(fixed)  # psycopg reads a sign as two still
    places = [names.index(each.name) for each in params if isinstance(each, Given)]
    converters = compiler.get_converters([column for column, *_ in compiler.select])
    compiler.connection = None  # each call brings its thread's
    return rows, compiler, sql, places, converters


def _literal(value: object) -> str:
    return Literal(value).as_string(connection.connection).replace("%", "%%")


def of_model(model: type[Found], sql: str, values: Sequence[object]) -> list[Found]:
    """Rows of a model by SQL of a fixed text; what else it selects becomes attributes of theirs."""
    query = _Prepared(sql, DEFAULT_DB_ALIAS, tuple(values))
    return list(RawQuerySet(sql, model=model, query=query))


class _Prepared(RawQuery):
    def _execute_query(self) -> None:
        self.cursor = connection.prepared_cursor()
        self.cursor.execute(self.sql, self.params)


def save(row: Model, *names: str) -> None:
    """As `row.save(update_fields=names)` for a row that is there; it tells no signals."""
    sql, fields = _update(type(row), names)
    _run(sql, [(field, getattr(row, field.attname)) for field in (*fields, row._meta.pk)])


def add(row: Model) -> None:
    """As `row.save(force_insert=True)`; it tells no signals."""
    sql, fields = _insert(type(row))
    _run(sql, [(field, field.pre_save(row, add=True)) for field in fields])
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


@cache
def _update(model: type[Model], names: tuple[str, ...]) -> tuple[str, tuple[Field, ...]]:
    meta = model._meta
    fields = tuple(meta.get_field(name) for name in names)
    put = ", ".join(f'"{field.column}" = {_place(field)}' for field in fields)
    return f'UPDATE "{meta.db_table}" SET {put} WHERE "{meta.pk.column}" = %s', fields


@cache
def _insert(model: type[Model]) -> tuple[str, tuple[Field, ...]]:
    fields = tuple(model._meta.concrete_fields)
    columns = ", ".join(f'"{field.column}"' for field in fields)
    values = ", ".join(_place(field) for field in fields)
    return f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({values})', fields


def _place(field: Field) -> str:
    """Arrays say of what they are, which an empty one does not tell."""
    given = getattr(field, "get_placeholder", None)
    return given(None, None, connection) if given else "%s"


def _run(sql: str, given: list[tuple[Field, Any]]) -> None:
    values = [field.get_db_prep_save(value, connection) for field, value in given]
    with connection.prepared_cursor() as cursor:
        cursor.execute(sql, values)
