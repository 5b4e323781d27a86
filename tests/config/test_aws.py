"""The short way of AWS clients' calls: what takes it, what does not, what never waits for it."""

import asyncio
import json
from io import BytesIO
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from config import aws
from config.aws import SMALL, AwsCalls


class Wire:
    """One request's ends: what `receive` gives, and all that was sent."""

    def __init__(self, *parts: bytes, gone: bool = False) -> None:
        self.messages: list[dict[str, Any]] = [
            {"type": "http.request", "body": part, "more_body": gone or number < len(parts)}
            for number, part in enumerate(parts, start=1)
        ]
        self.messages.append({"type": "http.disconnect"})
        self.sent: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        return self.messages.pop(0)

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    def answer(self) -> tuple[int, dict[str, Any]]:
        start, body = self.sent
        return start["status"], json.loads(body["body"])


def scope(
    path: str = "/aws/", *, method: str = "POST", length: bytes | None = b"2", **headers: str
):
    named = {"host": "127.0.0.1", "x-amz-target": "Transcribe.Get"} | headers
    listed = [(name.encode(), value.encode()) for name, value in named.items()]
    if length is not None:
        listed.append((b"content-length", length))
    return {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": listed,
        "client": ["127.0.0.1", 1],
        "server": ["127.0.0.1", 80],
    }


def door(answer=lambda request: HttpResponse(b"{}")) -> tuple[AwsCalls, list[str]]:
    passed: list[str] = []

    async def otherwise(scope: dict[str, Any], receive: Any, send: Any) -> None:
        passed.append(scope["path"])

    calls = AwsCalls(otherwise)
    calls.answer = answer
    return calls, passed


@pytest.mark.parametrize(
    "asked",
    [
        scope(method="GET"),
        scope(length=None),
        scope(length=b"-1"),
        scope(length=b"2, 2"),
        scope(length=str(SMALL + 1).encode()),
        scope("/"),
        scope("/awsome"),
        scope("/aws/results/token"),
        scope("/aws/service/Transcribe/operation/"),
        scope("/aws/service/Transcribe/operation/a/b"),
        scope("/aws/medical-stream-transcription"),
    ],
)
async def test_what_goes_the_long_way(asked):
    calls, passed = door()
    wire = Wire(b"{}")
    await calls(asked, wire.receive, wire.send)
    assert passed == [asked["path"]] and wire.sent == []


async def test_a_client_that_goes_away_or_sends_more_than_it_said_gets_nothing():
    calls, passed = door()
    for wire in (Wire(b"{", gone=True), Wire(b"{}", b"{}")):
        await calls(scope(), wire.receive, wire.send)
        assert wire.sent == [] and passed == []


async def test_when_too_many_wait_the_next_is_told_at_once(monkeypatch):
    monkeypatch.setattr(aws, "MOST_WAITING", 1)
    entered, leave = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(request: ASGIRequest) -> HttpResponse:
        loop.call_soon_threadsafe(entered.set)
        asyncio.run_coroutine_threadsafe(leave.wait(), loop).result(20)
        return HttpResponse(b"{}")

    calls, _ = door(slow)
    first, second = Wire(b"{}"), Wire(b"{}")
    running = asyncio.create_task(calls(scope(), first.receive, first.send))
    await entered.wait()
    await calls(scope(), second.receive, second.send)
    status, told = second.answer()
    assert status == 503 and told["__type"].endswith("#ServiceUnavailableException")
    leave.set()
    await running
    assert first.answer() == (200, {})


def test_what_holds_for_every_answer_holds_here_too(settings):
    settings.ALLOWED_HOSTS = ["clinic.example.org"]
    answer = aws._through_middleware(aws._view)
    assert answer(ASGIRequest(scope(), BytesIO(b"{}"))).status_code == 400
    ours = answer(ASGIRequest(scope(host="clinic.example.org"), BytesIO(b"{}")))
    assert json.loads(ours.content)["__type"].endswith("#MissingAuthenticationTokenException")
    for name in ("Content-Security-Policy", "X-Frame-Options", "Permissions-Policy"):
        assert ours[name]
    assert ours["Cache-Control"] == "no-store"
    settings.SECURE_SSL_REDIRECT = True
    answer = aws._through_middleware(aws._view)
    sent_on = answer(ASGIRequest(scope(host="clinic.example.org"), BytesIO(b"{}")))
    assert (sent_on.status_code, sent_on["Location"]) == (301, "https://clinic.example.org/aws/")


def test_only_what_is_known_to_be_for_browsers_is_left_out(settings):
    assert set(settings.MIDDLEWARE) >= aws.FOR_BROWSERS
