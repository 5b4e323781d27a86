"""Live streams that must not begin or go on: always an exception frame, never a bare status."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest

from tests.conformance.server import Key, Server
from tests.conformance.streams import (
    PATH,
    Heard,
    address,
    event,
    listen,
    opened,
    pcm,
    pieces,
    recorded,
    said,
    silence,
    spoken,
)
from tests.conformance.test_streaming import Envelopes
from transcripts.aws.eventstream import Message, encode

UNKNOWN = "UnrecognizedClientException"
BAD = "BadRequestException"
SECOND = 32_000  # bytes


async def refusal(url: str, *messages: bytes) -> Heard:
    heard = await spoken(url, messages or [event(b"\0" * 320)])
    assert heard.code == 1000 and heard.message
    return heard


async def test_wrong_secrets_unknown_keys_and_no_signature(server: Server) -> None:
    key = server.key.access_key_id
    wrong = await refusal(address(server, Key(key, "wrong", "")))
    assert wrong.error == UNKNOWN and wrong.message.startswith("The request signature we calculat")
    assert wrong.raw[0][0] == {
        ":message-type": "exception",
        ":exception-type": UNKNOWN,
        ":content-type": "application/json",
    }
    for url in (
        address(server, Key("AKIAUNKNOWNUNKNOWN22", "secret", "")),
        f"ws{server.url.removeprefix('http')}{PATH}",
        f"ws{server.url.removeprefix('http')}{PATH.removeprefix('/aws')}?X-Amz-Signature=%00",
        address(server).replace("specialty=PRIMARYCARE", "specialty=CARDIOLOGY"),
        address(server, expires=301),
    ):
        assert (await refusal(url)).error == UNKNOWN


async def test_an_address_that_is_too_old(server: Server) -> None:
    before = datetime.now(UTC) - timedelta(seconds=61)
    with patch("botocore.auth.get_current_datetime", return_value=before):
        url = address(server)
    heard = await refusal(url)
    assert heard.error == UNKNOWN and "expired" in heard.message


async def test_keys_that_may_not_stream(server: Server) -> None:
    reader = await asyncio.to_thread(server.make_key, "northgate", scopes=("jobs.read",))
    heard = await refusal(address(server, reader))
    assert heard.error == "AccessDeniedException"
    assert heard.message.endswith("transcribe:StartMedicalStreamTranscriptionWebSocket")
    streamer = await asyncio.to_thread(server.make_key, "northgate", scopes=("stream",))
    assert (await spoken(address(server, streamer), [b""])).error == ""


async def test_a_key_that_is_revoked_while_it_streams(server: Server) -> None:
    key = await asyncio.to_thread(server.make_key, "northgate")
    async with opened(address(server, key)) as socket:
        flowing = asyncio.create_task(silence(socket))
        revoke = (
            f"keys.revoke(key=AccessKey.objects.get(access_key_id='{key.access_key_id}'), by=None)"
        )
        await asyncio.to_thread(server.run, revoke)
        heard = await listen(socket)
        flowing.cancel()
    assert (heard.error, heard.code) == (UNKNOWN, 1000)
    assert (await refusal(address(server, key))).error == UNKNOWN


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"language_code": "de-DE"}, "Value 'de-DE' at 'languageCode' failed to satisfy"),
        ({"language_code": None}, "Value null at 'languageCode'"),
        ({"media_encoding": "mp3"}, "enum value set: [pcm, ogg-opus, flac]"),
        ({"sample_rate": "8000"}, "greater than or equal to 16000"),
        ({"sample_rate": "48001"}, "less than or equal to 48000"),
        ({"sample_rate": "٤٨٠٠٠"}, "greater than"),
        ({"specialty": "DENTISTRY"}, "UROLOGY]"),
        ({"type": ""}, "Value null at 'type'"),
        ({"session_id": "42"}, "at 'sessionId' failed to satisfy"),
        ({"show_speaker_label": "yes"}, "enum value set: [true, false]"),
        ({"enable_channel_identification": "true"}, "needs the other"),
        ({"number_of_channels": "2"}, "needs the other"),
        ({"number_of_channels": "3"}, "equal to 2"),
        ({"content_identification_type": "ALL"}, "enum value set: [PHI]"),
        ({"vocabulary_name": "no such"}, "regular expression"),
        ({"vocabulary_name": "no-such"}, "vocabulary couldn't be found"),
        ({"specialty": None, "type": None}, "2 validation errors detected"),
    ],
)
async def test_parameters(server: Server, changes: dict[str, Any], told: str) -> None:
    heard = await refusal(address(server, **changes))
    assert heard.error == BAD and told in heard.message


async def test_what_is_not_known_is_passed_over(server: Server) -> None:
    url = address(server, x_amz_user_agent="aws-sdk-js/3 ua/2.1", more="1")
    assert (await spoken(url, [b""])).error == ""


async def test_no_new_audio(server: Server) -> None:
    """What was said before it is told and kept all the same."""
    session = str(uuid4())
    heard = await spoken(
        address(server, session_id=session), [event(piece) for piece in pieces(pcm())]
    )
    assert heard.error == BAD and "visit" in heard.text
    assert heard.message == (
        "Your request timed out because no new audio was received for 5 seconds."
    )
    kept = await asyncio.to_thread(recorded, server, session)
    assert kept["seconds"] == 4.0 and "visit" in kept["text"]


async def test_more_than_a_second_at_once(server: Server) -> None:
    assert (await spoken(address(server), [event(b"\0" * SECOND), b""])).error == ""
    heard = await refusal(address(server), event(b"\0" * (SECOND + 2)))
    assert heard.error == BAD and "32000 bytes" in heard.message
    assert (await refusal(address(server), event(b"\0" * 2_000_000))).error == BAD


async def test_longer_than_four_hours(server: Server) -> None:
    heard = await spoken(address(server), [event(b"\0" * SECOND)] * 61)
    assert heard.error == "LimitExceededException" and "maximum audio length" in heard.message


@pytest.mark.parametrize(
    "message",
    [
        b"\0",
        b"RIFF" + b"\0" * 3200,
        event(b"\0" * 3200)[:-1],
        event(b"\0" * 3200) * 2,
        encode(Message({}, b"\0" * 3200)),
        encode(Message({":message-type": "event", ":event-type": "ConfigurationEvent"}, b"{}")),
        encode(Message({":message-type": 1, ":event-type": b"AudioEvent"}, b"\0" * 3200)),
        encode(Message({":chunk-signature": "x"}, event(b"\0" * 3200))),
    ],
)
async def test_messages_that_are_none(server: Server, message: bytes) -> None:
    assert (await refusal(address(server), message)).error == BAD


async def test_text(server: Server) -> None:
    async with opened(address(server)) as socket:
        await socket.send("hello")
        assert (await listen(socket)).error == BAD


async def test_envelopes_out_of_their_order(server: Server) -> None:
    url = address(server)
    sealed = Envelopes(url, server.key.secret)
    first, second, third = (sealed(event(piece)) for piece in pieces(pcm(seconds=0.3)))
    for messages in ((second,), (first, third), (first, first)):
        assert (await refusal(url, *messages)).error == UNKNOWN
    # Nor is anything slipped in between by somebody who can't sign.
    assert (await refusal(url, first, event(b"\0" * 3200))).error == BAD
    other = Envelopes(url, "another secret")
    assert (await refusal(url, other(event(b"\0" * 3200)))).error == UNKNOWN


async def test_a_newer_stream_of_the_session_ends_the_older(server: Server) -> None:
    session = str(uuid4())
    async with opened(address(server, session_id=session)) as older:
        flowing = asyncio.create_task(silence(older))
        hearing = asyncio.create_task(listen(older))
        await asyncio.sleep(0.5)
        newer = await spoken(address(server, session_id=session.upper()), said(pcm()))
        ended = await hearing
        flowing.cancel()
    assert (ended.error, ended.code) == ("ConflictException", 1000)
    assert "same session ID" in ended.message
    assert newer.error == "" and "visit" in newer.text


async def test_a_newer_stream_in_another_process(server: Server) -> None:
    session = str(uuid4())
    elsewhere = f"""
