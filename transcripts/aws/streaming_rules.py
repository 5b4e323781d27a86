"""What a live stream may ask for: AWS's parameters, checked. Pure.

The query of the WebSocket and the headers of HTTP/2 name them alike. The service model that
botocore ships has no live operations, so their rules are written down here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from transcripts.aws.errors import bad_request
from transcripts.aws.shapes import invalid, problem

LANGUAGES = ("en-US",)
ENCODINGS = ("pcm", "ogg-opus", "flac")
SPECIALTIES = ("PRIMARYCARE", "CARDIOLOGY", "NEUROLOGY", "ONCOLOGY", "RADIOLOGY", "UROLOGY")
TYPES = ("CONVERSATION", "DICTATION")
RATES = range(16_000, 48_001)
VOCABULARY = r"^[0-9a-zA-Z._-]+"
SESSION = r"[a-fA-F0-9]{8}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{12}"
APART = (
    "enable-channel-identification=true and number-of-channels=2 belong together: "
    "each needs the other."
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A stream's parameters. `session_id` and `vocabulary` are empty where none was given."""

    encoding: str
    sample_rate: int
    specialty: str
    type: str
    session_id: str = ""
    vocabulary: str = ""
    speakers: bool = False
    channels: int = 1
    phi: bool = False

    @property
    def second(self) -> int:
        """Bytes of a second of it as signed 16-bit samples."""
        return self.sample_rate * self.channels * 2


def wanted(values: Mapping[str, str]) -> Wanted:
    """The parameters by their names on the wire; BadRequestException names all that are wrong."""
    problems: list[str] = []

    def one_of(name: str, allowed: tuple[str, ...], *, required: bool = True) -> str:
        value = values.get(name, "")
        if not value and required:
            problems.append(_missing(name))
        elif value and value not in allowed:
            listed = ", ".join(allowed)
            told = f"Member must satisfy enum value set: [{listed}]"
            problems.append(problem(_member(name), value, told))
        return value

    def matching(name: str, pattern: str, longest: int) -> str:
        value = values.get(name, "")
        if len(value) > longest:
            told = f"Member must have length less than or equal to {longest}"
            problems.append(problem(_member(name), value, told))
        elif value and not re.fullmatch(pattern, value):
            told = f"Member must satisfy regular expression pattern: {pattern}"
            problems.append(problem(_member(name), value, told))
        return value

    one_of("language-code", LANGUAGES)
    found = Wanted(
        encoding=one_of("media-encoding", ENCODINGS),
        sample_rate=_rate(values.get("sample-rate", ""), problems),
        specialty=one_of("specialty", SPECIALTIES),
        type=one_of("type", TYPES),
        session_id=matching("session-id", SESSION, 36),
        vocabulary=matching("vocabulary-name", VOCABULARY, 200),
        speakers=one_of("show-speaker-label", ("true", "false"), required=False) == "true",
        channels=_channels(
            one_of("enable-channel-identification", ("true", "false"), required=False) == "true",
            values.get("number-of-channels", ""),
            problems,
        ),
        phi=one_of("content-identification-type", ("PHI",), required=False) == "PHI",
    )
    if problems:
        raise invalid(*problems)
    return found


def _rate(value: str, problems: list[str]) -> int:
    if not value:
        problems.append(_missing("sample-rate"))
        return 0
    number = int(value) if re.fullmatch(r"[0-9]{1,9}", value, re.ASCII) else 0
    if number not in RATES:
        edge, bound = ("greater", RATES[0]) if number < RATES[0] else ("less", RATES[-1])
        told = f"Member must have value {edge} than or equal to {bound}"
        problems.append(problem("mediaSampleRateHertz", value, told))
    return number


def _channels(apart: bool, value: str, problems: list[str]) -> int:
    if value and value != "2":
        told = "Member must have value equal to 2"
        problems.append(problem("numberOfChannels", value, told))
    elif apart != (value == "2"):
        raise bad_request(APART)
    return 2 if apart else 1


def _missing(name: str) -> str:
    return f"Value null at '{_member(name)}' failed to satisfy constraint: Member must not be null"


def _member(name: str) -> str:
    """AWS's name of the member: `languageCode` for language-code."""
    if name == "sample-rate":
        return "mediaSampleRateHertz"
    first, *others = name.split("-")
    return first + "".join(word.capitalize() for word in others)
