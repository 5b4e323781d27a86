"""Amazon's event-stream messages, to bytes and back. Pure, and bounded: garbage ends in Malformed.

A message is: total length u32, length of the headers u32, CRC-32 of those eight bytes, headers,
payload, CRC-32 of all before. A header is: length of the name u8, name, type u8, value. All
big-endian. What the messages of a stream mean is in streaming_frames.py.
"""

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

MOST_BYTES = 256 * 1024  # of a message: a second of 48 kHz stereo is 192,000
MOST_HEADER_BYTES = 16 * 1024
PRELUDE = 12
OVERHEAD = PRELUDE + 4


class Malformed(ValueError):
    """These bytes are no message, and nothing after them can be read either."""


@dataclass(frozen=True, slots=True)
class Timestamp:
    """Milliseconds since 1970, as the wire has them: not every value is a date."""

    milliseconds: int


Value = bool | int | bytes | str | Timestamp | UUID


@dataclass(frozen=True, slots=True)
class Message:
    headers: Mapping[str, Value]
    payload: bytes = b""

    def text(self, name: str) -> str:
        """A header that must be a string, or nothing."""
        value = self.headers.get(name, "")
        return value if isinstance(value, str) else ""


@dataclass(slots=True)
class Decoder:
    """Messages out of a stream of bytes that may be cut anywhere. Holds one message at most."""

    most: int = MOST_BYTES
    _rest: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> Iterator[Message]:
        """The messages that `data` completes. Malformed as soon as one can't be one."""
        self._rest += data
        while len(self._rest) >= PRELUDE:
            total = _total(bytes(self._rest[:PRELUDE]), self.most)
            if len(self._rest) < total:
                return
            whole = bytes(self._rest[:total])
            del self._rest[:total]
            yield decode(whole, self.most)

    @property
    def waiting(self) -> int:
        """Bytes of a message whose end has not come."""
        return len(self._rest)


def encode(message: Message) -> bytes:
    """The message's bytes. ValueError where the format has no place for a header."""
    headers = encode_headers(message.headers)
    prelude = struct.pack(">II", OVERHEAD + len(headers) + len(message.payload), len(headers))
    body = b"".join([prelude, _crc(prelude), headers, message.payload])
    return body + _crc(body)


def decode(data: bytes, most: int = MOST_BYTES) -> Message:
    """The one message that `data` is, from its first byte to its last."""
    if len(data) < OVERHEAD:
        raise Malformed("shorter than any message")
    if _total(data[:PRELUDE], most) != len(data):
        raise Malformed("its length is not what it says")
    if data[-4:] != _crc(data[:-4]):
        raise Malformed("its checksum does not match")
    end = PRELUDE + int.from_bytes(data[4:8])
    return Message(_decoded(data[PRELUDE:end]), data[end:-4])


def encode_headers(headers: Mapping[str, Value]) -> bytes:
    """The bytes of headers alone, in their order, which is also what chunk signatures cover."""
    parts = []
    for name, value in headers.items():
        raw = name.encode()
        if not 0 < len(raw) < 256:
            raise ValueError("a header's name has 1 to 255 bytes")
        parts.append(bytes([len(raw)]) + raw + _encoded(value))
    return b"".join(parts)


def _total(prelude: bytes, most: int) -> int:
    total, headers, checksum = struct.unpack(">II4s", prelude)
    if checksum != _crc(prelude[:8]):
        raise Malformed("the checksum of its lengths does not match")
    if total > most or headers > MOST_HEADER_BYTES:
        raise Malformed("too large")
    if total < OVERHEAD + headers:
        raise Malformed("its lengths contradict each other")
    return total


def _crc(data: bytes) -> bytes:
    return zlib.crc32(data).to_bytes(4)


def _encoded(value: Value) -> bytes:
    match value:
        case bool():
            return b"\x00" if value else b"\x01"
        case int():
            small = -(2**31) <= value < 2**31
            return b"\x04" + value.to_bytes(4, signed=True) if small else b"\x05" + _long(value)
        case bytes():
            return b"\x06" + _sized(value)
        case str():
            return b"\x07" + _sized(value.encode())
        case Timestamp(milliseconds):
            return b"\x08" + _long(milliseconds)
        case UUID():
            return b"\x09" + value.bytes
    raise ValueError("no such type of header")


def _long(value: int) -> bytes:
    try:
        return value.to_bytes(8, signed=True)
    except OverflowError:
        raise ValueError("a header's number has 64 bits") from None


def _sized(value: bytes) -> bytes:
    if len(value) >= 2**15:
        raise ValueError("a header's value has at most 32,767 bytes")
    return len(value).to_bytes(2) + value


def _signed(raw: bytes) -> int:
    return int.from_bytes(raw, signed=True)


_FIXED: dict[int, tuple[int, Callable[[bytes], Value]]] = {
    0: (0, lambda raw: True),
    1: (0, lambda raw: False),
    2: (1, _signed),
    3: (2, _signed),
    4: (4, _signed),
    5: (8, _signed),
    8: (8, lambda raw: Timestamp(_signed(raw))),
    9: (16, lambda raw: UUID(bytes=raw)),
}
_SIZED: dict[int, Callable[[bytes], Value]] = {6: bytes, 7: bytes.decode}


def _decoded(data: bytes) -> dict[str, Value]:
    headers: dict[str, Value] = {}
    at = 0

    def take(count: int) -> bytes:
        nonlocal at
        if at + count > len(data):
            raise Malformed("a header runs over the end")
        at += count
        return data[at - count : at]

    try:
        while at < len(data):
            name = take(take(1)[0]).decode()
            kind = take(1)[0]
            if not name or name in headers:
                raise Malformed("a header without a name, or twice")
            if kind in _FIXED:
                size, read = _FIXED[kind]
            elif kind in _SIZED:
                size, read = int.from_bytes(take(2)), _SIZED[kind]
            else:
                raise Malformed("a header of an unknown type")
            headers[name] = read(take(size))
    except UnicodeDecodeError:
        raise Malformed("a header's text is not UTF-8") from None
    return headers
