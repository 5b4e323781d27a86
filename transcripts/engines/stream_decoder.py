"""Whisper for live speech: one utterance at a time, with as little of the encoder as will do.

Whisper pads every piece to 30 s, which is nine tenths of the cost of a short one. CTranslate2 takes
less; too little and the decoder loops, hence SHORTEST and BEYOND (measured, see architecture.md).
"""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from transcripts.engines import doubts
from transcripts.engines.base import EngineError
from transcripts.engines.lines import Word
from transcripts.engines.local import LocalEngine

RATE = 16_000
SHORTEST, BEYOND = 10.0, 4.0  # seconds of the encoder's window, at least and past the audio
LEAST_ALONE = 15.0  # the same for a final that is heard without what was said before
_WINDOW = 30.0
_FRAMES = 100  # a second
_FASTEST = 9  # tokens a second that anybody speaks; what is longer is a loop
_BIASED = 2.5  # seconds of speech from which a vocabulary helps
_PREPENDED, _APPENDED = "\"'“¿([{-", "\"'.。,，!！?？:：”)]}、"


@dataclass(frozen=True, slots=True)
class Heard:
    """What one decode gave: words with times from the beginning of the audio, and the tokens."""

    words: tuple[Word, ...]
    tokens: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        return "".join(word.text for word in self.words)


NOTHING = Heard(())

# Decodes a second of speech, as streams of dictation and conversation had them (tests/bench).
PARTIALS, FINALS = 1.1, 0.35


class Decoder:
    """The model of one inference process. Not for use by several threads at once."""

    def __init__(self, model: str | None = None, *, cpu_threads: int = 1) -> None:
        """Load it; `model` as for LocalEngine. Raises EngineError."""
        engine = LocalEngine(model, cpu_threads=cpu_threads)
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

    def final(
        self,
        samples: np.ndarray,
        hotwords: str | None,
        before: np.ndarray | None = None,
        said: tuple[int, ...] = (),
    ) -> Heard:
        """What was said, as well as this model can tell.

        `before` is the audio that leads up to it and `said` the tokens of what was heard there: in
        its context an utterance is heard far better than alone.
        """
        if before is not None and said:
            heard = self._decode(samples, hotwords, beam=5, before=before, said=said)
            if not _doubtful(heard, samples):
                return heard
        heard = self._decode(samples, _bias(hotwords, samples), beam=5, least=LEAST_ALONE)
        if _doubtful(heard, samples):
            other = self._decode(samples, None, beam=5, least=_WINDOW)
            heard = NOTHING if looped(other) else other
        return heard

    def _decode(
        self,
        samples: np.ndarray,
        hotwords: str | None,
        *,
        beam: int,
        least: float = SHORTEST,
        before: np.ndarray | None = None,
        said: tuple[int, ...] = (),
    ) -> Heard:
        if len(samples) < 0.1 * RATE:
            return NOTHING
        whole = samples if before is None else np.concatenate((before, samples))
        seconds = len(whole) / RATE
        window = min(_WINDOW, max(least, seconds + BEYOND))
        features = self._model.feature_extractor(whole)[..., : int(_WINDOW * _FRAMES)]
        frames = min(int(seconds * _FRAMES), features.shape[-1])
        features = features[..., :frames]
        features = np.pad(features, ((0, 0), (0, max(0, int(window * _FRAMES) - frames))))
        try:
            encoded = self._model.encode(features)
            prompt = self._model.get_prompt(
                self._tokenizer, [], without_timestamps=True, hotwords=hotwords
            )
            spoken = len(samples) / RATE
            found = self._model.model.generate(
                encoded,
                [[*prompt, *said]],
                beam_size=beam,
                max_length=min(448, len(prompt) + len(said) + 10 + int(spoken * _FASTEST)),
                suppress_blank=not said,
                suppress_tokens=self._suppressed,
                return_scores=True,
            )[0]
            tokens = [token for token in found.sequences_ids[0] if token < self._tokenizer.eot]
            if said:  # a forced beginning is part of what comes back
                tokens = tokens[len(said) :]
            words = self._timed(encoded, [*said, *tokens], frames)
        except (RuntimeError, ValueError, MemoryError) as error:
            # The kind of error only: a decoder's message may quote what was said.
            raise EngineError(
                f"The speech engine stopped with an error ({type(error).__name__})."
            ) from None
        return Heard(_after(words, len(self._words(said)), seconds - spoken), tuple(tokens))

    def cost(self) -> float:
        """CPU seconds that a second of speech costs here, from a decode of known size.

        Noise, with the end suppressed, so that every machine writes the same number of words. CPU
        time, not the clock: at start-up other processes want the machine as well.
        """
        noise = np.random.default_rng(0).normal(0, 0.05, 5 * RATE).astype(np.float32)
        before = np.resize(noise, 10 * RATE)
        suppressed, self._suppressed = self._suppressed, [*self._suppressed, self._tokenizer.eot]
        try:
            self._decode(noise, None, beam=1)  # the first is slower
            began = time.process_time()
            self._decode(noise, None, beam=1)
            partial = time.process_time() - began
            self._decode(noise, None, beam=5, before=before, said=tuple(self._tokenizer.encode(" word" * 30)))
            final = time.process_time() - began - partial
        finally:
            self._suppressed = suppressed
        return partial * PARTIALS + final * FINALS

    def _words(self, tokens: tuple[int, ...]) -> list[str]:
        if not tokens:
            return []
        return self._tokenizer.split_to_word_tokens([*tokens, self._tokenizer.eot])[0][:-1]

    def _timed(self, encoded: Any, tokens: list[int], frames: int) -> list[dict[str, Any]]:
        """Words as they are spelt, marks apart, with times and probabilities."""
        if not tokens:
            return []
        return self._model.find_alignment(self._tokenizer, [tokens], encoded, frames)[0]


def _after(aligned: list[dict[str, Any]], skip: int, offset: float) -> tuple[Word, ...]:
    """The words past the first `skip`, `offset` seconds earlier, with marks put to their words."""
    from faster_whisper.transcribe import merge_punctuations

    words = aligned[skip:]
    merge_punctuations(words, _PREPENDED, _APPENDED)
    return tuple(
        Word(
            each["word"],
            max(0.0, float(each["start"]) - offset),
            max(0.0, float(each["end"]) - offset),
            float(each["probability"]),
        )
        for each in words
        if each["word"]
    )


def _bias(hotwords: str | None, samples: np.ndarray) -> str | None:
    """The words to listen for; not in a moment of speech, where the decoder would repeat itself."""
    return hotwords if len(samples) >= _BIASED * RATE else None


def _doubtful(heard: Heard, samples: np.ndarray) -> bool:
    """Is it a loop, too much for the time, or nothing at all where someone spoke?"""
    seconds = len(samples) / RATE
    many = len(heard.words) > 3 + 6 * seconds
    return many or looped(heard) or (not heard.words and seconds > 1.0)


def looped(heard: Heard) -> bool:
    """Does this decode repeat itself?"""
    return bool(doubts.loops([word.text for word in heard.words]))
