"""Messages between the web process and an inference process: a JSON header and raw bytes.

Nothing is unpickled, so a message cannot run code. One message is at most 8 MB.
"""

import json
import struct
from typing import Any, BinaryIO

_SIZES = struct.Struct(">II")  # bytes of the header and of the payload
_MOST = 8 * 1024 * 1024

HEAD = _SIZES.size
Message = tuple[dict[str, Any], bytes]


class BadFrame(Exception):
    """The other side did not send a message; the connection is of no more use."""


def pack(header: dict[str, Any], payload: bytes = b"") -> bytes:
    """A message as bytes."""
    text = json.dumps(header, separators=(",", ":")).encode()
    return _SIZES.pack(len(text), len(payload)) + text + payload


def sizes(head: bytes) -> tuple[int, int]:
    """Bytes of the header and of the payload that follow `head`. Raises BadFrame."""
    header, payload = _SIZES.unpack(head)
    if header > _MOST or payload > _MOST:
        raise BadFrame
    return header, payload


def unpack(body: bytes, header: int) -> Message:
    """The message in `body`, whose first `header` bytes are JSON. Raises BadFrame."""
    try:
        return json.loads(body[:header]), body[header:]
    except ValueError:
        raise BadFrame from None


def read(source: BinaryIO) -> Message | None:
    """The next message, or None at the end of the pipe. Blocks. Raises BadFrame."""
    head = source.read(HEAD)
    if len(head) < HEAD:
        return None
    header, payload = sizes(head)
    body = source.read(header + payload)
    return None if len(body) < header + payload else unpack(body, header)
