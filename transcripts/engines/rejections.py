"""The sentences a clinician reads when a file is refused, one entry a code. No decoding here."""

from transcripts.engines.base import MediaRejected, RejectionCode

_FORMATS = "WAV, MP3, M4A (MP4), FLAC, OGG, WebM or AMR"
_AGAIN = "Copy the recording from the recorder again, and upload that copy."

# code: (message, remedy, AWS FailureReason or None where AWS has no text that fits)
_TEXTS: dict[RejectionCode, tuple[str, str, str | None]] = {
    "empty": (
        "The file is empty: it holds no data at all.",
        _AGAIN,
        "Unsupported media format",
    ),
    "not_audio": (
        "The file is not an audio recording, whatever its name says.",
        f"Choose the recording itself, as {_FORMATS}.",
        "Unsupported media format",
    ),
    "unsupported_format": (
        "The recording is in a format that cannot be read here{found}.",
        f"Save or export it as {_FORMATS}, and upload that file.",
        "Unsupported media format",
    ),
    "truncated": (
        "The recording is cut off: the end of the file is missing{found}.",
        _AGAIN,
        None,
    ),
    "damaged": (
        "The file is damaged: large parts of the recording cannot be read.",
        _AGAIN,
        None,
    ),
    "silent": (
        "The recording holds only silence: no sound reached the microphone.",
        "Check that the microphone was on, and record again.",
        None,
    ),
    "too_short": (
        "The recording is shorter than half a second.",
        "Choose the complete recording, or record again.",
        None,
    ),
    "too_long": (
        "The recording is longer than the limit of {limit}.",
        "Split it into shorter recordings, and upload each one.",
        None,
    ),
    "too_large": (
        "The file is larger than the limit of 2 GB.",
        "Save it as MP3 or M4A, or split it, and upload it again.",
        "Invalid file size: file size too large",
    ),
    "sample_rate": (
        "The recording has a sample rate outside 8 to 48 kHz{found}.",
        "Export it with a sample rate of 16 kHz, and upload that file.",
        "Invalid sample rate for audio file",
    ),
    "channels": (
        "The recording has more than two channels{found}.",
        "Export it as mono or stereo, and upload that file.",
        "Invalid number of channels: number of channels too large",
    ),
}


class Refusal(Exception):
    """What the sandbox child raises: a code and a fact for the brackets, never the file's text."""

    def __init__(self, code: RejectionCode, found: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.found = found


def rejected(code: RejectionCode, *, found: str = "", limit: str = "") -> MediaRejected:
    """Build the exception for a code; raises KeyError for a code that does not exist."""
    message, remedy, aws_reason = _TEXTS[code]
    shown = f" ({found})" if found else ""
    return MediaRejected(code, message.format(found=shown, limit=limit), remedy, aws_reason)


def in_words(seconds: float) -> str:
    """A duration for a sentence: 0.2 s, 20 seconds, 4 hours."""
    if seconds < 10:
        return f"{seconds:.1f} seconds"
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    if seconds < 7200:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.3g} hours"
