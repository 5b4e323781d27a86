"""The two doors of live streams, in front of Django: a WebSocket and HTTP/2. ASGI.

Both only translate: a Peer for streaming.serve each. Nothing here logs an address, since that of a
WebSocket holds its signature.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from transcripts.aws import codecs, sigv4, streaming, streaming_frames
from transcripts.aws.errors import AwsError
from transcripts.aws.eventstream import Decoder, Malformed, Message, decode
from transcripts.aws.streaming import Gone
from transcripts.aws.streaming_rows import Admitted, Request

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]
Arrived = Callable[[str | None, str], None]  # is told a client's address and what it calls itself

PREFIXES = ("", "/aws")
WEBSOCKET = {f"{prefix}/medical-stream-transcription-websocket" for prefix in PREFIXES}
HTTP = {f"{prefix}/medical-stream-transcription" for prefix in PREFIXES}
EVENT_STREAM = b"application/vnd.amazon.eventstream"
CLOSE_SECONDS = 10
READY_SECONDS = 1
# A stream's client knows this name alone of those that say who it is not.
NOT_KNOWN = {
    "IncompleteSignatureException",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
}


class WebSocketStreams:
    """Serves streams on WebSockets; every other socket goes to `otherwise`."""

    def __init__(self, otherwise: Application, arrived: Arrived) -> None:
        self.otherwise, self.arrived = otherwise, arrived

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["path"] not in WEBSOCKET:
            return await self.otherwise(scope, receive, send)
        headers = _headers(scope)
        self.arrived(_address(scope), headers.get("user-agent", ""))
        await receive()
        query = scope["query_string"].decode("latin-1")
        parameters = dict(sigv4.pairs(query))
        session_id = parameters.get("session-id") or str(uuid4())
        # Accepted even if it will be refused: to clients a refused upgrade has no words.
        await send({"type": "websocket.accept"})
        request = Request(
            operation="StartMedicalStreamTranscriptionWebSocket",
            method="GET",
            path=quote(scope["path"]),
            query=query,
            headers=headers,
            payload_hash=sigv4.EMPTY_HASH,
            parameters=parameters,
            presigned=True,
        )
        await streaming.serve(request, session_id, Socket(receive, send))


class Socket:
    """The client of a WebSocket: a binary message is an event, an empty one the end."""

    def __init__(self, receive: Any, send: Any) -> None:
        self._receive, self._send = receive, send
        self._listening = False

    async def messages(self) -> AsyncIterator[Message]:
        self._listening = True
        while True:
            event = await self._receive()
            if event["type"] != "websocket.receive":
                raise Gone
            data = event.get("bytes")
            if data is None:
                raise Malformed("text")
            if not data:
                return
            yield decode(data)

    async def begin(self, session_id: str, admitted: Admitted) -> None:
        """It is open since it was accepted."""

    async def send(self, message: bytes) -> None:
        await self._send({"type": "websocket.send", "bytes": message})

    async def close(self, error: AwsError | None = None) -> None:
        with suppress(Exception):
            async with asyncio.timeout(CLOSE_SECONDS):
                if error:
                    await self._ready()
                    code = "UnrecognizedClientException" if error.code in NOT_KNOWN else error.code
                    await self.send(streaming_frames.exception(code, error.message))
                await self._send({"type": "websocket.close", "code": 1000})

    async def _ready(self) -> None:
        """Amazon's client loses what comes before it has begun to listen, and to send."""
        if not self._listening:
            with suppress(TimeoutError):
                async with asyncio.timeout(READY_SECONDS):
                    await self._receive()


class HttpStreams:
    """Serves streams on HTTP/2, in both directions at once; the rest goes to `otherwise`."""

    def __init__(self, otherwise: Application, arrived: Arrived) -> None:
        self.otherwise, self.arrived = otherwise, arrived

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["path"] not in HTTP or scope["method"] != "POST":
            return await self.otherwise(scope, receive, send)
        headers = _headers(scope)
        self.arrived(_address(scope), headers.get("user-agent", ""))
        headers[":authority"] = headers.get("host", "")
        parameters = {
            name.removeprefix(sigv4.PARAMETERS): value
            for name, value in headers.items()
            if name.startswith(sigv4.PARAMETERS)
        }
        request = Request(
            operation="StartMedicalStreamTranscription",
            method="POST",
            path=quote(scope["path"]),
            query=scope["query_string"].decode("latin-1"),
            headers=headers,
            payload_hash=sigv4.STREAM,
            parameters=parameters,
            presigned=False,
        )
        session_id = parameters.get("session-id") or str(uuid4())
        await streaming.serve(request, session_id, Body(receive, send, parameters))


class Body:
    """The client of a request whose body and answer run side by side."""

    def __init__(self, receive: Any, send: Any, parameters: dict[str, str]) -> None:
        self._receive, self._send, self._parameters = receive, send, parameters
        self._begun = False

    async def messages(self) -> AsyncIterator[Message]:
        decoder = Decoder()
        more = True
        while more:
            event = await self._receive()
            if event["type"] != "http.request":
                raise Gone
            for message in decoder.feed(event.get("body", b"")):
                yield message
            more = event.get("more_body", False)
        if decoder.waiting:
            raise Malformed("cut off")

    async def begin(self, session_id: str, admitted: Admitted) -> None:
        told = self._parameters | {"session-id": session_id}
        headers = [(b"content-type", EVENT_STREAM), (b"x-amzn-request-id", str(uuid4()).encode())]
        for name, value in told.items():
            headers.append((f"{sigv4.PARAMETERS}{name}".encode(), value.encode("latin-1")))
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})
        self._begun = True

    async def send(self, message: bytes) -> None:
        await self._send({"type": "http.response.body", "body": message, "more_body": True})

    async def close(self, error: AwsError | None = None) -> None:
        with suppress(Exception):
            async with asyncio.timeout(CLOSE_SECONDS):
                if error and not self._begun:
                    return await self._refuse(error)
                last = streaming_frames.exception(error.code, error.message) if error else b""
                await self._send({"type": "http.response.body", "body": last})

    async def _refuse(self, error: AwsError) -> None:
        headers = [
            (b"content-type", b"application/json"),
            (b"x-amzn-errortype", error.code.encode()),
            (b"x-amzn-requestid", str(uuid4()).encode()),
        ]
        start = {"type": "http.response.start", "status": error.status, "headers": headers}
        await self._send(start)
        body = json.dumps(codecs.error_body(error)).encode()
        await self._send({"type": "http.response.body", "body": body})


def _address(scope: dict[str, Any]) -> str | None:
    client = scope.get("client")
    return client[0] if client else None


def _headers(scope: dict[str, Any]) -> dict[str, str]:
    """By lower-case name; what came more than once is joined, as a signature covers it."""
    found: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        found[name] = f"{found[name]},{value}" if name in found else value
    return found
