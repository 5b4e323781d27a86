"""An inference process of live streams: `python -m transcripts.engines.stream_worker`.

Messages come on its input and go on its output (stream_frames.py). It ends with its input, so it
never outlives the process that started it. Audio and text stay in memory.
"""

import argparse
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, BinaryIO

from transcripts.engines import stream_frames as frames
from transcripts.engines.base import EngineError
from transcripts.engines.stream_session import PARTIAL, Session

_ALIVE = 1.0  # seconds between signs of life
_PROGRESS = 1.0  # seconds of audio after which it is told how far a stream has come
_STUCK = 10.0  # seconds of one decode after which this process no longer counts as alive


def main() -> None:
    """Serve until the input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--measure", action="store_true")
    given = parser.parse_args()
    source, target = sys.stdin.buffer, _own_output()
    model = os.environ.get("COUNTERSIGN_MODEL") or None
    try:
        from transcripts.engines.stream_decoder import Decoder

        decoder = Decoder(model, decodes=given.threads)
        cost = decoder.cost() if given.measure else None
    except EngineError as error:
        _send(target, {"is": "broken", "reason": error.reason})
        return
    _send(target, {"is": "ready", "model": decoder.model_id, "cost": cost})
    Worker(source, target, decoder, given.threads).run()


def _own_output() -> BinaryIO:
    """The output for messages alone: what a library prints goes to the log instead."""
    own = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    return own


def _send(target: BinaryIO, header: dict[str, Any], payload: bytes = b"") -> None:
    data = memoryview(frames.pack(header, payload))
    while data:
        data = data[target.write(data) :]


@dataclass(frozen=True, slots=True)
class Decoding:
    """A decode that runs: how urgent it is, since when, and what will come of it."""

    want: int
    began: float
    results: Future[list[dict[str, Any]]]


class Worker:
    """The loop: hear all streams, and give the most urgent decodes to the threads that are free.

    A stream that is being decoded is left alone until that is over; what comes for it waits.
    """

    def __init__(self, source: BinaryIO, target: BinaryIO, decoder: Any, threads: int = 1) -> None:
        self._source, self._target, self._decoder = source, target, decoder
        self._sessions: dict[int, Any] = {}
        self._told: dict[int, float] = {}
        self._inbox: deque[frames.Message] = deque()
        self._came = threading.Event()
        self._alive = 0.0
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads)
        self._decoding: dict[int, Decoding] = {}
        self._later: dict[int, list[frames.Message]] = {}

    def run(self) -> None:
        """Until the process ends."""
        threading.Thread(target=self._read, daemon=True).start()
        busy = False
        while True:
            if not busy:
                self._came.wait(_ALIVE)
            self._came.clear()
            while self._inbox:
                self._take(*self._inbox.popleft())
            self._collect()
            busy = self._step()
            self._show_life()

    def _read(self) -> None:
        try:
            while (message := frames.read(self._source)) is not None:
                self._inbox.append(message)
                self._came.set()
        finally:
            # The web process is gone or done with us, whatever is being decoded.
            os._exit(0)

    def _take(self, header: dict[str, Any], payload: bytes) -> None:
        number, do = header["stream"], header["do"]
        if number in self._decoding:
            self._later.setdefault(number, []).append((header, payload))
        elif do == "open":
            self._sessions[number] = Session(header["options"], self._decoder)
        elif number in self._sessions:
            session = self._sessions[number]
            if do == "audio":
                session.feed(payload)
            elif do == "end":
                session.end()
            else:
                self._drop(number)

    def _collect(self) -> None:
        """Say what the finished decodes gave, and take what came for their streams meanwhile."""
        for number, decoding in list(self._decoding.items()):
            if decoding.results.done():
                del self._decoding[number]
                self._safely(number, lambda n=number, d=decoding: self._say(n, d.results.result()))
                for message in self._later.pop(number, ()):
                    self._take(*message)

    def _step(self) -> bool:
        """Listen, and begin decodes; whether there is more to do at once."""
        wants = {}
        for number, session in list(self._sessions.items()):
            if number in self._decoding:
                continue
            want = self._safely(number, session.listen)
            if want is not None:
                wants[number] = want
            elif session.over:
                _send(self._target, {"is": "ended", "stream": number})
                self._drop(number)
        for number in sorted(wants, key=lambda n: wants[n]):
            if self._room(wants[number]):
                self._begin(number, wants[number])
        quiet = [(n, s) for n, s in self._sessions.items() if n not in self._decoding]
        for number, session in quiet:
            if session.at - self._told.get(number, 0.0) > _PROGRESS:
                self._say(number, ())
        return any(session.listening for _, session in quiet)

    def _room(self, want: int) -> bool:
        """Is a thread free for it? The last is kept for what is more urgent than a partial."""
        partials = sum(one.want == PARTIAL for one in self._decoding.values())
        if want == PARTIAL and partials >= max(1, self._threads - 1):
            return False
        return len(self._decoding) < self._threads

    def _begin(self, number: int, want: int) -> None:
        # Whoever was served goes to the end of the line.
        session = self._sessions[number] = self._sessions.pop(number)
        results = self._pool.submit(lambda: list(session.work()))
        self._decoding[number] = Decoding(want, time.monotonic(), results)
        results.add_done_callback(lambda _: self._came.set())

    def _show_life(self) -> None:
        now = time.monotonic()
        stuck = any(now - one.began > _STUCK for one in self._decoding.values())
        if now - self._alive > _ALIVE and not stuck:
            self._alive = now
            _send(self._target, {"is": "alive"})

    def _drop(self, number: int) -> None:
        self._sessions.pop(number, None)
        self._told.pop(number, None)

    def _say(self, number: int, found: Sequence[dict[str, Any]]) -> None:
        session = self._sessions[number]
        self._told[number] = session.at
        header = {"is": "results", "stream": number, "results": found}
        if found and session.voices:
            header["voices"] = session.voices
        _send(self._target, header | {"done": session.done, "at": session.at})

    def _safely(self, number: int, act: Any) -> Any:
        try:
            return act()
        except Exception as error:
            reason = f"The speech engine stopped with an error ({type(error).__name__})."
            reason = error.reason if isinstance(error, EngineError) else reason
            if os.environ.get("COUNTERSIGN_ENV") == "test":
                import traceback

                traceback.print_exc()
            _send(self._target, {"is": "failed", "stream": number, "reason": reason})
            self._drop(number)
            return None


if __name__ == "__main__":
    main()
