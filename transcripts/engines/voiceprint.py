"""The voice encoder: 1.6 s of speech to a point on a sphere, near for one voice, far for two.

This is GE2E as Resemblyzer trained it, in NumPy: mel spectrogram, three LSTM layers, one linear
layer. Where to listen and what the points mean is in speakers.py. The weights are in data/, made
by data/convert.py.
"""

import hashlib
import io
from functools import lru_cache
from pathlib import Path

import numpy as np

RATE = 16_000
FRAMES = 160  # of a window, 10 ms each
SIZE = 256  # numbers of a voiceprint
HOP = RATE // 100
_WINDOW = RATE // 40
_MELS = 40
LOUDNESS = 10 ** (-30 / 20)  # root mean square that the encoder was trained on
_BATCH = 64  # windows at a time: weights are read from memory once for all of them
_WEIGHTS = Path(__file__).parent / "data" / "ge2e.npz"
_WEIGHTS_SHA256 = "d0e03c4f6ca7d69b41707f7b57b6d5b1939f6509c04720b1a72a6d0b1327a180"
MODEL = bytes.fromhex(_WEIGHTS_SHA256[:8])  # tells voiceprints of different models apart


def mel(samples: np.ndarray) -> np.ndarray:
    """Power in 40 mel bands every 10 ms, float32 (frames, 40), of float32 16 kHz mono samples.

    As librosa.feature.melspectrogram gives it with 25 ms Hann windows, centred on the frame. Not
    logarithmic, so the level of the samples matters: they are expected at LOUDNESS or over.
    """
    padded = np.pad(samples.astype(np.float32, copy=False), _WINDOW // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::HOP]
    parts = []
    for first in range(0, len(frames), 3000):  # half a minute: the spectrum is complex128
        spectrum = np.fft.rfft(frames[first : first + 3000] * _hann())
        parts.append((np.abs(spectrum) ** 2).astype(np.float32) @ _bands())
    return np.concatenate(parts)


def embed(windows: np.ndarray) -> np.ndarray:
    """Voiceprints, float32 (n, 256) of length 1, of mel windows, float32 (n, 160, 40).

    Raises ValueError if the weights on the disk are not the known ones.
    """
    parts = [_encode(windows[n : n + _BATCH]) for n in range(0, len(windows), _BATCH)]
    return np.concatenate(parts) if parts else np.empty((0, SIZE), np.float32)


def _encode(windows: np.ndarray) -> np.ndarray:
    weights = _weights()
    sequence = np.ascontiguousarray(windows.transpose(1, 0, 2), np.float32)  # time first
    count = len(windows)
    for layer in range(3):
        joined, bias = weights[f"w{layer}"], weights[f"b{layer}"]
        inputs = joined[:-SIZE]
        recurrent = np.ascontiguousarray(joined[-SIZE:])
        state = np.zeros((count, SIZE), np.float32)
        cell = np.zeros((count, SIZE), np.float32)
        after = np.empty((len(sequence), count, SIZE), np.float32)
        gates = np.empty((count, 4 * SIZE), np.float32)
        for step in range(len(sequence)):
            np.matmul(state, recurrent, out=gates)
            gates += sequence[step] @ inputs
            gates += bias
            np.tanh(gates, out=gates)
            i, f, g, o = np.split(gates, 4, axis=1)
            # A sigmoid is a tanh of half the argument; the halves are in the weights.
            cell = cell * (0.5 * f + 0.5) + g * (0.5 * i + 0.5)
            state = np.tanh(cell) * (0.5 * o + 0.5)
            after[step] = state
        sequence = after
    raw = np.maximum(sequence[-1] @ weights["w"] + weights["b"], 0)
    return raw / np.maximum(np.linalg.norm(raw, axis=1, keepdims=True), 1e-9)


@lru_cache(1)
def _weights() -> dict[str, np.ndarray]:
    content = _WEIGHTS.read_bytes()
    if hashlib.sha256(content).hexdigest() != _WEIGHTS_SHA256:
        raise ValueError("The voice model was altered: its checksum does not match.")
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        weights = {name: archive[name].astype(np.float32) for name in archive}
    half = np.repeat(np.array([0.5, 0.5, 1, 0.5], np.float32), SIZE)
    for layer in range(3):
        weights[f"w{layer}"] *= half
        weights[f"b{layer}"] *= half
    return weights


@lru_cache(1)
def _hann() -> np.ndarray:
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW) / _WINDOW)).astype(np.float32)


@lru_cache(1)
def _bands() -> np.ndarray:
    """Slaney's mel filters, each of area 1, float32 (201, 40)."""
    edges = _hertz(np.linspace(0, _mels(RATE / 2), _MELS + 2))
    bins = np.arange(_WINDOW // 2 + 1) * (RATE / _WINDOW)
    rising = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    filters = np.maximum(0, np.minimum(rising, falling)) * (2 / (edges[2:] - edges[:-2]))[:, None]
    return np.ascontiguousarray(filters.T, np.float32)


# Slaney's scale: 15 mels a kilohertz up to 1 kHz, then 27 mels for a factor of 6.4.
_STEP = np.log(6.4) / 27


def _mels(hertz: float) -> float:
    return 15 + np.log(hertz / 1000) / _STEP if hertz >= 1000 else hertz * 3 / 200


def _hertz(mels: np.ndarray) -> np.ndarray:
    return np.where(mels < 15, mels * 200 / 3, 1000 * np.exp(_STEP * (mels - 15)))
