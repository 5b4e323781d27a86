"""A browser's end of a WebSocket, speaking ASGI to the whole application. No server is needed."""

import json
from typing import Any

from asgiref.testing import ApplicationCommunicator
from django.test import Client

from config.asgi import application
from transcripts.models import Membership

HOST = "testserver"
SECONDS = 10


def session_of(member: Membership) -> str:
    """The session key of a new log-in."""
    browser = Client()
    browser.force_login(member.user)
    return browser.cookies["sessionid"].value


class Socket(ApplicationCommunicator):
    def __init__(self, path: str, session: str = "", origin: str | None = f"http://{HOST}") -> None:
        headers = [(b"host", HOST.encode())]
        headers += [(b"origin", origin.encode())] if origin else []
        headers += [(b"cookie", f"sessionid={session}".encode())] if session else []
        scope = {"type": "websocket", "path": path, "query_string": b"", "headers": headers}
        super().__init__(application, scope | {"subprotocols": []})

    async def open(self) -> dict[str, Any]:
        """Connects; the application's answer: accept, or close with its code."""
        await self.send_input({"type": "websocket.connect"})
        return await self.receive_output(SECONDS)

    async def next(self) -> dict[str, Any]:
        """What comes next: a message's JSON, or {"closed": code}."""
        output = await self.receive_output(SECONDS)
        if output["type"] == "websocket.close":
            return {"closed": output["code"]}
        return json.loads(output["text"])

    async def message(self, kind: str) -> dict[str, Any]:
        """The next message of a kind; others are passed over."""
        while True:
            found = await self.next()
            assert "closed" not in found, found
            if found["type"] == kind:
                return found

    async def say(self, frame: str | bytes) -> None:
        name = "bytes" if isinstance(frame, bytes) else "text"
        await self.send_input({"type": "websocket.receive", name: frame})

    async def leave(self) -> None:
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait(SECONDS)
