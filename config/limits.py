"""Refuses bodies that are too large or too slow, before they hold memory, disk or a place."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]

FORM_BYTES = 1024**2  # what the fields of a form add to its file
GRACE_SECONDS = 60
BYTES_A_SECOND = 1024  # after that; the slowest telephone line carried four times as much
TOO_LARGE = {
    "error": "too_large",
    "message": "The file is larger than 2 GB.",
    "remedy": "Split the recording, or save it in a compressed format such as FLAC or MP3.",
}
TOO_SLOW = {
    "error": "too_slow",
    "message": "The connection was too slow, and the upload was given up.",
    "remedy": "Send it again from a better connection; nothing of it was kept.",
}


class BodyLimit:
    """Answers 413 to a declared length over `limit`, and 408 to a body that trickles.

    Hangs up on a body that grows over the limit.
    """

    def __init__(self, application: Application, limit: int) -> None:
        self.application = application
        self.limit = limit + FORM_BYTES

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > self.limit:
            return await _refuse(send, 413, TOO_LARGE)
        begun, read, whole = time.monotonic(), 0, False

        async def limited() -> dict[str, Any]:
            nonlocal read, whole
            if whole:
                return await receive()
            patience = begun + GRACE_SECONDS + read / BYTES_A_SECOND - time.monotonic()
            try:
                async with asyncio.timeout(patience):
                    message = await receive()
            except TimeoutError:
                await _refuse(send, 408, TOO_SLOW)
                return {"type": "http.disconnect"}
            whole = not message.get("more_body", False)
            read += len(message.get("body", b""))
            if read > self.limit:
                return {"type": "http.disconnect"}
            return message

        await self.application(scope, limited, send)


async def _refuse(send: Any, status: int, said: dict[str, str]) -> None:
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(said).encode()})
