"""What an inference process does with a decode that doesn't end: it stops looking alive."""

import io
import threading
import time
from dataclasses import asdict

import numpy as np
import pytest

from tests.transcripts.engines.test_probe import AUDIO
from transcripts.engines import stream_frames, stream_worker
from transcripts.engines.local import samples
from transcripts.engines.stream_decoder import NOTHING, RATE, Heard
from transcripts.engines.stream_worker import Worker
from transcripts.engines.streaming import StreamOptions


class Endless:
    """A decoder that is not done before it is allowed to be."""

    table = None

    def __init__(self) -> None:
        self.allowed = threading.Event()

    def hotwords(self, terms: tuple) -> None:
        return None

    def partial(self, heard: np.ndarray, hotwords: str | None) -> Heard:
        self.allowed.wait(10)
        return NOTHING

    final = partial


@pytest.fixture
def decoder() -> Endless:
    return Endless()


@pytest.fixture
def told() -> io.BytesIO:
    return io.BytesIO()


@pytest.fixture
def worker(decoder: Endless, told: io.BytesIO) -> Worker:
    return Worker(io.BytesIO(), told, decoder, threads=2)


def kinds(told: io.BytesIO) -> list[str]:
    told.seek(0)
    found = []
    while (message := stream_frames.read(told)) is not None:
        found.append(message[0]["is"])
    return found


def hears_speech(worker: Worker, number: int) -> None:
    options = asdict(StreamOptions(RATE)) | {"voices": []}
    worker._take({"stream": number, "do": "open", "options": options}, b"")
    heard = samples(AUDIO / "human_speech_jfk.flac")[: 2 * RATE]
    worker._take({"stream": number, "do": "audio"}, (heard * 32767).astype("<i2").tobytes())


def test_a_decode_without_an_end_is_no_sign_of_life(
    worker: Worker, decoder: Endless, told: io.BytesIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_worker, "_STUCK", 0.05)
    hears_speech(worker, 1)
    worker._step()
    time.sleep(0.1)
    worker._show_life()
    assert kinds(told) == []

    decoder.allowed.set()
    worker._came.wait(5)
    worker._collect()
    worker._show_life()
    assert kinds(told) == ["results", "alive"]


def test_what_comes_during_a_decode_waits_for_its_end(
    worker: Worker, decoder: Endless, told: io.BytesIO
) -> None:
    hears_speech(worker, 1)
    worker._step()
    worker._take({"stream": 1, "do": "drop"}, b"")
    assert 1 in worker._sessions

    decoder.allowed.set()
    worker._came.wait(5)
    worker._collect()
    assert worker._sessions == {}
