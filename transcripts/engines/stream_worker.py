"""An inference process of live streams: `python -m transcripts.engines.stream_worker`.

Messages come on its input and go on its output (stream_frames.py). It ends with its input, so it
never outlives the process that started it. Audio and text stay in memory.
"""

import os
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable
from typing import Any, BinaryIO

from transcripts.engines import stream_frames as frames
from transcripts.engines.base import EngineError

_ALIVE = 1.0  # seconds between signs of life
_PROGRESS = 1.0  # seconds of audio after which it is told how far a stream has come


def main() -> None:
    """Serve until the input ends."""
    source, target = sys.stdin.buffer, _own_output()
    model = os.environ.get("COUNTERSIGN_MODEL") or None
    try:
        from transcripts.engines.stream_decoder import Decoder

        decoder = Decoder(model)
        cost = decoder.cost() if "--measure" in sys.argv[1:] else None
    except EngineError as error:
        _send(target, {"is": "broken", "reason": error.reason})
        return
    _send(target, {"is": "ready", "model": decoder.model_id, "cost": cost})
    Worker(source, target, decoder).run()


def _own_output() -> BinaryIO:
    """The output for messages alone: what a library prints goes to the log instead."""
    own = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    return own


def _send(target: BinaryIO, header: dict[str, Any], payload: bytes = b"") -> None:
    data = memoryview(frames.pack(header, payload))
    while data:
        data = data[target.write(data) :]


class Worker:
    """The loop: hear all streams, then do the most urgent decode of any of them."""

    def __init__(self, source: BinaryIO, target: BinaryIO, decoder: Any) -> None:
        self._source, self._target, self._decoder = source, target, decoder
        self._sessions: dict[int, Any] = {}
        self._told: dict[int, float] = {}
        self._inbox: deque[frames.Message] = deque()
        self._came = threading.Event()
        self._alive = 0.0

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
            busy = self._step()
            if time.monotonic() - self._alive > _ALIVE:
                self._alive = time.monotonic()
                _send(self._target, {"is": "alive"})

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
        if do == "open":
            from transcripts.engines.stream_session import Session

            self._sessions[number] = Session(header["options"], self._decoder)
        elif number in self._sessions:
            session = self._sessions[number]
            if do == "audio":
                session.feed(payload)
            elif do == "end":
                session.end()
            else:
                self._sessions.pop(number)
                self._told.pop(number, None)

    def _step(self) -> bool:
        """Listen and decode once; whether there is more to do at once."""
        wants = {}
        for number, session in list(self._sessions.items()):
            want = self._safely(number, session.listen)
            if want is not None:
                wants[number] = want
            elif session.over:
                _send(self._target, {"is": "ended", "stream": number})
                self._sessions.pop(number, None)
        if wants:
            number = min(wants, key=lambda n: wants[n])
            # Whoever was served goes to the end of the line.
            session = self._sessions.pop(number)
            self._sessions[number] = session
            self._safely(number, lambda: self._say(number, session.work()))
        for number, session in self._sessions.items():
            if session.at - self._told.get(number, 0.0) > _PROGRESS:
                self._say(number, ())
        return bool(wants) or any(session.listening for session in self._sessions.values())

    def _say(self, number: int, results: Iterable[dict[str, Any]]) -> None:
        found = list(results)
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
            self._sessions.pop(number, None)
            return None


if __name__ == "__main__":
    main()
