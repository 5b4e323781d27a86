"""`manage.py demo`: starts, keeps up and stops PostgreSQL, Redis, web and workers. No Django."""

import asyncio
import os
import signal
import subprocess
import sys
import urllib.request
from functools import partial
from urllib.parse import urlsplit

from config.demo import lock, services, steps
from config.demo.children import Child, keep, once, say, stop
from config.demo.place import (
    REPOSITORY,
    Place,
    environment,
    from_environment,
    make_folders,
    need_free_port,
)
from config.demo.services import Service, ServiceFailed

STOPS = {"postgres": 10.0, "redis": 3.0, "web": 4.0, "worker": 4.0}  # seconds, then without mercy


def main() -> int:
    """Runs until a signal or a failure; the exit code of the process."""
    os.chdir(REPOSITORY)
    os.umask(0o077)
    try:
        place = from_environment()
        make_folders(place)
        with lock.hold(place.data, place.url) as held:
            need_free_port(place)
            return asyncio.run(_live(place, held))
    except (ServiceFailed, lock.Occupied) as error:
        print(f"\n{error}\n", file=sys.stderr)
        return 1


async def _live(place: Place, held: int) -> int:
    children: list[Child] = []
    asked = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    starting = asyncio.create_task(_start(place, held, children))
    waiting = asyncio.create_task(asked.wait())
    try:
        await asyncio.wait({starting, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if not asked.is_set():
            await starting
            await waiting
        return 0
    finally:
        starting.cancel()
        await asyncio.wait({starting})
        await _stop(children)
        services.tidy(place.data)


async def _start(place: Place, held: int, children: list[Child]) -> None:
    def child(service: Service, settings: dict[str, str]) -> Child:
        children.append(Child(service, settings, held))
        return children[-1]

    settings = environment(place)
    own_database = not settings.get("DATABASE_URL") and not settings.get("DATABASE_URL_FILE")
    embedded: list[Service] = []
    if own_database:
        say("demo", "PostgreSQL starts")
        embedded.append(await asyncio.to_thread(services.postgres, place.data))
        settings["DATABASE_URL"] = embedded[-1].url
    if not settings.get("REDIS_URL") and not settings.get("REDIS_URL_FILE"):
        embedded.append(services.redis(place.data))
        settings["REDIS_URL"] = embedded[-1].url
    await asyncio.gather(*(keep(child(service, dict(os.environ))) for service in embedded))

    async def take(*names: str) -> None:
        for step, stamp, state in steps.due(place, own_database=own_database):
            if step.name in names:
                say("demo", f"{step.name}: {' '.join(step.command[1:])}")
                await once(child(step, settings))
                stamp.write_text(state, encoding="ascii")

    await asyncio.gather(take("migrate", "seed"), take("static"))
    steps.note_address(place)
    if not place.demo:
        await asyncio.to_thread(_create_administrator, settings)

    if own_database:
        owner = settings["DATABASE_URL"]
        settings["DATABASE_URL"] = await asyncio.to_thread(services.app_url, place.data, owner)

    workers = [_worker(number + 1) for number in range(place.workers)]
    # One worker makes it ready; the others would only slow this down.
    first = [_web(place), *workers[:1]]
    await asyncio.gather(*(keep(child(service, settings)) for service in first))
    print(steps.welcome(place), flush=True)
    for service in workers[1:]:
        await keep(child(service, settings))


async def _stop(children: list[Child]) -> None:
    """Web first, so that nothing new comes in; then who works; PostgreSQL, which all need, last."""
    kinds = ("web", "worker", "redis", "postgres")
    groups = {
        kind: [one for one in children if one.service.name.startswith(kind)] for kind in kinds
    }
    others = [one for one in children if not any(one in group for group in groups.values())]
    running = [one for one in children if one.alive()]
    if running:
        say("demo", f"stopping {', '.join(one.service.name for one in reversed(running))}")
    for group in (others, *groups.values()):
        await asyncio.gather(
            *(stop(one, STOPS.get(one.service.name.split("-")[0], 3.0)) for one in group)
        )


def web_command(host: str, port: int, processes: int = 1) -> tuple[str, ...]:
    """Serves the application at an address."""
    return (
        *(sys.executable, "-m", "granian", "config.asgi:application"),
        *("--host", host, "--port", str(port), "--interface", "asginl"),
        *("--http", "auto", "--ws", "--workers", str(processes), "--backlog", "1024"),
        *("--loop", "asyncio", "--log-level", "warning", "--no-access-log"),
        # Open WebSockets would hold a stop for ever; their clients come back by themselves.
        *("--workers-kill-timeout", "2"),
    )


def worker_command(name: str) -> tuple[str, ...]:
    """Works off the queue, under a name of its own."""
    return (
        # Celery warns of root by a text that fits no demo on one's own machine.
        *(sys.executable, "-W", "ignore:::celery.platforms", "-m", "celery", "--quiet"),
        *("-A", "config", "worker", "--pool", "solo", "--concurrency", "1"),
        *("-Q", "transcription", "-n", f"{name}@%h", "--loglevel", "warning"),
        *("--without-gossip", "--without-mingle"),
    )


def _web(place: Place) -> Service:
    command = web_command(place.bind, place.port, place.web)
    return Service("web", command, probe=partial(_ready, place))


def _worker(number: int) -> Service:
    name = f"worker-{number}"
    return Service(name, worker_command(name), probe=lambda: None)


def _ready(place: Place) -> None:
    request = urllib.request.Request(f"http://{place.host}:{place.port}/readyz")
    request.add_header("Host", urlsplit(place.url).netloc)
    urllib.request.urlopen(request, timeout=5).close()


def _create_administrator(settings: dict[str, str]) -> None:
    # Not as a supervised child: it may ask its questions on the terminal.
    command = [sys.executable, "manage.py", "create_administrator"]
    if subprocess.run(command, env=settings).returncode != 0:
        raise ServiceFailed(
            "There is no administrator yet. Start from a terminal, or set COUNTERSIGN_PRACTICE, "
            "COUNTERSIGN_ADMIN_USERNAME and COUNTERSIGN_ADMIN_PASSWORD for the first start."
        )
