"""Where benches measure: the same PostgreSQL and Redis, and for each a database of its own."""

import os
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis
from django.core.management import call_command
from django.db import connections


def tables() -> None:
    """The application's tables, in the database of this process; nothing to do where they are."""
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)


def prepared() -> dict[str, str]:
    """The environment of a bench: a new database with the tables, and an empty Redis.

    For a process that started the servers (tests.services) and made the tables in its database.
    """
    connections.close_all()  # a database that is in use is not copied
    name, parts = "bench", urlsplit(os.environ["DATABASE_URL"])
    with psycopg.connect(os.environ["DATABASE_URL"], dbname="postgres", autocommit=True) as made:
        made.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        made.execute(f'CREATE DATABASE "{name}" TEMPLATE "{parts.path.strip("/")}"')
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as emptied:
        emptied.flushall()
    return {"DATABASE_URL": urlunsplit(parts._replace(path=f"/{name}"))}
