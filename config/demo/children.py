"""The supervisor's child processes: started, listened to, started again, stopped. No Django."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, STDOUT, Process
from dataclasses import dataclass, field

from config.demo.services import Service, ServiceFailed, launcher, wait_until_ready

FIRST_PAUSE, LONGEST_PAUSE, STEADY = (
    0.5,
    15.0,
    30.0,
)  # seconds; STEADY: lived long enough to be trusted
TONES = {"web": 36, "postgres": 34, "redis": 35, "worker": 32}


@dataclass(slots=True)
class Child:
    """A service that is kept running until `stop`; `process` changes when it is started again."""

    service: Service
    environment: dict[str, str]
    lock: int
    process: Process | None = None
    keeper: asyncio.Task[None] | None = None
    stopping: bool = False
    listeners: set[asyncio.Task[None]] = field(default_factory=set)

    def alive(self) -> bool:
        return self.process is not None and self.process.returncode is None


def say(name: str, line: str) -> None:
    """One line of the log, behind the name of the one that speaks."""
    tone = TONES.get(name.split("-")[0])
    label = f"\033[{tone}m{name:<9}\033[0m" if tone and sys.stdout.isatty() else f"{name:<9}"
    with contextlib.suppress(OSError):  # the terminal may be gone; stopping must still work
        print(f"{label} | {line}", flush=True)


async def keep(child: Child, seconds: float = 180) -> None:
    """Starts a child that from now on is started again when it ends; returns once it answers."""
    await _spawn(child)
    child.keeper = asyncio.create_task(_watch(child))
    await asyncio.to_thread(wait_until_ready, child.service, child.alive, seconds)


async def once(child: Child) -> None:
    """Runs a child to its end. ServiceFailed when it fails."""
    await _spawn(child)
    assert child.process is not None
    code = await child.process.wait()
    await _listened(child)
    if code != 0 and not child.stopping:
        raise ServiceFailed(
            f"{child.service.name} failed ({_how(code)}); its last lines are above."
        )


async def stop(child: Child, seconds: float) -> None:
    """Ends a child and all that it started: by its own signal, after `seconds` without mercy."""
    child.stopping = True
    if child.keeper:
        child.keeper.cancel()
    if child.alive():
        assert child.process is not None
        with contextlib.suppress(ProcessLookupError):
            child.process.send_signal(child.service.stop)
        try:
            await asyncio.wait_for(child.process.wait(), seconds)
        except TimeoutError:
            say(child.service.name, f"did not stop in {seconds:.0f} s and is killed")
    _kill_group(child)
    if child.process:
        await child.process.wait()
    await _listened(child)


async def _spawn(child: Child) -> None:
    # A session of its own: Ctrl-C reaches the supervisor alone, which then stops the others in
    # order. A pipe of our own, for asyncio would wait for all who hold one of its: orphans of a
    # dead child too.
    reading, writing = os.pipe()
    listener = asyncio.create_task(_listen(child.service.name, reading))
    child.listeners.add(listener)
    listener.add_done_callback(child.listeners.discard)
    try:
        await _exec(child, writing)
    finally:
        os.close(writing)


async def _exec(child: Child, writing: int) -> None:
    child.process = await asyncio.create_subprocess_exec(
        *launcher(child.service),
        stdin=DEVNULL,
        stdout=writing,
        stderr=STDOUT,
        env=child.environment,
        start_new_session=True,
        pass_fds=(child.lock,),
    )


async def _listen(name: str, reading: int) -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reading, "rb", buffering=0)
    )
    while True:
        try:
            line = await reader.readline()
        except ValueError:  # longer than the reader's buffer, which drops it
            continue
        if not line:
            return
        if text := line.decode(errors="replace").rstrip():
            say(name, text)


async def _listened(child: Child) -> None:
    if child.listeners:
        await asyncio.wait(child.listeners, timeout=1)


async def _watch(child: Child) -> None:
    pause = FIRST_PAUSE
    while True:
        assert child.process is not None
        started = time.monotonic()
        code = await child.process.wait()
        _kill_group(child)
        if time.monotonic() - started > STEADY:
            pause = FIRST_PAUSE
        say(child.service.name, f"ended ({_how(code)}); started again in {pause:.1f} s")
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
        try:
            await _spawn(child)
        except OSError as error:  # no memory or no processes left at this moment
            say(child.service.name, f"cannot be started: {error.strerror}")


def _kill_group(child: Child) -> None:
    """What a dead child left of its own children holds its port or its files: away with it."""
    if child.process:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.process.pid, signal.SIGKILL)


def _how(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"code {code}"
