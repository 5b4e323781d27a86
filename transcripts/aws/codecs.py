"""The two wire forms: JSON 1.1 and smithy-rpc-v2-cbor. Bytes in and out; no rules here."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from transcripts.aws.errors import AwsError, serialization

SHAPES = "com.amazonaws.transcribe"


@dataclass(frozen=True, slots=True)
class Codec:
    """How one wire form writes values and errors; `headers` go with every answer."""

    content_type: str
    loads: Callable[[bytes], Any]
    dumps: Callable[[Any], bytes]
    headers: dict[str, str]


def error_body(error: AwsError) -> dict[str, str]:
    """The members of an error; `message` in both spellings, since clients read either."""
    return {
        "__type": f"{SHAPES}#{error.code}",
        "message": error.message,
        "Message": error.message,
    }


def _read_json(body: bytes) -> Any:
    try:
        return json.loads(body or b"{}", parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise serialization("The request is not valid JSON.") from None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _write_json(value: Any) -> bytes:
    return json.dumps(value, default=_seconds, separators=(",", ":")).encode()


def _seconds(value: object) -> float:
    """Times are seconds since 1970, as AWS writes them."""
    if isinstance(value, datetime):
        return round(value.timestamp(), 3)
    raise TypeError(f"no JSON for {type(value).__name__}")


def _read_cbor(body: bytes) -> Any:
    import cbor2

    if not body:
        return {}
    try:
        value = cbor2.loads(body)
    # What a decoder raises for hostile tags is not limited to its own errors.
    except Exception:
        raise serialization("The request is not valid CBOR.") from None
    return value


def _write_cbor(value: Any) -> bytes:
    import cbor2

    return cbor2.dumps(_with_tags(value))


def _with_tags(value: Any) -> Any:
    """Times as CBOR's epoch tag with a fraction, which clients expect in place of a date text."""
    from cbor2 import CBORTag

    if isinstance(value, datetime):
        return CBORTag(1, _seconds(value))
    if isinstance(value, dict):
        return {key: _with_tags(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_tags(inner) for inner in value]
    return value


JSON = Codec("application/x-amz-json-1.1", _read_json, _write_json, {})
CBOR = Codec(
    "application/cbor",
    _read_cbor,
    _write_cbor,
    {"smithy-protocol": "rpc-v2-cbor"},
)
