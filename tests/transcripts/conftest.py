"""A stand-in for AWS that takes the jobs of a test's practice."""

from collections.abc import Iterator

import pytest

from tests.transcripts import standin
from tests.transcripts.remote import BUCKET
from tests.transcripts.standin import StandIn
from transcripts.actions import copies
from transcripts.engines import aws as engine


@pytest.fixture(scope="session")
def started() -> Iterator[StandIn]:
    with standin.running() as running:
        yield running


@pytest.fixture
def aws(started, settings, monkeypatch, cast) -> Iterator[StandIn]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", started.s3_url)
    settings.AWS_ENDPOINT = started.url
    settings.ENGINE = "aws"
    copies._last.clear()
    engine.client.cache_clear()
    started.clear()
    started.s3.create_bucket(Bucket=BUCKET)
    yield started
    engine.client.cache_clear()
