"""Whisper for live speech: one utterance at a time, with as little of the encoder as will do.

Whisper pads every piece to 30 s, which is nine tenths of the cost of a short one. CTranslate2 takes
less; too little and the decoder loops, hence SHORTEST and BEYOND.
"""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from transcripts.engines import doubts
from transcripts.engines.base import EngineError
from transcripts.engines.lines import Word
from transcripts.engines.local import LocalEngine
from transcripts.engines.missed import missed

RATE = 16_000
SHORTEST, BEYOND = 10.0, 5.0  # seconds of the encoder's window, at least and past the audio
LEAST_FINAL = 15.0  # the same for a final
_WINDOW = 30.0
_FRAMES = 100  # a second
_FASTEST = 9  # tokens a second that anybody speaks; what is longer is a loop
_WORDS = 6.0  # words a second that anybody speaks
_BIASED = 1.0  # seconds of speech from which a vocabulary helps
_PREPENDED, _APPENDED = "\"'“¿([{-", "\"'.。,，!！?？:：”)]}、"


@dataclass(frozen=True, slots=True)
class Heard:
    """What one decode gave: words with times from the beginning of the audio."""

    words: tuple[Word, ...]


NOTHING = Heard(())

# Decodes a second of speech, counted on the test recordings, with finals begun in vain.
PARTIALS, FINALS = 1.1, 0.38


class Decoder:
    """The model of one inference process, for as many threads at once as `decodes` says."""

    def __init__(self, model: str | None = None, *, decodes: int = 1) -> None:
        """Load it; `model` as for LocalEngine. Raises EngineError."""
        engine = LocalEngine(model, cpu_threads=1, decodes=decodes)
        self._engine = engine
        self.model_id = engine.model_id
        self.table = engine.table
        self._model: Any = engine.model
        from faster_whisper.tokenizer import Tokenizer
        from faster_whisper.transcribe import get_suppressed_tokens

        self._tokenizer = Tokenizer(
            self._model.hf_tokenizer,
            self._model.model.is_multilingual,
            task="transcribe",
            language="en",
        )
        self._suppressed = get_suppressed_tokens(self._tokenizer, [-1])

    def hotwords(self, terms: tuple[str, ...]) -> str | None:
        """The prompt for words to listen for."""
        return self._engine.hotwords(terms)

    def partial(self, samples: np.ndarray, hotwords: str | None) -> Heard:
        """Quickly what was said so far, float32 16 kHz mono."""
        heard = self._decode(samples, _bias(hotwords, samples), beam=1)
        return NOTHING if looped(heard) else heard

    def final(self, samples: np.ndarray, hotwords: str | None) -> Heard:
        """What was said, as well as this model can tell."""
        hotwords = _bias(hotwords, samples)
        heard = self._decode(samples, hotwords, beam=5, least=LEAST_FINAL)
        if _doubtful(heard, samples):
            # Mostly the words to listen for that led it astray.
            least = LEAST_FINAL if hotwords else _WINDOW
            other = self._decode(samples, None, beam=5, least=least)
            if looped(heard) or len(other.words) > len(heard.words):
                heard = NOTHING if looped(other) else other
        return heard

    def _decode(
        self, samples: np.ndarray, hotwords: str | None, *, beam: int, least: float = SHORTEST
    ) -> Heard:
        seconds = len(samples) / RATE
        if seconds < 0.1:
            return NOTHING
        window = min(_WINDOW, max(least, seconds + BEYOND))
        frames = min(int(seconds * _FRAMES), int(_WINDOW * _FRAMES))
        features = self._model.feature_extractor(samples)[..., :frames]
        # As silent as the audio ever is: after zeros, of 2,987 words 25 more were wrong.
        rest = ((0, 0), (0, max(0, int(window * _FRAMES) - frames)))
        features = np.pad(features, rest, constant_values=float(features.min()))
        try:
            encoded = self._model.encode(features)
            prompt = self._model.get_prompt(
                self._tokenizer, [], without_timestamps=True, hotwords=hotwords
            )
            found = self._model.model.generate(
                encoded,
                [prompt],
                beam_size=beam,
                max_length=min(448, len(prompt) + 10 + int(seconds * _FASTEST)),
                suppress_blank=True,
                suppress_tokens=self._suppressed,
                return_scores=True,
            )[0]
            tokens = [token for token in found.sequences_ids[0] if token < self._tokenizer.eot]
            return Heard(self._timed(encoded, tokens, frames))
        except (RuntimeError, ValueError, MemoryError) as error:
            # The kind of error only: a decoder's message may quote what was said.
            raise EngineError(
                f"The speech engine stopped with an error ({type(error).__name__})."
            ) from None

    def cost(self) -> float:
        """CPU seconds that a second of speech costs here, from a decode of known size.

        Two seconds of noise, with the end suppressed: every machine writes 28 tokens, about what
        five seconds of speech have, in the windows that those get. CPU time, not the clock: at
        start-up other processes want the machine as well.
        """
        noise = np.random.default_rng(0).normal(0, 0.05, 2 * RATE).astype(np.float32)
        suppressed, self._suppressed = self._suppressed, [*self._suppressed, self._tokenizer.eot]
        try:
            self._decode(noise, None, beam=1)  # the first is slower
            began = time.process_time()
            self._decode(noise, None, beam=1)
            partial = time.process_time() - began
            self._decode(noise, None, beam=5, least=LEAST_FINAL)
            final = time.process_time() - began - partial
        finally:
            self._suppressed = suppressed
        return partial * PARTIALS + final * FINALS

    def _timed(self, encoded: Any, tokens: list[int], frames: int) -> tuple[Word, ...]:
        from faster_whisper.transcribe import merge_punctuations

        if not tokens:
            return ()
        aligned = self._model.find_alignment(self._tokenizer, [tokens], encoded, frames)[0]
        merge_punctuations(aligned, _PREPENDED, _APPENDED)
        return tuple(
            Word(each["word"], float(each["start"]), float(each["end"]), float(each["probability"]))
            for each in aligned
            if each["word"]
        )


def _bias(hotwords: str | None, samples: np.ndarray) -> str | None:
    """The words to listen for; not in a moment of speech, where the decoder would repeat itself."""
    return hotwords if len(samples) >= _BIASED * RATE else None


def _doubtful(heard: Heard, samples: np.ndarray) -> bool:
    """Is it a loop, too much for the time, or does it pass over a second of speech?"""
    seconds = len(samples) / RATE
    if looped(heard) or len(heard.words) > 3 + _WORDS * seconds:
        return True
    return bool(missed([(0.0, seconds)], heard.words, samples, RATE))


def looped(heard: Heard) -> bool:
    """Does this decode repeat itself?"""
    return bool(doubts.loops([word.text for word in heard.words]))
