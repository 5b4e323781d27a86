"""Doors to a server: one that a test can shut, and one whose connections break by themselves."""

import contextlib
import math
import random
import socket
import struct
import threading
from collections import Counter

RESET = struct.pack("ii", 1, 0)  # closing sends RST: what was under way is lost


class Door:
    """Listens on a port of its own and passes everything on to the server.

    Shut, open connections break and new ones are refused.
    """

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
        server.listen(128)
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
            try:
                far = self._reach()
            except OSError:
                near.close()
                continue
            self._open += [near, far]
            self._connect(near, far)

    def _reach(self) -> socket.socket:
        if isinstance(self.target, int):
            return socket.create_connection(("127.0.0.1", self.target))
        far = socket.socket(socket.AF_UNIX)
        far.connect(self.target)
        return far

    def _connect(self, near: socket.socket, far: socket.socket) -> None:
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


class Frayed(Door):
    """Each connection breaks after so many bytes of one direction, wherever that is in a message.

    The first does on the way to the server and the second on the way back, as early as any; `cuts`
    counts both ways. Once whole, none breaks any more.
    """

    def __init__(
        self, target: int, *, seed: int, up: tuple[int, int], down: tuple[int, int]
    ) -> None:
        """How many bytes pass to the server, or from it: from the first number to the second.

        Small ones are as frequent as large ones: a tenth of the range is as likely as the next.
        """
        self.cuts: Counter[str] = Counter()
        self._chance = random.Random(seed)
        self._up, self._down = up, down
        self._whole = False
        self._count = 0
        super().__init__(target)

    def be_whole(self) -> None:
        self._whole = True

    def _connect(self, near: socket.socket, far: socket.socket) -> None:
        self._count += 1
        to_server = self._chance.random() < 0.5 if self._count > 2 else self._count == 1
        low, high = self._up if to_server else self._down
        most = round(math.exp(self._chance.uniform(math.log(low), math.log(high))))
        if self._count <= 2:
            most = low
        for way, source, target in (("up", near, far), ("down", far, near)):
            left = most if to_server == (way == "up") else None
            args = (way, source, target, left)
            threading.Thread(target=self._fray, args=args, daemon=True).start()

    def _fray(
        self, way: str, source: socket.socket, target: socket.socket, left: int | None
    ) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if left is not None and len(data) >= left and not self._whole:
                    self.cuts[way] += 1
                    target.sendall(data[:left])
                    # The server hears of it as of any lost peer; the client loses what it had.
                    near = source if way == "up" else target
                    near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                    break
                left = None if left is None else left - len(data)
                target.sendall(data)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
