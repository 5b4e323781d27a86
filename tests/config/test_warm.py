"""Live speech gets ready by itself, once, and its failing to keeps no page from anyone."""

import asyncio

from config.warm import Warm
from transcripts import streaming
from transcripts.engines.base import EngineError
from transcripts.engines.streaming import Streams


async def call(application):
    async def nothing(*_):
        return {}

    await application({"type": "http"}, nothing, nothing)
    await asyncio.sleep(0.05)


async def answer(scope, receive, send):
    """An application that answers nothing."""


async def test_the_pool_is_started_once_after_the_first_request(monkeypatch):
    started = []

    async def start(self):
        started.append(self)

    monkeypatch.setattr(Streams, "start", start)
    application = Warm(answer, seconds=0)
    await call(application)
    await call(application)
    assert started == [streaming.streams()]


async def test_an_engine_that_does_not_start_keeps_no_page_from_anyone(monkeypatch):
    async def start(self):
        raise EngineError("The speech model is incomplete.")

    monkeypatch.setattr(Streams, "start", start)
    application = Warm(answer, seconds=0)
    await call(application)
    assert application._started.exception() is None
