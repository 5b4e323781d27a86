"""From "stop" to the review screen, for short and long dictations whose last words were heard.

    python -m tests.bench.dictations [minutes, 1 10 30]

The rows are those that a dictation leaves: frames of 200 ms and a line every five seconds. Measured
are the finishing (recording, transcript, review) and the first answers of the review screen. The
limit is the sound as FLAC by the bare encoder, and as many empty views.
"""

import io
import sys
import time
import wave
from collections.abc import Sequence

from tests import services

services.start_django()

import av  # noqa: E402
import numpy as np  # noqa: E402
from django.test import Client  # noqa: E402

from tests import factories  # noqa: E402
from tests.bench.figures import Figure, record  # noqa: E402
from tests.bench.ground import tables  # noqa: E402
from tests.bench.streams import AUDIO, RATE  # noqa: E402
from tests.cast import make_cast  # noqa: E402
from transcripts.actions import streams, tapes  # noqa: E402
from transcripts.models import LiveStream, Membership, StreamResult  # noqa: E402

FRAME = RATE // 5 * 2  # bytes
LINE = 5  # seconds
WORDS = 10


def main(minutes: Sequence[float]) -> None:
    """Print the table."""
    tables()
    speaker = make_cast().clinician
    browser = Client(HTTP_ACCEPT="application/json")
    browser.force_login(speaker.user)
    print("| dictation | finished | CPU here | review screen | stop to review |")
    print("| ---: | ---: | ---: | ---: | ---: |")
    for each in minutes:
        stream = spoken(speaker, each)
        began, cpu = time.perf_counter(), time.process_time()
        recording = tapes.finish(stream_id=stream.pk, heard_all=True)
        finished, cpu = time.perf_counter() - began, time.process_time() - cpu
        assert recording and recording.jobs.get().status == "COMPLETED"
        shown = asked(browser, *(f"/recordings/{recording.pk}/{path}" for path in ("", "state")))
        bare = encoded(sound(each)) + asked(browser, "/healthz", "/healthz")
        print(
            f"| {each:g} min | {finished:.2f} s | {cpu:.2f} s | {shown:.2f} s "
            f"| {finished + shown:.2f} s |",
            flush=True,
        )
        whole, name = finished + shown, f"stop to review, {each:g} min"
        against = {"limit": bare, "against": "bare FLAC encoder and two empty views"}
        record(Figure("dictations", name, whole, "s", goal="≤ 2 s", **against))


def asked(browser: Client, *paths: str) -> float:
    """Seconds until all were answered, one after the other."""
    began = time.perf_counter()
    for path in paths:
        answer = browser.get(path)
        assert answer.status_code == 200, answer
    return time.perf_counter() - began


def encoded(pcm: bytes) -> float:
    """Seconds of the encoder alone, in memory."""
    began = time.perf_counter()
    with av.open(io.BytesIO(), "w", format="flac") as target:
        stream = target.add_stream("flac", rate=RATE, layout="mono")
        for at in range(0, len(pcm), 2 * RATE):
            second = np.frombuffer(pcm[at : at + 2 * RATE], np.int16).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(second, "s16", "mono")
            frame.sample_rate, frame.pts = RATE, at // 2
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return time.perf_counter() - began


def sound(minutes: float) -> bytes:
    """A recorded dictation again and again, as raw samples."""
    with wave.open(str(AUDIO / "dictation_mono.wav")) as file:
        once = file.readframes(file.getnframes())
    size = int(minutes * 60) * RATE * 2
    return (once * (size // len(once) + 1))[:size]


def spoken(speaker: Membership, minutes: float) -> LiveStream:
    """A dictation of so many minutes, as it is when "stop" is pressed."""
    pcm = sound(minutes)
    stream = streams.begin(
        practice=speaker.practice,
        by=speaker.user,
        about=factories.about(speaker),
        sample_rate=RATE,
        channels=1,
        settings={},
    )
    frames = [pcm[at : at + FRAME] for at in range(0, len(pcm), FRAME)]
    for first in range(0, len(frames), 25):
        streams.keep_all(stream_id=stream.pk, first_seq=first, frames=frames[first : first + 25])
    lines = [
        factories.line([(f"word{n}x{i}", 0.3 if i == 7 else 0.95) for i in range(WORDS)], n * LINE)
        for n in range(int(minutes * 60) // LINE)
    ]
    StreamResult.objects.bulk_create(
        StreamResult(stream=stream, index=n, start=line["start"], end=line["end"], line=line)
        for n, line in enumerate(lines)
    )
    return stream


if __name__ == "__main__":
    main([float(each) for each in sys.argv[1:]] or [1, 10, 30])
