"""Measures granian against uvicorn on a small Channels application. Not a test: run it by hand.

    python -m tests.bench.asgi_servers

Messages go through the Redis pub/sub layer to a group of 200 open WebSockets, each as soon as all
have the one before; then 32 keep-alive connections ask for a plain page. Servers and clients share
this machine.
"""

import asyncio
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable
from pathlib import Path

import psutil

from config.demo import services

SOCKETS, MESSAGES, CONNECTIONS, SECONDS = 200, 150, 32, 5.0
UPGRADE = (
    "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Ear(asyncio.Protocol):
    """A WebSocket client that only counts short frames, to cost little beside the server."""

    def __init__(self) -> None:
        self.open: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.heard, self.left = asyncio.Queue[float](), b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        transport.write(UPGRADE.encode())  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.left += data
        if not self.open.done():
            head, found, self.left = self.left.partition(b"\r\n\r\n")
            if not found:
                self.left = head
                return
            assert head.startswith(b"HTTP/1.1 101"), head
            self.open.set_result(None)
        while len(self.left) >= 2 and len(self.left) >= 2 + self.left[1]:
            self.left = self.left[2 + self.left[1] :]
            self.heard.put_nowait(time.perf_counter())


async def fan_out(port: int) -> tuple[float, float, int]:
    """Deliveries a second, the p95 in ms of a message's way to all sockets, and the deliveries."""
    from channels_redis.pubsub import RedisPubSubChannelLayer

    loop = asyncio.get_running_loop()
    ears = [(await loop.create_connection(Ear, "127.0.0.1", port))[1] for _ in range(SOCKETS)]
    await asyncio.gather(*(ear.open for ear in ears))
    layer = RedisPubSubChannelLayer(hosts=[os.environ["REDIS_URL"]])
    ways = []
    for number in range(MESSAGES + 20):
        began = time.perf_counter()
        await layer.group_send("everyone", {"type": "told", "text": f"message {number}"})
        await asyncio.wait_for(asyncio.gather(*(ear.heard.get() for ear in ears)), 10)
        ways.append(time.perf_counter() - began)
    ways = ways[20:]
    for ear in ears:
        ear.transport.close()
    rate = SOCKETS * MESSAGES / sum(ways)
    return rate, statistics.quantiles(ways, n=20)[-1] * 1000, SOCKETS * (MESSAGES + 20)


async def plain(port: int) -> tuple[float, float, int]:
    """Requests a second, their p95 in ms, and their number."""
    delays: list[float] = []
    until = time.perf_counter() + SECONDS

    async def ask() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < until:
            began = time.perf_counter()
            writer.write(REQUEST)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            await reader.readexactly(2000)
            delays.append(time.perf_counter() - began)
        writer.close()

    await asyncio.gather(*(ask() for _ in range(CONNECTIONS)))
    p95 = statistics.quantiles(delays, n=20)[-1] * 1000
    return len(delays) / SECONDS, p95, len(delays)


async def stop_time(port: int, server: subprocess.Popen[bytes]) -> float:
    """Seconds from SIGINT to the server's end while a WebSocket is open."""
    _, ear = await asyncio.get_running_loop().create_connection(Ear, "127.0.0.1", port)
    await ear.open
    began = time.perf_counter()
    server.send_signal(signal.SIGINT)
    await asyncio.to_thread(server.wait, 30)
    return time.perf_counter() - began


def commands(port: int) -> dict[str, list[str]]:
    python, application = sys.executable, "tests.bench.asgi_app:application"
    granian = [python, "-m", "granian", application, "--interface", "asgi", "--port", str(port)]
    granian += ["--workers-kill-timeout", "2", "--log-level", "error"]
    uvicorn = [python, "-m", "uvicorn", application, "--port", str(port), "--log-level", "error"]
    uvicorn += ["--timeout-graceful-shutdown", "2", "--lifespan", "off"]
    return {
        f"{name}, {loop}": [*command, "--loop", loop]
        for loop in ("asyncio", "uvloop")
        for name, command in (("granian", granian), ("uvicorn", uvicorn))
    }


def cpu(server: int) -> float:
    """Seconds of processor time that the server and its children have used."""
    process = psutil.Process(server)
    times = [each.cpu_times() for each in (process, *process.children(recursive=True))]
    return sum(each.user + each.system for each in times)


async def costed(
    work: Awaitable[tuple[float, float, int]], server: int
) -> tuple[float, float, float]:
    """Rate, p95, and the server's microseconds of processor time for each thing done."""
    before = cpu(server)
    rate, p95, done = await work
    return rate, p95, (cpu(server) - before) / done * 1e6


async def measure(name: str, command: list[str], port: int) -> None:
    server = subprocess.Popen(command)
    try:
        for _ in range(200):
            try:
                (await asyncio.open_connection("127.0.0.1", port))[1].close()
                break
            except OSError:
                await asyncio.sleep(0.05)
        deliveries = await costed(fan_out(port), server.pid)
        requests = await costed(plain(port), server.pid)
        figures = (*deliveries, *requests, await stop_time(port, server))
    finally:
        server.kill()
        server.wait()
    row = "{:18}{:14,.0f}{:10.1f}{:9.0f}{:14,.0f}{:10.1f}{:9.0f}{:9.2f}"
    print(row.format(name, *figures), flush=True)


def main() -> None:
    """Prints one line a server."""
    with tempfile.TemporaryDirectory() as folder:
        redis = services.redis(Path(folder))
        process = subprocess.Popen(services.launcher(redis))
        services.wait_until_ready(redis, lambda: process.poll() is None)
        os.environ["REDIS_URL"] = redis.url
        one = ("p95 ms", "CPU us")
        head = ("", "deliveries/s", *one, "requests/s", *one, "stop s")
        print("{:18}{:>14}{:>10}{:>9}{:>14}{:>10}{:>9}{:>9}".format(*head))
        for name in commands(0):
            port = services.free_port()
            asyncio.run(measure(name, commands(port)[name], port))
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
