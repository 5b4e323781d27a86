"""The child process that decodes one live stream: `python -m transcripts.aws.streaming_sandbox`.

Encoded audio comes in on standard input as it is received, signed 16-bit samples go out on standard
output as soon as they can be made; the exit code says how it ended. The parent's side is in
streaming_media.py. Never import this into another process.
"""

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any

from transcripts.aws.streaming_flac import Broken, Frames
from transcripts.engines import sandbox

CPU_SECONDS = 1800  # of four hours of audio, which take about one minute
READ = 16 * 1024
ENDED, BROKEN, OTHER_RATE, OTHER_CHANNELS = 0, 65, 66, 67


class Ending(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Standard:
    """Standard input for a demuxer: it gets what is there, and does not wait for more."""

    def read(self, size: int) -> bytes:
        return os.read(0, size)


def main(encoding: str, rate: str, channels: str) -> None:
    sandbox.limit(CPU_SECONDS)
    import av

    decoders = {"flac": flac, "ogg-opus": opus}
    try:
        write(decoders[encoding](av, int(rate)), av, int(rate), int(channels))
        code = ENDED
    except Ending as ending:
        code = ending.code
    except (av.error.FFmpegError, Broken):
        code = BROKEN
    os._exit(code)  # a damaged decoder must not get the chance to hang in its destructors


def flac(av: Any, rate: int) -> Iterator[Any]:
    """Frames cut by our own parser: FFmpeg's holds back ten of them, up to 2.6 seconds."""
    frames = Frames()
    decoder = None
    while data := os.read(0, READ):
        for raw in frames.feed(data):
            decoder = decoder or _flac_decoder(av, frames, rate)
            yield from decoder.decode(av.Packet(raw))
    if decoder is None:
        raise Broken
    for raw in frames.finish():
        with contextlib.suppress(av.error.FFmpegError):  # a stream may end within a frame
            yield from decoder.decode(av.Packet(raw))


def _flac_decoder(av: Any, frames: Frames, rate: int) -> Any:
    if frames.rate != rate:
        raise Ending(OTHER_RATE)
    decoder = av.CodecContext.create("flac", "r")
    decoder.extradata = frames.stream_info
    decoder.thread_count = 1
    return decoder


def opus(av: Any, rate: int) -> Iterator[Any]:
    """Opus has one rate of its own, whatever was recorded; `rate` is made of it afterwards."""
    quick = {"probesize": "32", "analyzeduration": "0", "fflags": "nobuffer"}
    allowed = {"format_whitelist": "ogg", "codec_whitelist": "opus,libopus"}
    with av.open(Standard(), format="ogg", options=quick | allowed, buffer_size=4096) as source:
        if not source.streams.audio or source.streams.audio[0].codec_context is None:
            raise Ending(BROKEN)
        for packet in source.demux(source.streams.audio[0]):
            yield from packet.decode()


def write(frames: Iterator[Any], av: Any, rate: int, channels: int) -> None:
    layout = "mono" if channels == 1 else "stereo"
    resampler = av.AudioResampler(format="s16", layout=layout, rate=rate)
    for frame in frames:
        if channels == 2 and frame.layout.nb_channels != 2:
            raise Ending(OTHER_CHANNELS)
        frame.pts = None
        _put(resampler.resample(frame), channels)
    _put(resampler.resample(None), channels)


def _put(frames: list[Any], channels: int) -> None:
    for frame in frames:
        left = memoryview(bytes(frame.planes[0])[: frame.samples * channels * 2])
        while left:
            left = left[os.write(1, left) :]


if __name__ == "__main__":
    main(*sys.argv[1:])
