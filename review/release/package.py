"""The signed package: everything that verify.py needs to check a document without this program.

Pure. It holds the texts exactly as they were signed; nothing in it is made anew.
"""

import base64
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from cryptography.hazmat.primitives import serialization

from review.release.canonical import canonical_bytes, key_id

FORMAT = "countersign-package/1"
# With statements of which key follows which.
WITH_ROTATIONS = "countersign-package/2"
ROTATION = "countersign-key/1"


@dataclass(frozen=True, slots=True)
class Signed:
    """One signature: the signed text, its digest (hex), signature (base64) and key (PEM).

    `event` is the audit row of the signing: its canonical text and its hash.
    """

    canonical: str
    sha256: str
    signature: str
    key_id: str
    public_key: str
    event: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Rotation:
    """One key after another (see `statement`), signed with both; `by_old` is empty when lost."""

    canonical: str
    by_old: str
    by_new: str


def statement(*, practice: str, at: str, old: str, new: str) -> bytes:
    """What is signed when the key `new` follows the key `old` (both PEM): canonical JSON."""
    return canonical_bytes(
        {
            "format": ROTATION,
            "practice": practice,
            "at": at,
            "follows": {"key_id": key_id(old), "public_key": der(old)},
            "key": {"key_id": key_id(new), "public_key": der(new)},
        }
    )


def render(signed: Iterable[Signed], rotations: Iterable[Rotation] = ()) -> bytes:
    """The package as canonical JSON and a line break; signatures in the order they were made.

    `rotations` lead without a gap, oldest first, through all keys of the signatures.
    """
    signatures, follow = list(signed), list(rotations)
    keys = {each.key_id: der(each.public_key) for each in signatures}
    for each in follow:
        said = json.loads(each.canonical)
        keys |= {one["key_id"]: one["public_key"] for one in (said["follows"], said["key"])}
    package: dict[str, Any] = {
        "format": WITH_ROTATIONS if follow else FORMAT,
        "documents": [
            {
                "canonical": each.canonical,
                "sha256": each.sha256,
                "signature": each.signature,
                "key_id": each.key_id,
                "event": {"canonical": each.event[0], "hash": each.event[1]},
            }
            for each in signatures
        ],
        "keys": keys,
    }
    if follow:
        package["rotations"] = [asdict(each) for each in follow]
    text = json.dumps(package, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode() + b"\n"


def der(pem: str) -> str:
    """A public key as base64 of its DER."""
    key = serialization.load_pem_public_key(pem.encode())
    data = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(data).decode()
