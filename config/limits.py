"""Refuses bodies that are too large before anything is read or stored."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]

FORM_BYTES = 1024**2  # what the fields of a form add to its file
TOO_LARGE = {
    "error": "too_large",
    "message": "The file is larger than 2 GB.",
    "remedy": "Split the recording, or save it in a compressed format such as FLAC or MP3.",
}


class BodyLimit:
    """Answers 413 to a declared length over `limit`; hangs up on a body that grows over it."""

    def __init__(self, application: Application, limit: int) -> None:
        self.application = application
        self.limit = limit + FORM_BYTES

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > self.limit:
            return await self._refuse(send)
        read = 0

        async def limited() -> dict[str, Any]:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self.limit:
                return {"type": "http.disconnect"}
            return message

        await self.application(scope, limited, send)

    async def _refuse(self, send: Any) -> None:
        headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(TOO_LARGE).encode()})
