"""Event-stream messages: Amazon's own test vectors, what comes back, and that garbage stays out."""

import random
import zlib
from uuid import UUID

import pytest
from botocore.eventstream import EventStreamBuffer
from hypothesis import given
from hypothesis import strategies as st

from transcripts.aws.eventstream import (
    MOST_BYTES,
    MOST_HEADER_BYTES,
    Decoder,
    Malformed,
    Message,
    Timestamp,
    decode,
    encode,
    encode_headers,
)

LONG = st.integers(-(2**63), 2**63 - 1)
VALUES = st.one_of(
    st.booleans(),
    LONG,
    st.binary(max_size=60),
    st.text(max_size=20),
    LONG.map(Timestamp),
    st.uuids(),
)
NAMES = st.text(min_size=1, max_size=20)
MESSAGES = st.builds(Message, st.dictionaries(NAMES, VALUES, max_size=6), st.binary(max_size=300))
AUDIO = Message({":message-type": "event", ":event-type": "AudioEvent"}, b"\1\2" * 1600)


def stitched(headers: bytes, payload: bytes = b"") -> bytes:
    """A message of any headers at all, with lengths and checksums that fit."""
    prelude = (16 + len(headers) + len(payload)).to_bytes(4) + len(headers).to_bytes(4)
    body = prelude + zlib.crc32(prelude).to_bytes(4) + headers + payload
    return body + zlib.crc32(body).to_bytes(4)


def test_an_empty_message_is_the_sixteen_bytes_of_amazons_own_vectors() -> None:
    vector = bytes.fromhex("000000100000000005c248eb7d98c8ff")
    assert encode(Message({})) == vector
    assert decode(vector) == Message({}, b"")


def test_a_message_of_amazons_own_vectors() -> None:
    vector = bytes.fromhex(
        "0000003d0000002007fd83960c636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f"
        "6e7b27666f6f273a27626172277d8d9c08b1"
    )
    message = Message({"content-type": "application/json"}, b"{'foo':'bar'}")
    assert encode(message) == vector
    assert decode(vector) == message


def test_every_type_of_header() -> None:
    named = {
        "true": (b"\x00", True),
        "false": (b"\x01", False),
        "byte": (b"\x02\xff", -1),
        "short": (b"\x03\xff\xfe", -2),
        "integer": (b"\x04\xff\xff\xff\xfd", -3),
        "long": (b"\x05" + b"\xff" * 7 + b"\xfc", -4),
        "bytes": (b"\x06\x00\x02\x00\xff", b"\0\xff"),
        "string": (b"\x07\x00\x02\xc3\xa9", "é"),
        "timestamp": (b"\x08" + (1234567890123).to_bytes(8), Timestamp(1234567890123)),
        "uuid": (b"\x09" + bytes(range(16)), UUID(bytes=bytes(range(16)))),
    }
    raw = b"".join(bytes([len(name)]) + name.encode() + value for name, (value, _) in named.items())
    assert decode(stitched(raw)).headers == {name: value for name, (_, value) in named.items()}


@given(MESSAGES)
def test_what_is_encoded_comes_back(message: Message) -> None:
    assert decode(encode(message)) == message


@given(st.dictionaries(NAMES, st.text(max_size=20), max_size=4), st.binary(max_size=300))
def test_botocore_reads_what_is_written(headers: dict[str, str], payload: bytes) -> None:
    buffer = EventStreamBuffer()
    buffer.add_data(encode(Message(headers, payload)))
    read = next(buffer)
    assert (read.headers, read.payload) == (headers, payload)


@given(st.lists(MESSAGES, max_size=5), st.randoms(use_true_random=False))
def test_a_stream_may_be_cut_anywhere(messages: list[Message], chance: random.Random) -> None:
    raw = b"".join(map(encode, messages))
    decoder, read = Decoder(), []
    while raw:
        cut = chance.randint(1, 40)
        read += decoder.feed(raw[:cut])
        raw = raw[cut:]
    assert read == messages and decoder.waiting == 0


@pytest.mark.parametrize("at", range(len(encode(AUDIO)) - 1, -1, -97))
def test_one_changed_byte_is_noticed(at: int) -> None:
    raw = bytearray(encode(AUDIO))
    raw[at] ^= 0x40
    with pytest.raises(Malformed):
        decode(bytes(raw))


@given(st.binary(max_size=200))
def test_garbage(data: bytes) -> None:
    with pytest.raises(Malformed):
        decode(data)


@given(st.binary(max_size=120))
def test_garbage_between_right_checksums(headers: bytes) -> None:
    """Whatever the headers' bytes are: headers, or Malformed, and never anything else."""
    try:
        decoded = decode(stitched(headers, b"payload"))
    except Malformed:
        return
    assert decoded.payload == b"payload"
    assert len(encode_headers(decoded.headers)) >= 0


@pytest.mark.parametrize(
    "headers",
    [
        b"\x00\x00",  # no name
        b"\x01a\x00\x01a\x00",  # a name twice
        b"\x01a\x0a",  # no such type
        b"\x01a\x07\x00\x05abc",  # runs over the end
        b"\x01a\x07\x00\x01\xff",  # not UTF-8
        b"\x01\xff\x00",  # a name that is not UTF-8
        b"\x05a",
        b"\x01",
    ],
)
def test_headers_that_are_none(headers: bytes) -> None:
    with pytest.raises(Malformed):
        decode(stitched(headers))


def test_a_stream_that_announces_too_much_ends_at_once() -> None:
    """Before the announced bytes come, let alone are kept."""
    for total, headers in ((MOST_BYTES + 1, 0), (2**32 - 1, 0), (MOST_BYTES, 2**20), (15, 0)):
        prelude = total.to_bytes(4) + headers.to_bytes(4)
        with pytest.raises(Malformed):
            list(Decoder().feed(prelude + zlib.crc32(prelude).to_bytes(4)))
    with pytest.raises(Malformed):
        list(Decoder().feed(b"GET / HTTP/1.1\r\n"))


def test_the_largest_message_there_is() -> None:
    fitting = Message({}, b"\0" * (MOST_BYTES - 16))
    assert list(Decoder().feed(encode(fitting))) == [fitting]
    with pytest.raises(Malformed, match="large"):
        decode(encode(Message({}, b"\0" * (MOST_BYTES - 15))))
    with pytest.raises(Malformed, match="large"):
        decode(encode(Message({"h": b"\0" * MOST_HEADER_BYTES})))


@pytest.mark.parametrize(
    "headers", [{"": "x"}, {"n" * 256: "x"}, {"n": b"\0" * 2**15}, {"n": 2**63}, {"n": 1.5}]
)
def test_headers_that_the_format_has_no_place_for(headers: dict) -> None:
    with pytest.raises(ValueError):
        encode(Message(headers))
