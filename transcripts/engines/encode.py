"""PCM to files, with PyAV: FLAC pieces for the engine, Opus copies for the browser."""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame

_OPUS_RATES = (8_000, 12_000, 16_000, 24_000, 48_000)
_OPUS_BITS = 32_000  # a second and channel; speech at 8 kHz needs no more than 24,000
_FLAC_BLOCK = 16_000


def write_flac(path: Path, samples: np.ndarray, rate: int) -> None:
    """Write int16 mono samples, losslessly and to the last sample. Raises OSError."""
    write_flac_blocks(path, iter([samples[:, None]]), rate, 1)


def write_flac_blocks(path: Path, blocks: Iterator[np.ndarray], rate: int, channels: int) -> None:
    """Write int16 blocks of shape (samples, channels) as one FLAC file. Raises OSError."""
    layout = "mono" if channels == 1 else "stereo"
    with av.open(str(path), "w", format="flac") as container:
        stream = container.add_stream("flac", rate=rate, layout=layout, format="s16")
        done = 0
        for block in blocks:
            for at in range(0, len(block), _FLAC_BLOCK):
                piece = block[at : at + _FLAC_BLOCK]
                container.mux(stream.encode(_frame(piece, rate, done + at)))
            done += len(block)
        container.mux(stream.encode(None))


def opus_rate(rate: int) -> int:
    """The lowest rate of Opus that loses nothing of a recording at `rate` Hz."""
    return next(each for each in _OPUS_RATES if each >= rate)


def write_opus(path: Path, chunks: Iterator[np.ndarray], rate: int, channels: int) -> None:
    """Write int16 chunks of shape (samples, channels) as Opus in WebM, index first.

    Raises OSError, and whatever `chunks` raises.
    """
    layout = "mono" if channels == 1 else "stereo"
    bits = (24_000 if rate == 8_000 else _OPUS_BITS) * channels
    with av.open(str(path), "w", format="webm", options={"cues_to_front": "1"}) as container:
        stream = container.add_stream("libopus", rate=rate, layout=layout, format="s16")
        stream.bit_rate = bits
        done = 0
        for chunk in chunks:
            container.mux(stream.encode(_frame(chunk, rate, done)))
            done += len(chunk)
        container.mux(stream.encode(None))


def _frame(samples: np.ndarray, rate: int, pts: int) -> AudioFrame:
    layout = "mono" if samples.shape[1] == 1 else "stereo"
    packed = np.ascontiguousarray(samples).reshape(1, -1)
    frame = AudioFrame.from_ndarray(packed, format="s16", layout=layout)
    frame.sample_rate = rate
    frame.pts = pts
    return frame
