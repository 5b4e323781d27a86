"""From "stop" to the review screen, for short and long dictations whose last words were heard.

    python -m tests.bench.dictations [minutes, 1 10 30]

The rows are those that a dictation leaves: frames of 200 ms and a line every five seconds. Measured
are the finishing (recording, transcript, review) and the first answers of the review screen.
"""

import sys
import time
import wave
from collections.abc import Sequence

from tests import services

services.start_django()

from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402

from tests import factories  # noqa: E402
from tests.bench.figures import Figure, record  # noqa: E402
from tests.bench.streams import AUDIO, RATE  # noqa: E402
from tests.cast import make_cast  # noqa: E402
from transcripts.actions import streams, tapes  # noqa: E402
from transcripts.models import LiveStream, Membership, StreamResult  # noqa: E402

FRAME = RATE // 5 * 2  # bytes
LINE = 5  # seconds
WORDS = 10


def main(minutes: Sequence[float]) -> None:
    """Print the table."""
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
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
        for path in ("", "state"):
            answer = browser.get(f"/recordings/{recording.pk}/{path}")
            assert answer.status_code == 200, answer
        shown = time.perf_counter() - began - finished
        print(
            f"| {each:g} min | {finished:.2f} s | {cpu:.2f} s | {shown:.2f} s "
            f"| {finished + shown:.2f} s |",
            flush=True,
        )
        whole = finished + shown
        record(Figure("dictations", f"stop to review, {each:g} min", whole, "s", goal="≤ 2 s"))


def spoken(speaker: Membership, minutes: float) -> LiveStream:
    """A dictation of so many minutes, as it is when "stop" is pressed."""
    with wave.open(str(AUDIO / "dictation_mono.wav")) as file:
        sound = file.readframes(file.getnframes())
    size = int(minutes * 60) * RATE * 2
    pcm = (sound * (size // len(sound) + 1))[:size]
    stream = streams.begin(
        practice=speaker.practice,
        by=speaker.user,
        about=factories.about(speaker),
        sample_rate=RATE,
        channels=1,
        settings={},
    )
    frames = [pcm[at : at + FRAME] for at in range(0, size, FRAME)]
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
