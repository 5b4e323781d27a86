"""What goes over a live stream: audio in, transcript events and errors out. Pure.

Audio comes bare, or in envelopes that are signed one upon the other.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from transcripts.aws import eventstream, sigv4
from transcripts.aws.errors import AwsError, bad_request
from transcripts.aws.eventstream import Malformed, Message, Timestamp

SIGNATURE, DATE = ":chunk-signature", ":date"
UNREADABLE = "The audio stream can't be read: it has to come in event stream encoding."
TOO_LARGE = (
    "The audio chunk is too large: one audio event holds at most one second of audio, {most} bytes "
    "here. Send smaller chunks and try your request again."
)


class Audio:
    """Takes the audio out of a client's messages."""

    def __init__(self, chain: sigv4.Chain, *, most: int, signed: bool) -> None:
        """`most` bytes an event; `signed` where no message may come without its envelope."""
        self._chain = chain
        self._most = most
        self._signed = signed

    def of(self, message: Message) -> bytes:
        """The message's audio; empty where the client says that this was all. Raises AwsError."""
        try:
            event = self._opened(message)
        except sigv4.Refused as refusal:
            raise AwsError(refusal.code, refusal.message) from None
        except Malformed:
            raise bad_request(UNREADABLE) from None
        if event is None:
            return b""
        if event.text(":message-type") != "event" or event.text(":event-type") != "AudioEvent":
            raise bad_request("A stream takes events of the type AudioEvent only.")
        if len(event.payload) > self._most:
            raise bad_request(TOO_LARGE.format(most=self._most))
        return event.payload

    def _opened(self, message: Message) -> Message | None:
        """The event within; None for the envelope without one, which ends the audio."""
        made = message.headers.get(SIGNATURE)
        if made is None:
            if self._signed:
                raise bad_request("A chunk of this stream is not signed.")
            return message
        date = message.headers.get(DATE)
        if not isinstance(made, bytes) or not isinstance(date, Timestamp):
            raise bad_request("A signed chunk needs its signature and its date.")
        covered = eventstream.encode_headers({DATE: date})
        self._chain.check(
            made, milliseconds=date.milliseconds, headers=covered, payload=message.payload
        )
        # Whoever began to sign goes on signing: nothing is slipped in between.
        self._signed = True
        return eventstream.decode(message.payload) if message.payload else None


def transcript(result: dict[str, Any]) -> bytes:
    """The message that tells `result`, a Result of AWS's."""
    return _message({"Transcript": {"Results": [result]}}, "event", "TranscriptEvent")


def exception(code: str, message: str) -> bytes:
    """The message that ends a stream, by AWS's name of the error."""
    return _message({"Message": message}, "exception", code)


def result(
    *,
    id: str,
    start: float,
    end: float,
    partial: bool,
    channel: int | None,
    items: Sequence[Any],
    speakers: Sequence[str | None] = (),
    entities: Iterable[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """A Result in AWS's form. Items are engines.base.Item; `entities` None: not asked for."""
    told: dict[str, Any] = {
        "Transcript": _text(items),
        "Items": _items(items, speakers, start),
    }
    if entities is not None and not partial:
        told["Entities"] = [_entity(one) for one in entities]
    made = {
        "ResultId": id,
        "StartTime": round(start, 3),
        "EndTime": round(end, 3),
        "IsPartial": partial,
        "Alternatives": [told],
    }
    return made if channel is None else made | {"ChannelId": f"ch_{channel}"}


def _message(body: dict[str, Any], kind: str, name: str) -> bytes:
    headers: dict[str, eventstream.Value] = {
        f":{kind}-type": name,
        ":content-type": "application/json",
        ":message-type": kind,
    }
    return eventstream.encode(Message(headers, json.dumps(body).encode()))


def _text(items: Sequence[Any]) -> str:
    parts: list[str] = []
    for item in items:
        parts += [" ", item.content] if parts and item.type == "pronunciation" else [item.content]
    return "".join(parts)


def _items(
    items: Sequence[Any], speakers: Sequence[str | None], start: float
) -> list[dict[str, Any]]:
    """A punctuation mark stands where the word before it ended, and nobody says it."""
    made, before = [], start
    for number, item in enumerate(items):
        spoken = item.type == "pronunciation"
        begins = item.start if item.start is not None else before
        before = item.end if item.end is not None else before
        one: dict[str, Any] = {
            "StartTime": round(begins, 3),
            "EndTime": round(before, 3),
            "Type": item.type,
            "Content": item.content,
        }
        if spoken and item.confidence is not None:
            one["Confidence"] = round(item.confidence, 4)
        speaker = speakers[number] if number < len(speakers) else None
        if speaker is not None:
            one["Speaker"] = speaker.removeprefix("spk_")
        made.append(one)
    return made


def _entity(found: dict[str, Any]) -> dict[str, Any]:
    return {
        "StartTime": found["start"],
        "EndTime": found["end"],
        "Category": "PHI",
        "Content": found["content"],
        "Confidence": found["confidence"],
    }
