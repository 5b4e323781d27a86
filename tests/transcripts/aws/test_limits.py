"""How often a key may call: counted by the second in Redis, and nobody held up without it."""

from uuid import uuid4

import pytest
import redis

from transcripts.aws import limits
from transcripts.aws.errors import AwsError

LIST = "ListMedicalVocabularies"


@pytest.fixture(autouse=True)
def second(monkeypatch):
    """Time stands still, and no other rates are remembered."""
    limits.rates.cache_clear()
    monkeypatch.setattr(limits.time, "time", lambda: 1_000_000.5)
    yield
    limits.rates.cache_clear()


def refused(key: str, operation: str = LIST) -> bool:
    try:
        limits.check(key, operation)
    except AwsError as error:
        assert (error.code, error.status) == ("LimitExceededException", 429)
        return True
    return False


@pytest.fixture
def key() -> str:
    return uuid4().hex


def test_the_call_after_the_last_allowed_one_is_refused(key, monkeypatch):
    assert [refused(key) for _ in range(52)] == [False] * 50 + [True] * 2
    assert not refused(uuid4().hex)
    assert not refused(key, "ListMedicalTranscriptionJobs")
    monkeypatch.setattr(limits.time, "time", lambda: 1_000_001.0)
    assert not refused(key)


def test_the_operator_sets_other_limits(key, settings):
    settings.AWS_RATES = f"{LIST}=2, *=1"
    assert [refused(key) for _ in range(3)] == [False, False, True]
    assert [refused(key, "DeleteMedicalVocabulary") for _ in range(2)] == [False, True]


def test_without_redis_calls_are_served(key, monkeypatch):
    nowhere = redis.Redis.from_url("redis://127.0.0.1:1", socket_connect_timeout=1)
    monkeypatch.setattr(limits, "_redis", lambda: nowhere)
    assert not any(refused(key) for _ in range(60))
