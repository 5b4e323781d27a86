"""The pure parts of live streams: parameters, FLAC frames, chunk signatures, AWS's results."""

import json
import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conformance.server import AUDIO
from tests.transcripts.aws import signing
from transcripts.aws import eventstream, sigv4, streaming_frames, streaming_rules
from transcripts.aws.errors import AwsError
from transcripts.aws.streaming_flac import Broken, Frames
from transcripts.engines.base import Item

LEAST = {
    "language-code": "en-US",
    "media-encoding": "pcm",
    "sample-rate": "16000",
    "specialty": "PRIMARYCARE",
    "type": "DICTATION",
}
NAMES = [*LEAST, "session-id", "vocabulary-name", "show-speaker-label", "number-of-channels"]
FLAC = (AUDIO / "variant_dictation.flac").read_bytes()
URL = "http://127.0.0.1:8000/aws/medical-stream-transcription"


def test_the_least_that_a_stream_must_say() -> None:
    found = streaming_rules.wanted(LEAST)
    assert (found.channels, found.speakers, found.phi, found.second) == (1, False, False, 32_000)
    for name in LEAST:
        with pytest.raises(AwsError, match="BadRequest"):
            streaming_rules.wanted({**LEAST, name: ""})


def test_flags_are_words() -> None:
    off = LEAST | {"show-speaker-label": "false", "enable-channel-identification": "false"}
    assert streaming_rules.wanted(off).channels == 1
    two = LEAST | {"enable-channel-identification": "true", "number-of-channels": "2"}
    assert streaming_rules.wanted(two).second == 64_000


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=50)))
def test_any_values_are_taken_or_refused(values: dict[str, str]) -> None:
    try:
        streaming_rules.wanted(values)
    except AwsError as error:
        assert error.code == "BadRequestException" and error.message


@given(st.integers(0, 2**32))
def test_flac_is_cut_alike_however_it_comes(seed: int) -> None:
    chance = random.Random(seed)
    whole = Frames()
    wanted = [*whole.feed(FLAC[:60_000]), *whole.finish()]
    frames, found, rest = Frames(), [], FLAC[:60_000]
    while rest:
        cut = chance.randint(1, 3000)
        found += frames.feed(rest[:cut])
        rest = rest[cut:]
    assert [*found, *frames.finish()] == wanted and len(wanted) > 10
    assert frames.rate == 16_000 and len(frames.stream_info) == 34


@given(st.binary(min_size=4, max_size=300))
def test_what_is_no_flac(data: bytes) -> None:
    for start in (b"", b"fLaC", FLAC[:42]):
        frames = Frames()
        try:
            list(frames.feed(start + data))
        except Broken:
            continue
        assert (start + data).startswith(b"fLaC")


def test_flac_that_never_gets_to_a_frame() -> None:
    frames = Frames()
    with pytest.raises(Broken):
        for _ in range(20):
            list(frames.feed(FLAC[:42] + b"\x01\xff\xff\xff" + b"\0" * 100_000))


def test_chunks_are_signed_one_upon_the_other() -> None:
    claim = sigv4.from_query(signing.presigned(f"{URL}-websocket?a=b"))
    now = datetime.now(UTC)
    date = eventstream.Timestamp(int(now.timestamp() * 1000))
    headers = eventstream.encode_headers({":date": date})
    ours, theirs = sigv4.Chain(claim, signing.SECRET), sigv4.Chain(claim, signing.SECRET)
    for payload in (b"one", b"two", b""):
        made = theirs.signature(now, headers, payload)
        with pytest.raises(sigv4.Refused):
            ours.check(made, milliseconds=date.milliseconds, headers=headers, payload=b"else")
        for chain in (ours, theirs):
            chain.check(made, milliseconds=date.milliseconds, headers=headers, payload=payload)
    with pytest.raises(sigv4.Refused, match="no date"):
        ours.check(b"", milliseconds=2**62, headers=headers, payload=b"")


def test_parameters_in_headers_must_be_signed() -> None:
    more = {"x-amzn-transcribe-specialty": "PRIMARYCARE"}
    headers = signing.headers(b"", url=URL) | more
    with pytest.raises(sigv4.Refused, match="x-amzn-transcribe-specialty"):
        sigv4.verify(
            sigv4.from_headers(headers),
            signing.SECRET,
            method="POST",
            path="/aws/medical-stream-transcription",
            query="",
            headers=headers,
            payload_hash=sigv4.EMPTY_HASH,
            now=datetime.now(UTC),
        )


def word(content: str, start: float, end: float) -> Item:
    return Item("pronunciation", content, start, end, 0.87654321, 0.9)


def test_a_final_in_amazons_form() -> None:
    items = [word("Seen", 1.0, 1.25), word("Ann", 1.3, 1.6)]
    items.append(Item("punctuation", ".", None, None, None, None))
    made = streaming_frames.result(
        id="r",
        start=1.0,
        end=1.6,
        partial=False,
        channel=1,
        items=items,
        speakers=("spk_0", "spk_1", None),
        entities=[{"content": "Ann", "start": 1.3, "end": 1.6, "confidence": 0.9, "type": "NAME"}],
    )
    message = eventstream.decode(streaming_frames.transcript(made))
    (told,) = json.loads(message.payload)["Transcript"]["Results"]
    assert told["ChannelId"] == "ch_1" and told["IsPartial"] is False
    (reading,) = told["Alternatives"]
    assert reading["Transcript"] == "Seen Ann."
    assert [item.get("Speaker") for item in reading["Items"]] == ["0", "1", None]
    assert reading["Items"][2] == {
        "StartTime": 1.6,
        "EndTime": 1.6,
        "Type": "punctuation",
        "Content": ".",
    }
    assert reading["Items"][0]["Confidence"] == 0.8765
    assert reading["Entities"] == [
        {"StartTime": 1.3, "EndTime": 1.6, "Category": "PHI", "Content": "Ann", "Confidence": 0.9}
    ]
