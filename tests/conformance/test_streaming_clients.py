"""Amazon's own JavaScript client against live streams, over HTTP/2 and over the WebSocket."""

import asyncio
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.conformance.node_packages import installed, node
from tests.conformance.server import Server
from tests.conformance.streams import pcm, recorded

SECONDS = 90
HTTP2: dict[str, Any] = {}
ENVELOPES = {"websocket": True}
BARE = {"websocket": True, "bare": True}
WAYS = pytest.mark.parametrize("way", [HTTP2, ENVELOPES, BARE], ids=["http2", "envelopes", "bare"])


@dataclass(slots=True)
class Came:
    """What the client was given, and how its program ended."""

    code: int
    opened: dict[str, Any] = field(default_factory=dict)
    results: list[dict[str, Any]] = field(default_factory=list)
    closed: bool = False
    error: str = ""
    message: str = ""
    errors: list[str] = field(default_factory=list)  # of several streams

    @property
    def finals(self) -> list[dict[str, Any]]:
        return [result for result in self.results if not result["IsPartial"]]

    @property
    def text(self) -> str:
        return " ".join(one["Alternatives"][0]["Transcript"] for one in self.finals).lower()

    @property
    def items(self) -> list[dict[str, Any]]:
        return [item for one in self.finals for item in one["Alternatives"][0]["Items"]]

    def said_in(self, channel: str) -> str:
        finals = [one for one in self.finals if one["ChannelId"] == channel]
        return " ".join(one["Alternatives"][0]["Transcript"] for one in finals).lower()


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("speech") / "visit.pcm"
    path.write_bytes(pcm())
    yield path


