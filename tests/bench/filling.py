"""Fills tables with copies of rows that the application made: in SQL, a table at a time."""

import time

from django.db import connection

FOREIGN = """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)"""


def free(tables: list[str]) -> list[str]:
    """Neither triggers nor foreign keys, which look at each row by itself: copies may refer to rows
    that are made later. Answers the commands that bind the tables again."""
    back = []
    with connection.cursor() as cursor:
        cursor.execute(FOREIGN, [tables])
        for table, name, definition in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}" CASCADE')
            back.append(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            back.append(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    return back


def copies(
    table: str, count: int, changes: str, source: str = "true", given: str = "", each: str = "1"
) -> None:
    """Copies of one row of the table; `changes` is what differs, as SQL for jsonb_build_object.

    In it `n` is the copy's number from 1, and `m` counts where `each` asks for several of a number;
    `given` are columns of a SELECT that changes may name.
    """
    begun = time.perf_counter()
    with connection.cursor() as cursor:
        # The record is a table of the query: written (function()).*, it is made once a column.
        cursor.execute(
            f"INSERT INTO {table} SELECT made.*"
            f" FROM (SELECT row AS base FROM {table} row WHERE {source} LIMIT 1) one,"
            f" (SELECT {given}) AS given, generate_series(1, {count}) AS n,"
            f" generate_series(1, {each}) AS m,"
            f" jsonb_populate_record(base, jsonb_build_object({changes})) AS made"
        )
    print(f"{table}: {count:,} rows in {time.perf_counter() - begun:.0f} s", flush=True)
