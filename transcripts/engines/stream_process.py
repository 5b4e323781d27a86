"""One inference process as the web process sees it: start, messages both ways, its end."""

import asyncio
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from transcripts.engines import stream_frames as frames
from transcripts.engines.base import EngineError

_ROOT = Path(__file__).parents[2]
HUNG = 20.0  # seconds without a sign of life after which it is killed
_GOING = 2.0  # seconds it gets to end
# It needs no secret of the web process, so it gets none.
_PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "COUNTERSIGN_ENV")


class Inference:
    """Starts, feeds and watches one process. `on_message` and `on_death` run in the event loop."""

    def __init__(
        self,
        model: str | None,
        *,
        threads: int,
        measure: bool,
        on_message: Callable[[dict[str, Any]], None],
        on_death: Callable[["Inference"], None],
    ) -> None:
        self._model, self._measure = model, measure
        self.threads = threads
        self._on_message, self._on_death = on_message, on_death
        self._process: asyncio.subprocess.Process | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._begun: asyncio.Future[None] | None = None
        self._last = 0.0
        self.cost: float | None = None
        self.model_id = ""
        self.ready = False

    @property
    def pid(self) -> int | None:
        """Of the running process."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Start the process and wait until its model is loaded. Raises EngineError."""
        if self.ready:
            return
        await self.close()
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        # A decode has one thread: there are as many decodes at once as there are cores.
        environment |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
        if self._model:
            environment["COUNTERSIGN_MODEL"] = self._model
        command = [sys.executable, "-m", "transcripts.engines.stream_worker"]
        self._begun = asyncio.get_running_loop().create_future()
        self._process = await asyncio.create_subprocess_exec(
            *command,
            f"--threads={self.threads}",
            *(["--measure"] if self._measure and self.cost is None else []),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=_ROOT,
            env=environment,
            # Ctrl-C in a terminal is for the server, which then ends this.
            start_new_session=True,
        )
        self._last = time.monotonic()
        self._tasks = [asyncio.create_task(self._read(self._process))]
        try:
            await self._begun
        except BaseException:
            await self.close()
            raise
        self._tasks.append(asyncio.create_task(self._watch()))

    def send(self, header: dict[str, Any], payload: bytes = b"") -> None:
        """Queue a message; it is lost if the process has died."""
        if self._process and self._process.stdin and not self._process.stdin.is_closing():
            self._process.stdin.write(frames.pack(header, payload))

    async def close(self) -> None:
        """End the process, if there is one, without `on_death`."""
        process, self._process, self.ready = self._process, None, False
        for task in self._tasks:
            task.cancel()
        self._tasks = []
        if process is None:
            return
        if process.stdin:
            process.stdin.close()
        try:
            async with asyncio.timeout(_GOING):
                await process.wait()
        except TimeoutError:
            _kill(process)
            await process.wait()

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout
        try:
            while True:
                header, payload = frames.sizes(await process.stdout.readexactly(frames.HEAD))
                body = await process.stdout.readexactly(header + payload)
                self._last = time.monotonic()
                self._take(frames.unpack(body, header)[0])
        except (asyncio.IncompleteReadError, frames.BadFrame, ConnectionError):
            pass
        _kill(process)
        if self._begun and not self._begun.done():
            self._begun.set_exception(EngineError("The speech engine could not be started."))
        elif self._process is process:
            self.ready = False
            self._on_death(self)

    def _take(self, header: dict[str, Any]) -> None:
        if header["is"] == "ready":
            self.cost, self.model_id = header["cost"] or self.cost, header["model"]
            self.ready = True
            if self._begun and not self._begun.done():
                self._begun.set_result(None)
        elif header["is"] == "broken":
            if self._begun and not self._begun.done():
                self._begun.set_exception(EngineError(header["reason"]))
        elif "stream" in header:
            self._on_message(header)

    async def _watch(self) -> None:
        """Kill a process that hangs; `_read` then sees its end."""
        while self._process:
            await asyncio.sleep(HUNG / 4)
            if self._process and time.monotonic() - self._last > HUNG:
                _kill(self._process)


def _kill(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
