"""The long pages over the wire: compressed in what the browser takes, their length no tell-tale."""

import gzip

import brotli
import pytest
from django.test import Client

from tests import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def state(cast):
    """Asks for a review's text with this Accept-Encoding."""
    review = rows.review(cast)
    browser = Client(HTTP_ACCEPT="application/json")
    browser.force_login(cast.editor.user)
    return lambda taken: browser.get(
        f"/recordings/{review.recording_id}/state", HTTP_ACCEPT_ENCODING=taken
    )


def test_brotli_where_it_is_taken_else_gzip_else_nothing(state):
    plain = state("identity")
    assert "Content-Encoding" not in plain
    short, zipped = state("gzip, br"), state("gzip")
    assert (short["Content-Encoding"], zipped["Content-Encoding"]) == ("br", "gzip")
    assert "Accept-Encoding" in short["Vary"] and "Accept-Encoding" in zipped["Vary"]
    assert brotli.decompress(short.content).rstrip() == plain.content
    assert gzip.decompress(zipped.content) == plain.content
    assert int(short["Content-Length"]) == len(short.content)


def test_the_length_of_the_same_text_differs_each_time(state):
    assert len({len(state("br").content) for _ in range(12)}) > 3
