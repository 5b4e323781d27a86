"""Captions of a document, SubRip (SRT) and WebVTT: short cues on the words' own times.

Pure. A draft says so in every cue, since players show one cue at a time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from review.release import letter

# Two lines of 42 characters, and no longer on the screen than one can look at it.
MOST_CHARACTERS = 84
MOST_SECONDS = Decimal(7)


@dataclass(frozen=True, slots=True)
class Cue:
    """What stands on the screen from `start` to `end`, seconds; `speaker` on every cue."""

    start: Decimal
    end: Decimal
    speaker: str | None
    text: str


def srt(doc: Mapping[str, Any], *, signature: Mapping[str, str] | None) -> str:
    """The document as SubRip: numbered cues, times with a comma, CRLF as players expect.

    ValueError when the signature is not that of `doc`.
    """
    letter.check(doc, signature)
    before: str | None = None
    blocks = []
    for number, cue in enumerate(cues(doc), 1):
        said = f"{cue.speaker}: {cue.text}" if cue.speaker not in (None, before) else cue.text
        before = cue.speaker
        lines = [*_mark(signature), said]
        blocks.append(
            f"{number}\n{_time(cue.start, ',')} --> {_time(cue.end, ',')}\n" + "\n".join(lines)
        )
    return "\n\n".join([*blocks, ""]).replace("\n", "\r\n")


def vtt(doc: Mapping[str, Any], *, signature: Mapping[str, str] | None) -> str:
    """The document as WebVTT with voice tags (W3C WebVTT, section 6.1). ValueError as srt()."""
    letter.check(doc, signature)
    blocks = ["WEBVTT"]
    if signature is None:
        blocks.append(f"NOTE {letter.DRAFT}")
    else:
        when = letter.moment(signature["signed_at"])
        signer = _plain(letter.one_line(signature["signer"]))
        blocks.append(f"NOTE Signed by {signer}, {when}, SHA-256 {signature['sha256']}")
    for cue in cues(doc):
        voice = f"<v {_plain(cue.speaker)}>" if cue.speaker else ""
        lines = [*_mark(signature), voice + _plain(cue.text)]
        blocks.append(f"{_time(cue.start, '.')} --> {_time(cue.end, '.')}\n" + "\n".join(lines))
    return "\n\n".join([*blocks, ""])


def cues(doc: Mapping[str, Any]) -> Iterator[Cue]:
    """Cues in order: a segment, or as much of it as can be read at once."""
    words = iter(doc["words"])
    for segment in doc["segments"]:
        spoken = _Spoken(segment)
        speaker = letter.voice(segment)
        while spoken.rest:
            taken = spoken.take(words)
            if taken is None:
                break
            start, end, text = taken
            yield Cue(start, max(end, start), speaker, text)


class _Spoken:
    """A segment's text as it is used up by its words."""

    def __init__(self, segment: Mapping[str, Any]) -> None:
        self.rest: str = segment["text"]
        self.start = Decimal(segment["start"])
        self.end = Decimal(segment["end"])

    def take(self, words: Iterator[list[Any]]) -> tuple[Decimal, Decimal, str] | None:
        """The next cue's start, end and text; None when the segment has no words left."""
        start: Decimal | None = None
        end, length = self.start, 0
        for _, content, from_, to, *_rest in words:
            length = self.rest.index(content, length) + len(content)
            if from_ is not None:
                start = Decimal(from_) if start is None else start
                end = Decimal(to)
            left = self.rest[length:]
            if not left:
                break
            # Not before a mark that hangs on the word just taken.
            since = end if start is None else start
            full = length >= MOST_CHARACTERS - 12 or end - since >= MOST_SECONDS - 1
            if full and left.startswith(" "):
                break
        if not length:
            return None
        text, self.rest = letter.one_line(self.rest[:length]), self.rest[length:]
        begin = self.start if start is None else start
        self.start = end
        return begin, end if start is not None else self.end, text


def _mark(signature: Mapping[str, str] | None) -> list[str]:
    return [letter.DRAFT] if signature is None else []


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _time(seconds: Decimal, point: str) -> str:
    thousandths = int(seconds * 1000)
    whole, rest = divmod(thousandths, 1000)
    return f"{whole // 3600:02}:{whole % 3600 // 60:02}:{whole % 60:02}{point}{rest:03}"
