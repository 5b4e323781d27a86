"""Bodies over the limit and bodies that trickle are answered; what is fast enough passes."""

import asyncio
from typing import Any

import pytest

from config import limits

SCOPE = {"type": "http", "headers": []}


async def served(pieces: list[tuple[float, bytes]], limit: int = 1000) -> tuple[list[Any], bytes]:
    """What was sent, and the body that the application read; a piece is (seconds before, bytes)."""
    sent: list[Any] = []
    read = b""
    left = iter(enumerate(pieces, 1))

    async def receive() -> dict[str, Any]:
        number, (pause, body) = next(left)
        await asyncio.sleep(pause)
        return {"type": "http.request", "body": body, "more_body": number < len(pieces)}

    async def application(scope: Any, receive: Any, send: Any) -> None:
        nonlocal read
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            read += message["body"]
            if not message["more_body"]:
                return await send({"type": "http.response.start", "status": 200})

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await limits.BodyLimit(application, limit)(SCOPE, receive, send)
    return sent, read


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "GRACE_SECONDS", 0.2)
    monkeypatch.setattr(limits, "BYTES_A_SECOND", 100)


async def test_a_body_that_stops_is_answered_and_given_up() -> None:
    sent, read = await served([(0, b"a"), (60, b"b")])
    assert sent[0]["status"] == 408 and b"Send it again" in sent[1]["body"]
    assert read == b"a"


async def test_a_body_that_trickles_is_given_up_although_each_piece_comes_soon() -> None:
    sent, read = await served([(0.05, b"a")] * 40)
    assert sent[0]["status"] == 408 and len(read) < 20


async def test_a_slow_line_that_carries_enough_is_waited_for() -> None:
    sent, read = await served([(0.05, b"a" * 20)] * 10)
    assert sent[0]["status"] == 200 and len(read) == 200


async def test_who_reads_on_after_the_body_is_not_hurried() -> None:
    """An answer that takes long waits for the other side to hang up."""
    waited: list[Any] = []

    async def receive() -> dict[str, Any]:
        if waited:
            await asyncio.sleep(0.4)
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": b"", "more_body": False}

    async def application(scope: Any, receive: Any, send: Any) -> None:
        waited.append(await receive())
        waited.append(await receive())

    async def send(message: dict[str, Any]) -> None:
        raise AssertionError(message)

    await limits.BodyLimit(application, 1000)(SCOPE, receive, send)
    assert waited[1]["type"] == "http.disconnect"
