"""Sockets that end with the session, the role or the right behind them, without being spoken to."""

import asyncio
import logging
import random

from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.db import Error

log = logging.getLogger(__name__)

LOG_IN_AGAIN = 4401
NOT_FOUND = 4404
TRY_AGAIN = 1013
LOOKS = (20, 40)  # seconds between two looks; not all sockets of a restart at one moment


class Gone(Exception):
    """The person may not go on: the socket closes with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Watched(AsyncJsonWebsocketConsumer):
    """Asks `still_there` from time to time while it is open. Call `watch` once it is."""

    _watching: asyncio.Task[None] | None = None

    async def still_there(self) -> None:
        """Raises Gone where the person may not go on."""
        raise NotImplementedError

    def watch(self) -> None:
        self._watching = asyncio.create_task(self._watch())

    async def websocket_disconnect(self, message: dict[str, object]) -> None:
        if self._watching:
            self._watching.cancel()
        await super().websocket_disconnect(message)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(random.uniform(*LOOKS))
            try:
                await self.still_there()
            except Gone as gone:
                await self.close(gone.code)
                return
            except Error as error:  # the database is away: nothing is shown meanwhile either
                log.info("a socket could not be looked at (%s)", type(error).__name__)
