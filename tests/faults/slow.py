"""Connections that hold on to a server by being slow, from one thread."""

import math
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

PACE_SECONDS = 0.5
GET = "GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: slow\r\n"
POST = (
    "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    "Content-Length: 1000000\r\n\r\n"
)


@contextmanager
def connections(
    connect: Callable[[], socket.socket], host: str, each: int, large: str, cookie: str
) -> Iterator[list[socket.socket]]:
    """`each` connections that never end their header, as many that trickle a body, and as many
    that ask for the large file at the path `large` and hardly read of it. All are open inside."""
    trickles = {
        GET.format(path="/", host=host): b"X-Slow: 1\r\n",
        POST.format(path="/accounts/login/", host=host): b"a",
        POST.format(path="/upload/", host=host): b"a",
        GET.format(path=large, host=host) + f"Cookie: {cookie}\r\n\r\n": b"",
    }
    opened: list[tuple[socket.socket, bytes]] = []
    ended = threading.Event()

    def trickle() -> None:
        while not ended.wait(PACE_SECONDS):
            for one, piece in opened:
                with suppress(OSError):
                    one.send(piece) if piece else one.recv(1)

    try:
        for beginning, piece in trickles.items():
            for _ in range(each):
                one = connect()
                one.sendall(beginning.encode())
                one.settimeout(0.01)
                opened.append((one, piece))
        thread = threading.Thread(target=trickle, daemon=True)
        thread.start()
        yield [one for one, _ in opened]
    finally:
        ended.set()
        for one, _ in opened:
            one.close()


def plain(port: int) -> socket.socket:
    """A connection whose other end can send little ahead."""
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    one.settimeout(10)
    one.connect(("127.0.0.1", port))
    return one


def p95(ask: Callable[[], None], times: int) -> float:
    """Seconds within which 95 of 100 requests were answered."""
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        ask()
        took.append(time.perf_counter() - begun)
    return sorted(took)[math.ceil(0.95 * times) - 1]
