"""Starts the servers and Django before anything imports a model, and gives tests their people."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from tests import services

services.start_django()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from tests.cast import Cast, make_cast  # noqa: E402

if TYPE_CHECKING:
    from review.models import Review
    from transcripts.models import Membership


@pytest.fixture(autouse=True)
def _truncatable_audit_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """Lets a transactional test's clean-up empty the audit log, which refuses it to everyone else."""
    if "transactional_db" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE review_auditevent DISABLE TRIGGER review_audit_no_truncate")
    request.addfinalizer(lambda: None)


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def review(cast: Cast) -> "Review":
    from tests.factories import reviewable

    return reviewable(cast)


@pytest.fixture
def as_(client: Client) -> Callable[["Membership"], Client]:
    """A browser in which the person is logged in."""

    def log_in(member: "Membership") -> Client:
        browser = Client(HTTP_ACCEPT="text/html")
        browser.force_login(member.user)
        return browser

    return log_in
