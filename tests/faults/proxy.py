"""A door to a server that a test can shut: open connections break, new ones are refused."""

import contextlib
import socket
import threading


class Door:
    """Listens on a port of its own and passes everything on to the server."""

    def __init__(self, target: str | int) -> None:
        """`target` is the path of the server's Unix socket, or its port on this machine."""
        self.target = target
        self.port = 0
        self._open: list[socket.socket] = []
        self._server: socket.socket | None = None
        self.open()

    def open(self) -> None:
        server = socket.socket()
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", self.port))
        server.listen()
        self.port = server.getsockname()[1]
        self._server = server
        threading.Thread(target=self._take, args=(server,), daemon=True).start()

    def shut(self) -> None:
        for one in [self._server, *self._open]:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._open.clear()

    def _take(self, server: socket.socket) -> None:
        while True:
            try:
                near, _ = server.accept()
            except OSError:
                return
            if isinstance(self.target, int):
                far = socket.create_connection(("127.0.0.1", self.target))
            else:
                far = socket.socket(socket.AF_UNIX)
                far.connect(self.target)
            self._open += [near, far]
            for pair in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=pair, daemon=True).start()

    @staticmethod
    def _pass_on(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
