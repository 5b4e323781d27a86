"""Live streams over the bare WebSocket: what comes back, and what becomes of it."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from tests.conformance.server import AUDIO, Server
from tests.conformance.streams import (
    PATH,
    Heard,
    address,
    event,
    opened,
    pcm,
    pieces,
    recorded,
    said,
    silence,
    spoken,
)
from transcripts.aws import eventstream, sigv4
from transcripts.aws.eventstream import Message, Timestamp

BROUGHT = ("progress", "note", "visit")


def understood(heard: Heard) -> bool:
    return (heard.error, heard.code) == ("", 1000) and all(
        word in heard.text.lower() for word in BROUGHT
    )


class Envelopes:
    """Messages signed one upon the other, as Node's clients send them."""

    def __init__(self, url: str, secret: str) -> None:
        self.chain = sigv4.Chain(sigv4.from_query(urlsplit(url).query), secret)

    def __call__(self, payload: bytes) -> bytes:
        now = datetime.now(UTC)
        date = Timestamp(int(now.timestamp() * 1000))
        covered = eventstream.encode_headers({":date": date})
        made = self.chain.signature(now, covered, payload)
        self.chain.check(made, milliseconds=date.milliseconds, headers=covered, payload=payload)
        return eventstream.encode(Message({":date": date, ":chunk-signature": made}, payload))


@pytest.mark.parametrize("end", ["empty event", "empty message", "empty envelope"])
async def test_what_is_said_comes_back_whatever_says_that_it_was_all(
    server: Server, end: str
) -> None:
    url = address(server)
    audio = [event(piece) for piece in pieces(pcm())]
    if end == "empty envelope":
        sealed = Envelopes(url, server.key.secret)
        messages = [sealed(message) for message in audio] + [sealed(b"")]
    else:
        messages = [*audio, event(b"") if end == "empty event" else b""]
    heard = await spoken(url, messages)
    assert understood(heard)
    (headers, _), *_ = heard.raw
    assert headers == {
        ":message-type": "event",
        ":event-type": "TranscriptEvent",
        ":content-type": "application/json",
    }


async def test_partial_results_become_the_final_of_the_same_id(server: Server) -> None:
    heard = await spoken(address(server, path=PATH.removeprefix("/aws")), said(pcm()), pace=0.1)
    assert understood(heard)
    first = heard.finals[0]
    assert any(one["IsPartial"] and one["ResultId"] == first["ResultId"] for one in heard.results)
    assert set(first) == {"ResultId", "StartTime", "EndTime", "IsPartial", "Alternatives"}
    (reading,) = first["Alternatives"]
    words = [item for item in reading["Items"] if item["Type"] == "pronunciation"]
    marks = [item for item in reading["Items"] if item["Type"] == "punctuation"]
    assert all(isinstance(item["StartTime"], float) for item in reading["Items"])
    assert all(0 <= item["Confidence"] <= 1 for item in words)
    assert marks and not any("Confidence" in item for item in marks)
    assert 0 <= first["StartTime"] <= words[0]["StartTime"] < words[-1]["EndTime"] <= 4.1


async def test_what_was_said_becomes_a_recording_of_the_practice(server: Server) -> None:
    session = str(uuid4())
    url = address(server, session_id=session, specialty="CARDIOLOGY")
    assert understood(await spoken(url, said(pcm())))
    kept = await asyncio.to_thread(recorded, server, session)
    assert (kept["source"], kept["bucket"], kept["status"]) == ("STREAM", "northgate", "COMPLETED")
    assert kept["seconds"] == 4.0 and "visit" in kept["text"]
    assert (kept["review"], kept["audio_left"]) == ("ready", 0)


async def test_an_abrupt_end_keeps_every_second(server: Server) -> None:
    session = str(uuid4())
    async with opened(address(server, session_id=session)) as socket:
        for piece in pieces(pcm()):
            await socket.send(event(piece))
        # The answer to a ping follows all that was sent before it.
        await (await socket.ping())
        socket.transport.abort()
    kept = await asyncio.to_thread(recorded, server, session)
    assert kept["seconds"] == 4.0 and "visit" in kept["text"]


