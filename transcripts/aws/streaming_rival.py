"""Two streams of one session: the older one hears of the newer, in whatever process it runs.

The database decides which streams are open; this only tells at once. While Redis is away the older
stream finds out by itself within seconds (Session._watch).
"""

import asyncio
import logging
from uuid import UUID

from channels.layers import get_channel_layer

from transcripts.aws.errors import conflict
from transcripts.aws.streaming_rows import TAKEN_OVER

log = logging.getLogger(__name__)

SECONDS = 3


class Rivals:
    """The streams of one session of one practice."""

    def __init__(self, practice_id: UUID, session_id: str) -> None:
        self._group = f"aws-stream-{practice_id}-{session_id.lower()}"
        self._layer = get_channel_layer()
        self._channel = ""
        self._own = ""

    async def join(self) -> None:
        """From here on newer streams are heard of."""
        try:
            async with asyncio.timeout(SECONDS):
                channel = await self._layer.new_channel()
                await self._layer.group_add(self._group, channel)
                self._channel = channel
        except Exception as error:
            log.warning("streams of the same session are not heard (%s)", type(error).__name__)

    async def tell(self, stream_id: UUID) -> None:
        """Tells the older ones of this one."""
        self._own = str(stream_id)
        try:
            async with asyncio.timeout(SECONDS):
                message = {"type": "stream.newer", "stream": self._own}
                await self._layer.group_send(self._group, message)
        except Exception as error:
            log.warning("streams of the same session are not told (%s)", type(error).__name__)

    async def newer(self) -> None:
        """Waits for a newer stream, then raises ConflictException. Ids rise with time."""
        if not self._channel:
            return
        try:
            while (await self._layer.receive(self._channel))["stream"] <= self._own:
                pass
        except Exception as error:
            log.warning("streams of the same session are not heard (%s)", type(error).__name__)
            return
        raise conflict(TAKEN_OVER)

    async def leave(self) -> None:
        if not self._channel:
            return
        try:
            async with asyncio.timeout(SECONDS):
                await self._layer.group_discard(self._group, self._channel)
        except Exception as error:
            log.warning("a stream's group was not left (%s)", type(error).__name__)
