"""Receivers of news for tests: a web server and an HL7 listener that misbehave when told to."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import hl7
from hl7.mllp import start_hl7_server


class Hook:
    """What a web server got; `answers` are its next statuses, then always 200."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/hook?from=countersign"
        self.got: list[tuple[dict[str, str], bytes, str]] = []
        self.answers: list[int] = []


@contextmanager
def web_server() -> Iterator[Hook]:
    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.got.append((dict(self.headers), body, self.path))
            status = hook.answers.pop(0) if hook.answers else 200
            self.send_response(status)
            if status == 302:
                self.send_header("Location", f"http://127.0.0.1:{port}/elsewhere")
            self.end_headers()

        def log_message(self, *arguments: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    port = server.server_address[1]
    hook = Hook(port)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield hook
    finally:
        server.shutdown()
        server.server_close()


class Listener:
    """What an HL7 listener got; `answers` are its next acknowledgment codes, then always AA.

    "drop" closes the connection after the message was read, "rubbish" answers no HL7.
    """

    def __init__(self) -> None:
        self.port = 0
        self.got: list[hl7.Message] = []
        self.answers: list[str] = []

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def control_ids(self) -> list[str]:
        return [str(message.segment("MSH")[10]) for message in self.got]


@contextmanager
def hl7_listener() -> Iterator[Listener]:
    listener, ready, loop = Listener(), threading.Event(), asyncio.new_event_loop()

    async def serve(reader: Any, writer: Any) -> None:
        try:
            message = hl7.parse((await reader.readblock()).decode())
            listener.got.append(message)
            code = listener.answers.pop(0) if listener.answers else "AA"
            if code == "rubbish":
                writer.writeblock(b"rubbish")
            elif code != "drop":
                writer.writeblock(str(message.create_ack(code)).encode())
            await writer.drain()
        finally:
            writer.close()

    async def start() -> None:
        server = await start_hl7_server(serve, "127.0.0.1", 0)
        listener.port = server.sockets[0].getsockname()[1]
        ready.set()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.create_task(start())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield listener
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
