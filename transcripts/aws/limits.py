"""How often a key may call an operation. Counted in Redis; without Redis nobody is held up."""

import logging
import time
from functools import cache

import redis
from django.conf import settings

from transcripts.aws.errors import limit_exceeded

log = logging.getLogger(__name__)

# Calls a second for one key; COUNTERSIGN_AWS_RATES changes them. AWS's own: Start 25, Get 30, List
# and Delete 5.
RATES = {
    "StartMedicalTranscriptionJob": 100,
    "GetMedicalTranscriptionJob": 400,
    "*": 50,
}


@cache
def rates() -> dict[str, int]:
    """The limits in force: the defaults, then `Operation=number,...` of the settings."""
    chosen = dict(RATES)
    for part in filter(None, getattr(settings, "AWS_RATES", "").split(",")):
        operation, _, number = part.partition("=")
        chosen[operation.strip()] = int(number)
    return chosen


def check(key_id: object, operation: str) -> None:
    """LimitExceededException once the key called the operation too often within this second."""
    allowed = rates().get(operation, rates()["*"])
    if _count(f"{operation}:{key_id}:{int(time.time())}", seconds=2) > allowed:
        raise limit_exceeded(
            "You have either sent too many requests or your input file is too long. "
            "Wait before you resend your request."
        )


def count_second(what: str) -> int:
    """How often this was counted within this second, this time included."""
    return _count(f"{what}:{int(time.time())}", seconds=2)


def first_this_minute(what: str) -> bool:
    return _count(f"{what}:{int(time.time()) // 60}", seconds=60) <= 1


@cache
def _redis() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)


def _count(name: str, *, seconds: int) -> int:
    try:
        key = f"countersign:aws:{name}"
        count = int(_redis().incr(key))
        if count == 1:
            _redis().expire(key, seconds)
        return count
    except redis.RedisError as error:
        log.warning("calls are not counted (%s)", type(error).__name__)
        return 0