async def test_a_practice_that_keeps_no_streams(server: Server) -> None:
    key = await asyncio.to_thread(server.make_key, "southgate")
    change = "Practice.objects.filter(bucket='southgate').update(keep_streams=False)"
    await asyncio.to_thread(server.run, change)
    session = str(uuid4())
    assert understood(await spoken(address(server, key, session_id=session), said(pcm())))
    assert await asyncio.to_thread(recorded, server, session) is None


async def test_both_ends_of_a_stream_are_in_the_audit_log(server: Server) -> None:
    session = str(uuid4())
    await spoken(address(server, session_id=session), said(pcm(seconds=1)))
    await asyncio.to_thread(recorded, server, session)
    rows = await asyncio.to_thread(
        server.run,
        "from review.models import AuditEvent\n"
        f"rows = AuditEvent.objects.filter(detail__session='{session}').order_by('seq')\n"
        "answer = [[row.action, row.detail['key'], row.request.get('ip')] for row in rows]",
    )
    assert [row[0] for row in rows] == ["stream.begun", "stream.finished"]
    assert rows[0][2] == "127.0.0.1"


@pytest.mark.parametrize(
    ("encoding", "file"),
    [("flac", "human_speech_jfk.flac"), ("ogg-opus", "variant_dictation.ogg")],
)
async def test_compressed_audio(server: Server, encoding: str, file: str) -> None:
    audio = (AUDIO / file).read_bytes()[:-50]  # which ends within a frame
    session = str(uuid4())
    url = address(server, media_encoding=encoding, session_id=session)
    heard = await spoken(url, said(audio))
    assert (heard.error, heard.code) == ("", 1000)
    text = heard.text.lower()
    assert "country" in text or "progress note" in text
    assert (await asyncio.to_thread(recorded, server, session))["seconds"] > 4


@pytest.mark.parametrize(
    ("changes", "file", "told"),
    [
        ({"media_encoding": "flac"}, "variant_dictation.ogg", "not in the encoding"),
        ({"media_encoding": "ogg-opus"}, "edge_white_noise_10s.wav", "not in the encoding"),
        ({"media_encoding": "flac", "sample_rate": "44100"}, "variant_dictation.flac", "rate"),
        (
            {
                "media_encoding": "flac",
                "enable_channel_identification": "true",
                "number_of_channels": "2",
            },
            "variant_dictation.flac",
            "two channels",
        ),
    ],
)
async def test_compressed_audio_that_is_something_else(
    server: Server, changes: dict[str, Any], file: str, told: str
) -> None:
    heard = await spoken(address(server, **changes), said((AUDIO / file).read_bytes()[:60_000]))
    assert (heard.error, heard.code) == ("BadRequestException", 1000)
    assert told in heard.message


async def test_two_channels(server: Server) -> None:
    session = str(uuid4())
    url = address(
        server,
        type="CONVERSATION",
        session_id=session,
        enable_channel_identification="true",
        number_of_channels="2",
    )
    heard = await spoken(url, said(pcm("conversation_stereo.wav", 12)))
    assert heard.error == ""
    assert {one["ChannelId"] for one in heard.finals} == {"ch_0", "ch_1"}
    assert (await asyncio.to_thread(recorded, server, session))["channels"] == 2


async def test_health_information(server: Server) -> None:
    url = address(server, type="CONVERSATION", content_identification_type="PHI")
    heard = await spoken(url, said(pcm("conversation_mono.wav", 8)))
    assert heard.error == "" and heard.finals
    assert all("Entities" in one["Alternatives"][0] for one in heard.finals)


async def test_a_ping_is_answered_while_audio_flows(server: Server) -> None:
    async with opened(address(server)) as socket, asyncio.timeout(20):
        flowing = asyncio.create_task(silence(socket))
        await (await socket.ping())
        flowing.cancel()


async def test_nothing_of_a_signed_address_is_logged(server: Server) -> None:
    url = address(server, session_id=str(uuid4()))
    signature = parse_qs(urlsplit(url).query)["X-Amz-Signature"][0]
    await spoken(url, said(pcm(seconds=0.5)))
    await spoken(url.replace("en-US", "en-GB"), [])
    await spoken(address(server, specialty=f"{signature}"), [])
    log = (server.data / "log.txt").read_text()
    assert signature not in log and "X-Amz-Signature" not in log
