"""Requests over HTTP: one hop into a thread, whatever the number of middlewares."""

import asyncio
from typing import Any

from asgiref.testing import ApplicationCommunicator

from config.handler import Handler


def asked(path: str) -> tuple[dict[str, Any], int]:
    """The start of the answer, and how often the request was handed to a thread."""

    class Loop(asyncio.SelectorEventLoop):
        hops = 0

        def run_in_executor(self, *given: Any) -> Any:
            self.hops += 1
            return super().run_in_executor(*given)

    async def ask() -> dict[str, Any]:
        scope = {"type": "http", "method": "GET", "path": path, "query_string": b""}
        scope |= {"headers": [(b"host", b"testserver")]}
        line = ApplicationCommunicator(Handler(), scope)
        await line.send_input({"type": "http.request", "body": b""})
        start = await line.receive_output()
        await line.receive_output()
        await line.wait()
        return start

    loop = Loop()
    try:
        return loop.run_until_complete(ask()), loop.hops
    finally:
        loop.close()


def test_a_request_is_handed_to_its_thread_for_its_beginning_its_answer_and_its_end() -> None:
    start, hops = asked("/healthz")

    assert start["status"] == 200
    assert (b"Cache-Control", b"no-store") in start["headers"]  # through all middlewares
    assert hops == 3


def test_what_does_not_exist_takes_no_more(db: None) -> None:
    start, hops = asked("/healthz/nowhere/")

    assert start["status"] == 404
    assert hops == 3
