"""Gets live speech ready after the first request, so that nobody waits for it who begins to speak.

At start-up itself it would hold up the first page; and only once the models are loaded is it known
how many streams this machine bears.
"""

import asyncio
import logging
from typing import Any

from config.limits import Application
from transcripts import streaming
from transcripts.engines.base import EngineError

log = logging.getLogger(__name__)

SECONDS = 5


class Warm:
    """Starts the pool of live streams of this process, once, some seconds after its first call."""

    def __init__(self, application: Application, seconds: float = SECONDS) -> None:
        self.application, self.seconds = application, seconds
        self._started: asyncio.Task[None] | None = None

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self._started = self._started or asyncio.create_task(self._start())
        await self.application(scope, receive, send)

    async def _start(self) -> None:
        await asyncio.sleep(self.seconds)
        try:
            await streaming.streams().start()
        except (EngineError, OSError, TimeoutError) as error:  # told again to who opens a stream
            log.warning("live speech is not ready (%s)", type(error).__name__)
