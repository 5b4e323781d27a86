"""Fills tables with copies of rows that the application made: in SQL, a table at a time."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection

FOREIGN = """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)"""
INDEXES = """SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE NOT indisunique AND indrelid::regclass::text = ANY(%s)"""


@contextmanager
def bare(tables: Sequence[str], *, dangling: bool = False) -> Iterator[None]:
    """Tables without triggers, foreign keys and plain indexes, which cost most of the time.

    All are there again afterwards, and the planner knows the tables; but no foreign keys where
    copies leave some `dangling`.
    """
    back = []
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET maintenance_work_mem = '512MB'")
        cursor.execute(INDEXES, [list(tables)])
        for name, definition in cursor.fetchall():
            cursor.execute(f"DROP INDEX {name}")
            back.append(definition)
        cursor.execute(FOREIGN, [list(tables)])
        for table, name, definition in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}" CASCADE')
            if not dangling:
                back.append(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            back.append(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        yield
        begun = time.perf_counter()
        for command in (*back, "VACUUM ANALYZE", "RESET statement_timeout"):
            cursor.execute(command)
    print(f"indexed and analyzed in {time.perf_counter() - begun:.0f} s", flush=True)


def copies(
    table: str, count: int, *, where: str = "true", given: str = "", each: str = "1", **changes: str
) -> None:
    """Copies of one row of the table; `changes` is what differs in them, as SQL by column.

    In it `n` is the copy's number from 1, and `m` counts where `each` asks for several of a number;
    where `where` is not true of n, there is no copy. `given` are columns of a SELECT that changes
    may name.
    """
    begun = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} LIMIT 0")
        names = [column.name for column in cursor.description]
        values = ", ".join(changes.get(name, f'base."{name}"') for name in names)
        cursor.execute(
            f"INSERT INTO {table} SELECT {values}"
            f" FROM (SELECT * FROM {table} LIMIT 1) AS base, (SELECT {given}) AS given,"
            f" generate_series(1, {count}) AS n, generate_series(1, {each}) AS m WHERE {where}"
        )
    print(f"{table}: {count:,} rows in {time.perf_counter() - begun:.0f} s", flush=True)
