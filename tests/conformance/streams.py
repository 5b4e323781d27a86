"""A live stream's client over the bare wire, for what Amazon's own client can't be made to do."""

import asyncio
import json
import wave
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from botocore.eventstream import EventStreamBuffer
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.conformance.server import AUDIO, Key, Server
from tests.transcripts.aws import signing
from transcripts.aws.eventstream import Message, encode

PATH = "/aws/medical-stream-transcription-websocket"
WANTED = {
    "language-code": "en-US",
    "media-encoding": "pcm",
    "sample-rate": "16000",
    "specialty": "PRIMARYCARE",
    "type": "DICTATION",
}
SECONDS = 60


def pcm(file: str = "dictation_mono.wav", seconds: float = 4.0) -> bytes:
    """The beginning of a test recording as raw samples of 16 kHz."""
    with wave.open(str(AUDIO / file)) as source:
        assert source.getframerate() == 16000
        return source.readframes(int(seconds * 16000))


def pieces(audio: bytes, size: int = 3200) -> list[bytes]:
    return [audio[at : at + size] for at in range(0, len(audio), size)]


def event(audio: bytes) -> bytes:
    headers = {
        ":content-type": "application/octet-stream",
        ":event-type": "AudioEvent",
        ":message-type": "event",
    }
    return encode(Message(headers, audio))


def address(
    server: Server, key: Key | None = None, *, path: str = PATH, expires: int = 60, **changes: Any
) -> str:
    """The presigned address; a parameter that is None is left out."""
    key = key or server.key
    named = {name.replace("_", "-"): value for name, value in changes.items()}
    asked = {name: value for name, value in (WANTED | named).items() if value is not None}
    url = f"{server.url}{path}"
    query = signing.presigned(
        f"{url}?{urlencode(asked)}", key=key.access_key_id, secret=key.secret, expires=expires
    )
    return f"{url}?{query}".replace("http://", "ws://")


@dataclass(slots=True)
class Heard:
    """What the server said: results in order, and how it ended."""

    results: list[dict[str, Any]] = field(default_factory=list)
    error: str = ""
    message: str = ""
    code: int = 0
    raw: list[tuple[dict[str, Any], bytes]] = field(default_factory=list)

    @property
    def finals(self) -> list[dict[str, Any]]:
        found = [result for result in self.results if not result["IsPartial"]]
        return [result for result in found if result["Alternatives"][0]["Items"]]

    @property
    def text(self) -> str:
        return " ".join(one["Alternatives"][0]["Transcript"] for one in self.finals)

    def take(self, data: bytes) -> None:
        """One message of the server, read by botocore."""
        buffer = EventStreamBuffer()
        buffer.add_data(data)
        (message,) = buffer
        self.raw.append((message.headers, message.payload))
        told = json.loads(message.payload)
        assert message.headers[":content-type"] == "application/json"
        if message.headers[":message-type"] == "exception":
            self.error, self.message = message.headers[":exception-type"], told["Message"]
        else:
            assert message.headers[":event-type"] == "TranscriptEvent"
            self.results += told["Transcript"]["Results"]


@asynccontextmanager
async def opened(url: str, **options: Any) -> AsyncIterator[ClientConnection]:
    async with connect(url, max_size=None, open_timeout=30, **options) as socket:
        yield socket


async def listen(socket: ClientConnection) -> Heard:
    """Everything until the server closes."""
    heard = Heard()
    try:
        async with asyncio.timeout(SECONDS):
            while True:
                heard.take(await socket.recv(decode=False))
    except ConnectionClosed:
        heard.code = socket.close_code or 0
    return heard


async def spoken(url: str, messages: Iterable[bytes], *, pace: float = 0.0) -> Heard:
    """Sends the messages, `pace` seconds apart, and hears the answer to its end."""
    async with opened(url) as socket:

        async def speak() -> None:
            try:
                for message in messages:
                    await socket.send(message)
                    await asyncio.sleep(pace)
            except ConnectionClosed:
                pass

        speaking = asyncio.create_task(speak())
        heard = await listen(socket)
        await speaking
        return heard


def said(audio: bytes) -> list[bytes]:
    """The audio's events, with the documented end."""
    return [*map(event, pieces(audio)), event(b"")]


async def silence(socket: ClientConnection) -> None:
    """Keeps a stream open until it is cancelled or closed."""
    while True:
        await socket.send(event(b"\0" * 3200))
        await asyncio.sleep(0.1)


def recorded(server: Server, session: str) -> dict[str, Any]:
    """The session's recording, once it is there: seconds, source, status and text."""
    return server.run(RECORDED.format(session=session.lower()))


RECORDED = """
import time
from transcripts.models import *
until = time.monotonic() + 90
while not (row := LiveStream.objects.filter(session_id="{session}", state="finished").first()):
    assert time.monotonic() < until, LiveStream.objects.values_list("session_id", "state")
    time.sleep(0.1)
if row.recording:
    job = row.recording.jobs.get()
    lines = MachineSegment.objects.filter(transcript__recording=row.recording)
    answer = {{
        "seconds": float(row.recording.duration), "channels": row.recording.channels,
        "source": row.recording.source, "bucket": row.practice.bucket, "status": job.status,
        "text": " ".join(item["content"] for line in lines for item in line.items),
        "review": row.recording.review.state, "audio_left": row.audio.count(),
    }}
"""
