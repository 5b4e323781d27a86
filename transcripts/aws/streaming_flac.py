"""Cuts a FLAC stream into its frames as they come. Pure; decoding them is another's work.

A frame does not say how long it is: it ends where the next one begins, which is where a header with
a right checksum carries the number that comes next.
"""

from collections.abc import Iterator

MOST = 1 << 20  # bytes of one frame, or of what stands before the first
STREAM_INFO = 34
_SYNC = (b"\xff\xf8", b"\xff\xf9")


class Broken(Exception):
    """This is no FLAC stream, or not any more."""


class Frames:
    """`feed` gives whole frames; `stream_info` and `rate` (Hz) are there from the first one on."""

    stream_info = b""
    rate = 0

    def __init__(self) -> None:
        self._held = bytearray()
        self._sync = b""
        self._number = -1
        self._looked = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._held += data
        if not self._sync and not self._begin():
            return
        while (end := self._next()) is not None:
            frame, self._number = bytes(self._held[: end[0]]), end[1]
            del self._held[: end[0]]
            self._looked = 2
            yield frame
        if len(self._held) > MOST:
            raise Broken

    def finish(self) -> Iterator[bytes]:
        """The last frame, which no other one ends."""
        if self._sync and self._held:
            yield bytes(self._held)

    def _begin(self) -> bool:
        """Passes over what stands before the first frame, once all of it is there."""
        held = self._held
        if held[:4] != b"fLaC"[: len(held[:4])] or len(held) > MOST:
            raise Broken
        at, last = 4, False
        while not last:
            if len(held) < at + 4:
                return False
            last, kind = bool(held[at] & 0x80), held[at] & 0x7F
            size = int.from_bytes(held[at + 1 : at + 4])
            if (kind == 0) != (at == 4) or (kind == 0 and size != STREAM_INFO):
                raise Broken
            at += 4 + size
        if len(held) < at + 18:  # no header is longer
            return False
        self.stream_info = bytes(held[8 : 8 + STREAM_INFO])
        self.rate = int.from_bytes(self.stream_info[10:13]) >> 4
        del held[:at]
        self._sync = bytes(held[:2])
        first = _number(held, 0)
        if self._sync not in _SYNC or first is None:
            raise Broken
        self._number, self._looked = first, 2
        return True

    def _next(self) -> tuple[int, int] | None:
        """Where the next frame begins, and its number, if that is known yet."""
        while True:
            at = self._held.find(self._sync, self._looked)
            if at < 0 or len(self._held) < at + 18:
                self._looked = at if at >= 0 else max(2, len(self._held) - 1)
                return None
            number = _number(self._held, at)
            fixed = self._sync == _SYNC[0]
            if number is not None and (
                number == self._number + 1 if fixed else number > self._number
            ):
                return at, number
            self._looked = at + 1


def _number(data: bytearray, at: int) -> int | None:
    """The number of the frame (of its first sample) whose header is here; None if none is."""
    sizes, kinds = data[at + 2], data[at + 3]
    if not sizes >> 4 or sizes & 15 == 15 or kinds >> 4 > 10 or kinds & 1 or kinds >> 1 & 7 == 3:
        return None
    lead = data[at + 4]
    more = 0 if lead < 0x80 else _ones(lead) - 1
    if more < 0 or more > 6 or lead == 0xFF:
        return None
    number = lead if not more else lead & (0x3F >> more)
    for byte in data[at + 5 : at + 5 + more]:
        if byte & 0xC0 != 0x80:
            return None
        number = number << 6 | byte & 0x3F
    end = at + 5 + more + {6: 1, 7: 2}.get(sizes >> 4, 0) + {12: 1, 13: 2, 14: 2}.get(sizes & 15, 0)
    return number if _crc8(data[at:end]) == data[end] else None


def _ones(byte: int) -> int:
    """Leading ones: 2 to 7 of them say how many bytes a number has, 1 that this is none's first."""
    return 8 - (byte ^ 0xFF).bit_length()


def _crc8(data: bytes | bytearray) -> int:
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x07) & 0xFF if crc & 0x80 else crc << 1
    return crc
