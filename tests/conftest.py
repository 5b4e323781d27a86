"""Starts the servers and Django before anything imports a model, and gives tests their people."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests import services

services.start_django()

from django.core.cache import cache  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client, TransactionTestCase  # noqa: E402

from tests.cast import Cast, make_cast  # noqa: E402

if TYPE_CHECKING:
    from review.models import Review
    from transcripts.models import Membership

APPEND_ONLY = ("review_auditevent", "review_auditcheckpoint", "review_auditkey")
_empty_the_tables = TransactionTestCase._fixture_teardown


def _empty_the_audit_log_too(case: TransactionTestCase) -> None:
    """After a test with real commits: the log refuses TRUNCATE to everyone, its owner included.

    The cache's table is no model's; its counts of log-ins would hold up the next test's.
    """
    cache.clear()
    with connection.cursor() as cursor:
        for table in APPEND_ONLY:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER review_audit_no_truncate")
    try:
        _empty_the_tables(case)
    finally:
        with connection.cursor() as cursor:
            for table in APPEND_ONLY:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER review_audit_no_truncate")


TransactionTestCase._fixture_teardown = _empty_the_audit_log_too


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


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
