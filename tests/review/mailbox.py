"""A mail server for tests, on a socket: it keeps what it gets, and refuses when told to."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Box:
    """`got` holds whole messages; `refuse` answers RCPT TO with that line."""

    def __init__(self) -> None:
        self.port = 0
        self.got: list[str] = []
        self.refuse = ""


@contextmanager
def mail_server() -> Iterator[Box]:
    box = Box()

    class Talk(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 test")
            while line := self.rfile.readline().decode().strip():
                verb = line[:4].upper()
                if verb == "QUIT":
                    return self._say("221 bye")
                if verb == "DATA":
                    self._say("354 go on")
                    box.got.append(self._body())
                refused = verb == "RCPT" and box.refuse
                self._say(box.refuse if refused else "250 ok")
            return None

        def _body(self) -> str:
            lines = []
            while (line := self.rfile.readline().decode()) not in (".\r\n", ""):
                lines.append(line)
            return "".join(lines)

        def _say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = daemon_threads = True

    with Server(("127.0.0.1", 0), Talk) as server:
        box.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield box
        server.shutdown()
