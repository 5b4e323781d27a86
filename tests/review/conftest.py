"""A review made of rows, for tests that are not about taking audio in."""

import pytest

from review.models import Review
from tests import rows
from tests.cast import Cast


@pytest.fixture
def review(cast: Cast) -> Review:
    return rows.review(cast)
