"""The short way of AWS clients' calls: one hop into a thread, without what only browsers need.

Django's way makes a thread and checks a database connection for each request, and goes through
sessions and pages' middlewares, which costs a client that asks whether its job is done more than
the answer. Calls that are large or of unknown length take Django's way. What is answered is decided
in transcripts.aws.views, here and there.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.exception import convert_exception_to_response
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string

from config.limits import Application
from transcripts import tenancy
from transcripts.aws import views

log = logging.getLogger(__name__)

Answer = Callable[[HttpRequest], HttpResponse]

SMALL = 64 * 1024  # bytes of a body
THREADS = 8  # each keeps its database connection
MOST_WAITING = 512
CBOR = "/aws/service/Transcribe/operation/"
# Sessions, people, pages and files; whatever else stands in MIDDLEWARE holds here too.
FOR_BROWSERS = {
    "config.static.StaticFiles",
    "config.health.HealthChecks",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "transcripts.access.CurrentPractice",
    "transcripts.access.Presence",
}


class AwsCalls:
    """Answers the calls of AWS clients; every other request goes to `otherwise`."""

    def __init__(self, otherwise: Application) -> None:
        self.otherwise = otherwise
        self.answer = _through_middleware(_view)
        # Nobody's rows until a key says whose; then its practice's until the next call's key.
        self.threads = ThreadPoolExecutor(
            THREADS, "aws", initializer=tenancy.narrow, initargs=(tenancy.NOBODY,)
        )
        self.waiting = 0

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        length = _declared_length(scope)
        if scope["method"] != "POST" or not 0 <= length <= SMALL or not _is_call(scope["path"]):
            return await self.otherwise(scope, receive, send)
        body = await _read(receive, length)
        if body is None:
            return
        if self.waiting >= MOST_WAITING:
            return await _send(send, views.overloaded())
        self.waiting += 1
        try:
            loop = asyncio.get_running_loop()
            response = await loop.run_in_executor(self.threads, self._answered, scope, body)
        finally:
            self.waiting -= 1
        await _send(send, response)

    def _answered(self, scope: dict[str, Any], body: bytes) -> HttpResponse:
        response = self.answer(ASGIRequest(scope, BytesIO(body)))
        if response.status_code >= 500:
            # Whatever is the matter, it must not be a connection that this thread would keep.
            connections.close_all()
        return response


def _through_middleware(view: Answer) -> Answer:
    answer = convert_exception_to_response(view)
    for name in reversed(settings.MIDDLEWARE):
        if name not in FOR_BROWSERS:
            answer = convert_exception_to_response(import_string(name)(answer))
    return answer


def _view(request: HttpRequest) -> HttpResponse:
    request.get_host()  # DisallowedHost, which is answered 400
    if request.path.startswith(CBOR):
        return views.rpc_v2_cbor(request, request.path.removeprefix(CBOR))
    return views.json_1_1(request)


def _is_call(path: str) -> bool:
    if path.startswith(CBOR):
        operation = path.removeprefix(CBOR)
        return bool(operation) and "/" not in operation
    return path in ("/aws", "/aws/")


def _declared_length(scope: dict[str, Any]) -> int:
    """The body's length by its header; -1 where there is none to trust."""
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else -1
    return -1


async def _read(receive: Any, length: int) -> bytes | None:
    """The body; None when the client went away before its end, or sent more than it declared."""
    parts, read = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        read += len(parts[-1])
        if read > length:
            return None
        if not message.get("more_body", False):
            return b"".join(parts)


async def _send(send: Any, response: HttpResponse) -> None:
    """Sends it without Django's end-of-request signal, which would give the connection back."""
    headers = [
        (name.lower().encode("ascii"), value.encode("latin-1")) for name, value in response.items()
    ]
    headers.append((b"content-length", str(len(response.content)).encode("ascii")))
    start = {"type": "http.response.start", "status": response.status_code, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": response.content})