import asyncio
from uuid import UUID
from transcripts.aws.streaming_rival import Rivals
from transcripts.models import Practice
practice = Practice.objects.get(bucket="northgate").pk
asyncio.run(Rivals(practice, "{session}").tell(UUID(int=2**128 - 1)))
"""
    async with opened(address(server, session_id=session)) as older:
        flowing = asyncio.create_task(silence(older))
        hearing = asyncio.create_task(listen(older))
        await asyncio.sleep(1)  # until it listens
        await asyncio.to_thread(server.manage, "shell", "--verbosity", "0", "-c", elsewhere)
        ended = await hearing
        flowing.cancel()
    assert ended.error == "ConflictException"


async def test_one_stream_more_than_there_is_room_for(server: Server) -> None:
    """At once, and the others go on; room is there again when one has ended."""
    open_now = (
        "from transcripts.models import *\nanswer = LiveStream.objects.filter(state='open').count()"
    )
    while await asyncio.to_thread(server.run, open_now):
        pass
    async with asyncio.timeout(60), AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(opened(address(server))) for _ in range(6)]
        flowing = [asyncio.create_task(silence(socket)) for socket in sockets]
        await asyncio.sleep(1)
        began = asyncio.get_running_loop().time()
        heard = await refusal(address(server))
        assert heard.error == "LimitExceededException"
        assert asyncio.get_running_loop().time() - began < 2
        for task, socket in zip(flowing, sockets, strict=True):
            task.cancel()
            await socket.send(b"")
            assert (await listen(socket)).error == ""
    assert (await spoken(address(server), [b""])).error == ""
