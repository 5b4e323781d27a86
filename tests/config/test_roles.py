"""The database role of web and workers: it does all of the work, and can't rewrite the log."""

import psycopg
import pytest

from config.demo import services
from tests.config.test_services import running

TABLES = ("review_auditevent", "review_auditcheckpoint", "review_auditkey")


def test_the_app_role_adds_to_the_log_and_changes_nothing_in_it(tmp_path):
    service = services.postgres(tmp_path, durable=False)
    with running(service):
        with psycopg.connect(service.url, autocommit=True) as owner:
            for table in (*TABLES, "others"):
                owner.execute(f"CREATE TABLE {table} (id serial PRIMARY KEY, a text)")
        url = services.app_url(tmp_path, service.url)
        assert services.app_url(tmp_path, service.url) == url, "it may be done again"
        with psycopg.connect(service.url, autocommit=True) as owner:
            owner.execute("CREATE TABLE later (id serial PRIMARY KEY, a text)")
        with psycopg.connect(url, autocommit=True) as app:
            for table in ("others", "later"):
                app.execute(f"INSERT INTO {table} (a) VALUES ('x')")
                app.execute(f"UPDATE {table} SET a = 'y'")
                app.execute(f"DELETE FROM {table}")
            for table in TABLES:
                app.execute(f"INSERT INTO {table} (a) VALUES ('x')")
                assert app.execute(f"SELECT a FROM {table}").fetchall() == [("x",)]
                for refused in (
                    f"UPDATE {table} SET a = 'y'",
                    f"DELETE FROM {table}",
                    f"TRUNCATE {table}",
                    f"ALTER TABLE {table} DISABLE TRIGGER ALL",
                    f"DROP TABLE {table}",
                    "CREATE TABLE mine (a text)",
                    "SET ROLE countersign",
                ):
                    with pytest.raises(psycopg.errors.InsufficientPrivilege):
                        app.execute(refused)
