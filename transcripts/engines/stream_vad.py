"""Voice activity of a stream, 32 ms at a time: the detector of the batch engine, with its memory
carried over from block to block."""

import numpy as np

FRAME = 512  # samples at 16 kHz that are judged at once
_CONTEXT = 64


class Voice:
    """How likely each frame of one lane is to be speech, whatever the blocks it comes in."""

    def __init__(self) -> None:
        from faster_whisper.vad import get_vad_model

        self._session = get_vad_model().session
        self._h = np.zeros((1, 1, 128), np.float32)
        self._c = np.zeros((1, 1, 128), np.float32)
        self._before = np.zeros(_CONTEXT, np.float32)

    def judge(self, samples: np.ndarray) -> np.ndarray:
        """Probabilities 0..1 of whole frames, float32 samples at 16 kHz, in order."""
        frames = samples.reshape(-1, FRAME)
        if not len(frames):
            return np.zeros(0, np.float32)
        before = np.concatenate((self._before[None], frames[:-1, -_CONTEXT:]))
        self._before = frames[-1, -_CONTEXT:].copy()
        found, self._h, self._c = self._session.run(
            None,
            {"input": np.concatenate((before, frames), axis=1), "h": self._h, "c": self._c},
        )
        return np.asarray(found).ravel()