async def streamed(server: Server, file: Path | str, **changes: Any) -> Came:
    """One run of Amazon's client in a process of its own (tests/conformance/node/stream.mjs)."""
    asked = {
        "endpoint": f"{server.url}/aws",
        "credentials": {
            "accessKeyId": server.key.access_key_id,
            "secretAccessKey": changes.pop("secret", server.key.secret),
        },
        "file": str(file),
    } | changes
    process = await asyncio.create_subprocess_exec(
        *(node(), "--no-warnings", "stream.mjs", json.dumps(asked)),
        cwd=installed(),
        env={k: os.environ[k] for k in ("PATH", "NODE_EXTRA_CA_CERTS") if k in os.environ},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(SECONDS):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    came = Came(process.returncode or 0)
    for line in out.decode().splitlines():
        told = json.loads(line)
        came.results += [told["result"]] if "result" in told else []
        came.errors += [told["error"]] if "error" in told else []
        for name in {"opened", "closed", "error", "message"} & told.keys():
            setattr(came, name, told[name])
    assert came.code in (0, 9), err.decode()[-2000:]
    return came


@WAYS
async def test_speech(server: Server, speech: Path, way: dict[str, Any]) -> None:
    session = str(uuid4())
    end = "event" if "websocket" in way else "iterator"
    asked = {"SessionId": session, "ShowSpeakerLabel": True}
    came = await streamed(server, speech, **way, end=end, pace=100, input=asked)
    assert came.closed and not came.error
    assert "progress note" in came.text and "visit" in came.text
    assert any(result["IsPartial"] for result in came.results)
    assert came.opened["SessionId"] == session
    assert {item["Speaker"] for item in came.items} == {"0"}
    if way is HTTP2:
        told = came.opened["Specialty"], came.opened["MediaSampleRateHertz"]
        assert told == ("PRIMARYCARE", 16000)
    kept = await asyncio.to_thread(recorded, server, session)
    assert (kept["seconds"], kept["status"]) == (4.0, "COMPLETED")


@WAYS
async def test_an_iterator_that_ends_loses_nothing_of_the_recording(
    server: Server, speech: Path, way: dict[str, Any]
) -> None:
    """On a WebSocket the client hangs up at once then, and never sees the last results."""
    session = str(uuid4())
    came = await streamed(server, speech, **way, input={"SessionId": session})
    assert came.closed and not came.error
    kept = await asyncio.to_thread(recorded, server, session)
    assert kept["seconds"] == 4.0 and "visit" in kept["text"]


@WAYS
async def test_a_wrong_secret(server: Server, speech: Path, way: dict[str, Any]) -> None:
    """The program gets an error that it can catch, by name and with AWS's sentence."""
    came = await streamed(server, speech, **way, secret="wrong", end="hold")
    assert came.error == (
        "UnrecognizedClientException" if "websocket" in way else "InvalidSignatureException"
    )
    assert "signature we calculated does not match" in came.message


@WAYS
async def test_a_parameter_that_is_wrong(server: Server, speech: Path, way: dict[str, Any]) -> None:
    came = await streamed(server, speech, **way, input={"Specialty": "DENTISTRY"}, end="hold")
    assert came.error == "BadRequestException"
    assert "Value 'DENTISTRY' at 'specialty'" in came.message


@pytest.mark.parametrize("way", [HTTP2, ENVELOPES], ids=["http2", "envelopes"])
async def test_silence_of_the_client(server: Server, speech: Path, way: dict[str, Any]) -> None:
    came = await streamed(server, speech, **way, end="hold")
    assert came.error == "BadRequestException"
    assert "no new audio was received for 5 seconds" in came.message
    assert "visit" in came.text


@pytest.mark.parametrize("way", [HTTP2, ENVELOPES], ids=["http2", "envelopes"])
async def test_a_frame_of_more_than_a_second(
    server: Server, speech: Path, way: dict[str, Any]
) -> None:
    came = await streamed(server, speech, **way, chunk=32_002, end="hold")
    assert came.error == "BadRequestException" and "at most one second" in came.message


@pytest.mark.parametrize("way", [HTTP2, ENVELOPES], ids=["http2", "envelopes"])
async def test_a_program_that_dies(server: Server, speech: Path, way: dict[str, Any]) -> None:
    session = str(uuid4())
    came = await streamed(server, speech, **way, end="exit", input={"SessionId": session})
    assert came.code == 9
    kept = await asyncio.to_thread(recorded, server, session)
    # What the dying program had not given to its socket never left it.
    assert kept["seconds"] >= 3.5 and "visit" in kept["text"]


@pytest.mark.parametrize("way", [HTTP2, ENVELOPES], ids=["http2", "envelopes"])
async def test_two_speakers_and_two_channels(
    server: Server, tmp_path: Path, way: dict[str, Any]
) -> None:
    """One stream tells two voices apart, another at the same time two channels."""
    voices, lanes = tmp_path / "voices.pcm", tmp_path / "lanes.pcm"
    voices.write_bytes(pcm("conversation_mono.wav", 14.7))
    lanes.write_bytes(pcm("conversation_stereo.wav", 9.6))
    end = "event" if "websocket" in way else "iterator"
    talk = {"Type": "CONVERSATION"}
    apart = {"EnableChannelIdentification": True, "NumberOfChannels": 2}
    one, two = await asyncio.gather(
        streamed(server, voices, **way, end=end, input=talk | {"ShowSpeakerLabel": True}),
        streamed(server, lanes, **way, end=end, chunk=6400, input=talk | apart),
    )
    assert one.closed and two.closed and not one.error + two.error
    said = [(item["Speaker"], item["Content"].lower()) for item in one.items]
    who = {word: speaker for speaker, word in said}
    assert {speaker for speaker, _ in said} == {"0", "1"}
    assert who["brings"] == who["breath"] != who["cough"] == who["yellow"]
    assert {result["ChannelId"] for result in two.results} == {"ch_0", "ch_1"}
    assert "evans" in two.said_in("ch_0") and "swollen" in two.said_in("ch_1")
    assert "swollen" not in two.said_in("ch_0") and "today" not in two.said_in("ch_1")


async def test_streams_side_by_side(server: Server, speech: Path) -> None:
    ways = [HTTP2, HTTP2, ENVELOPES | {"end": "event"}, BARE | {"end": "event"}]
    for came in await asyncio.gather(*(streamed(server, speech, **way) for way in ways)):
        assert came.closed and not came.error
        assert "progress note" in came.text and "visit" in came.text


async def test_a_newer_stream_of_the_session(server: Server, speech: Path) -> None:
    """Over one way ends an older one over the other way."""
    asked = {"input": {"SessionId": str(uuid4())}}
    older = asyncio.create_task(streamed(server, speech, **ENVELOPES, **asked, pace=400))
    while not await asyncio.to_thread(_is_open, server, asked["input"]["SessionId"]):
        pass
    newer = await streamed(server, speech, **asked)
    assert newer.closed and "visit" in newer.text
    assert (await older).error == "ConflictException"


def _is_open(server: Server, session: str) -> bool:
    return server.run(
        "from transcripts.models import *\n"
        f"answer = LiveStream.objects.filter(session_id='{session}', state='open').exists()"
    )
