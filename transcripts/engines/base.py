"""Value types, the Engine protocol and the errors that all engines share.

No engine, no decoding and no Django lives here. All times are seconds.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

PEAKS_PER_SECOND = 20

ItemType = Literal["pronunciation", "punctuation"]


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another reading of the same stretch of audio; confidence is 0..1 or None if not known."""

    content: str
    confidence: float | None


@dataclass(frozen=True, slots=True)
class Item:
    """One word or one punctuation mark.

    A pronunciation has a start and an end (seconds, start <= end) and two scores in 0..1:
    `raw_confidence` as the engine gave it, `confidence` after calibration. A punctuation mark
    has neither times nor scores. `marks` says what is doubtful beyond the scores: "no_speech" where
    nobody was heard, "loop" in text that the engine repeated.
    """

    type: ItemType
    content: str
    start: float | None
    end: float | None
    confidence: float | None
    raw_confidence: float | None
    alternatives: tuple[Alternative, ...] = ()
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Segment:
    """One line of text for a reviewer: at most 15 s of one speaker or channel.

    `alternatives` are other readings of the whole line, best first.
    """

    start: float
    end: float
    items: tuple[Item, ...]
    channel: int | None = None
    speaker: str | None = None
    alternatives: tuple[tuple[Item, ...], ...] = ()

    @property
    def text(self) -> str:
        """Items joined by one space, none before a punctuation item."""
        parts: list[str] = []
        for item in self.items:
            if parts and item.type == "pronunciation":
                parts.append(" ")
            parts.append(item.content)
        return "".join(parts)


def ignored(stage: str) -> None:
    """For callers that do not ask which stage failed."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the job knows beforehand: AWS specialty and type, words to listen for.

    `alternatives` is how many other readings of a line are wanted, 0 to 10. `on_trouble` is told
    the name of a stage that failed without costing the text: "alternatives" or "speech".
    """

    specialty: str
    type: str
    vocabulary: tuple[str, ...] = ()
    alternatives: int = 0
    on_trouble: Callable[[str], None] = ignored


class Engine(Protocol):
    """Turns one piece of audio into segments. Implementations must be interchangeable."""

    name: str
    model_id: str

    def transcribe(
        self, audio: Path, options: Options, on_progress: Callable[[float], None]
    ) -> Iterator[Segment]:
        """Yield the segments of a 16 kHz mono file in order, as they are decoded.

        Times are relative to the file. `on_progress` gets the seconds of audio done so far and
        never goes backwards. Raises EngineError; what was yielded before stays valid.
        """
        ...


class EngineError(Exception):
    """The engine cannot do its work; `reason` is a plain sentence fit for the page."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What an accepted recording really is, found by decoding all of it.

    format is one of AWS's names (wav mp3 mp4 flac ogg webm amr); sample_rate in Hz; duration in
    decoded seconds; `playable` says browsers can play the file as it is; peaks holds the largest
    absolute sample of each 1/20 s on any channel, 0..100.
    """

    format: str
    codec: str
    sample_rate: int
    channels: int
    duration: float
    playable: bool
    peaks: list[int]


@dataclass(frozen=True, slots=True)
class Piece:
    """A slice of a recording as a 16 kHz mono FLAC file; start and end are seconds of the whole.

    index counts from 0 within a channel; channel is None when all channels were mixed down.
    """

    index: int
    channel: int | None
    start: float
    end: float
    path: Path


RejectionCode = Literal[
    "empty",
    "not_audio",
    "unsupported_format",
    "truncated",
    "damaged",
    "silent",
    "too_short",
    "too_long",
    "too_large",
    "sample_rate",
    "channels",
]


class MediaRejected(Exception):
    """The file cannot become a recording.

    `message` says what is wrong and `remedy` what to do, one sentence each, for a clinician;
    `aws_reason` is the FailureReason of the AWS API (the message where AWS has none). The
    sentences of each code are in rejections.py.
    """

    def __init__(
        self, code: RejectionCode, message: str, remedy: str, aws_reason: str | None = None
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.remedy = remedy
        self.aws_reason = aws_reason or message
