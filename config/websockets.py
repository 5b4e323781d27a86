"""Lets a WebSocket in only from pages of this very host. Consumers decide who may see what."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from config.limits import Application


class SameOrigin:
    """Closes a browser socket whose Origin is neither the Host it was sent to nor BASE_URL."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        headers = dict(scope["headers"])
        origin = urlsplit(headers.get(b"origin", b"").decode("latin-1")).netloc
        host = headers.get(b"host", b"").decode("latin-1")
        if origin and origin in {host, urlsplit(settings.BASE_URL).netloc}:
            return await self.application(scope, receive, send)
        await receive()
        await send({"type": "websocket.close", "code": 4403})
