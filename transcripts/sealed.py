"""Sealed files: encrypted in chunks, so that any range is read, and nothing altered is believed.

Pure. A file is a header, then chunks of CHUNK bytes (the last may be shorter), each with a 16-byte
tag. AES-256-GCM; the key of a file is HKDF-SHA256 of the data key with the file's random salt and
its name, so that no two files share a key and a file moved to another name does not open. The nonce
of a chunk is its number. Authenticated with each chunk: the whole header, in which the length of
the plain text stands, the number of the chunk, and whether it is the last.
"""

import io
import os
import struct
from collections.abc import Callable
from typing import BinaryIO
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"CSEALED1"
CHUNK = 64 * 1024
TAG = 16
SALT = 16
HEADER = struct.Struct(f">8sI16s{SALT}sQ")  # magic, chunk size, key id, salt, plain length
LARGEST = 1 << 50


class Altered(Exception):
    """The file is not what was written: changed, cut short, reordered, or under another name."""


def sealed_length(length: int) -> int:
    """Bytes of the file that holds so many plain ones."""
    return HEADER.size + length + TAG * _chunks(length)


def seal(
    source: BinaryIO,
    target: BinaryIO,
    *,
    key: bytes,
    key_id: UUID,
    name: str,
    length: int,
    moved: Callable[[], None] = lambda: None,
) -> None:
    """Writes `length` bytes of source to target, sealed; ValueError if source holds another number.

    Constant memory; `moved` is called after each chunk.
    """
    header = HEADER.pack(MAGIC, CHUNK, key_id.bytes, os.urandom(SALT), length)
    cipher, last = _cipher(key, header, name), _chunks(length) - 1
    target.write(header)
    for number in range(last + 1):
        wanted = min(CHUNK, length - number * CHUNK)
        block = _exactly(source, wanted)
        if len(block) != wanted:
            raise ValueError("the source is shorter than was said")
        target.write(cipher.encrypt(_nonce(number), block, _told(header, number, last)))
        moved()
    if source.read(1):
        raise ValueError("the source is longer than was said")


def key_id_of(head: bytes) -> UUID | None:
    """The id of the data key in a file's first HEADER.size bytes; None when it is not sealed."""
    if len(head) < HEADER.size or not head.startswith(MAGIC):
        return None
    return UUID(bytes=HEADER.unpack(head[: HEADER.size])[2])


def length_of(head: bytes) -> int:
    """The plain length told by a header. Only what was read with the key is proven."""
    return int(HEADER.unpack(head)[4])


class Reader(io.RawIOBase):
    """The plain bytes of a sealed file, by any range; decrypts the chunks that a read touches.

    Raises Altered at the start when the file has another length than its header tells or the first
    chunk does not open, and at any read of a chunk that is not as it was written.
    """

    def __init__(self, file: BinaryIO, *, key: bytes, name: str) -> None:
        self._file, self._at, self._held = file, 0, (-1, b"")
        self._header = file.read(HEADER.size)
        if key_id_of(self._header) is None:
            raise Altered("no sealed file")
        self._chunk, self.length = HEADER.unpack(self._header)[1], length_of(self._header)
        if self._chunk != CHUNK or self.length > LARGEST:
            raise Altered("the header was changed")
        if file.seek(0, os.SEEK_END) != sealed_length(self.length):
            raise Altered("the file has another length than was written")
        self._last = _chunks(self.length) - 1
        self._cipher = _cipher(key, self._header, name)
        self._open(0)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.length}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: memoryview) -> int:
        """Fills the buffer as far as the file goes: several chunks at once where it has room."""
        filled = 0
        while filled < len(buffer) and self._at < self.length:
            number, within = divmod(self._at, CHUNK)
            part = self._open(number)[within : within + len(buffer) - filled]
            buffer[filled : filled + len(part)] = part
            filled += len(part)
            self._at += len(part)
        return filled

    def close(self) -> None:
        if not self.closed:
            self._held = (-1, b"")
            self._file.close()
        super().close()

    def _open(self, number: int) -> bytes:
        if self._held[0] == number:
            return self._held[1]
        self._file.seek(HEADER.size + number * (CHUNK + TAG))
        block = _exactly(self._file, min(CHUNK, self.length - number * CHUNK) + TAG)
        try:
            told = _told(self._header, number, self._last)
            plain = self._cipher.decrypt(_nonce(number), block, told)
        except InvalidTag:
            raise Altered(f"chunk {number} is not as it was written") from None
        self._held = (number, plain)
        return plain


def _chunks(length: int) -> int:
    return max(1, -(-length // CHUNK))


def _cipher(key: bytes, header: bytes, name: str) -> AESGCM:
    salt = HEADER.unpack(header)[3]
    derived = HKDF(SHA256(), 32, salt, b"countersign sealed file 1\0" + name.encode()).derive(key)
    return AESGCM(derived)


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _told(header: bytes, number: int, last: int) -> bytes:
    return header + number.to_bytes(8, "big") + (b"last" if number == last else b"more")


def _exactly(file: BinaryIO, wanted: int) -> bytes:
    block = file.read(wanted)
    while len(block) < wanted and (more := file.read(wanted - len(block))):
        block += more
    return block
