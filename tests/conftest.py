"""Starts the servers and Django before anything imports a model, and gives tests their people."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests import services

services.start_django()

from django.apps import apps  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client, TransactionTestCase  # noqa: E402

from tests.cast import Cast, make_cast  # noqa: E402

if TYPE_CHECKING:
    from review.models import Review
    from transcripts.models import Membership

# What Django puts there at migration stays.
KEPT = {"auth_permission", "django_content_type"}
TABLES = {model._meta.db_table for model in apps.get_models(include_auto_created=True)} - KEPT
FULL = " UNION ALL ".join(
    f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in sorted(TABLES)
)


def _empty_the_tables(case: TransactionTestCase) -> None:
    """After a test with real commits: DELETE takes an eighth of what TRUNCATE of all tables takes.

    Keys are checked at the end of each statement's transaction, so no order matters. The cache's
    table is no model's; its counts of log-ins would hold up the next test's.
    """
    cache.clear()
    with connection.cursor() as cursor:
        cursor.execute(FULL)
        full = [table for (table,) in cursor.fetchall()]
        for statement in (
            "ALTER TABLE {} DISABLE TRIGGER USER;",
            "DELETE FROM {};",
            "ALTER TABLE {} ENABLE TRIGGER USER;",
        ):
            cursor.execute("".join(statement.format(table) for table in full) or "SELECT 1")


TransactionTestCase._fixture_teardown = _empty_the_tables


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture(scope="module")
def kept_rows(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """What a module's fixtures make from here on stays until its last test; each test's own
    transaction is a savepoint in this one. Not for tests with real commits.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def review(cast: Cast) -> "Review":
    from tests.factories import reviewable

    return reviewable(cast)


@pytest.fixture
def as_() -> Callable[["Membership"], Client]:
    """A browser in which the person is logged in."""

    def log_in(member: "Membership") -> Client:
        browser = Client(HTTP_ACCEPT="text/html")
        browser.force_login(member.user)
        return browser

    return log_in


@pytest.fixture
def folder_storage(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Objects lie in a folder, sealed, also where the run as a whole stores into S3."""
    folder = tmp_path_factory.mktemp("storage")
    options = {
        "location": str(folder),
        "file_permissions_mode": 0o600,
        "directory_permissions_mode": 0o700,
    }
    sealed = {"BACKEND": "transcripts.storage.SealedStorage", "OPTIONS": options}
    settings.STORAGE = str(folder)
    settings.STORAGES = settings.STORAGES | {"default": sealed}
