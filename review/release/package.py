"""The signed package: everything that verify.py needs to check a document without this program.

Pure. It holds the texts exactly as they were signed; nothing in it is made anew.
"""

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization

FORMAT = "countersign-package/1"


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


def render(signed: Iterable[Signed]) -> bytes:
    """The package as canonical JSON and a line break; signatures in the order they were made."""
    signatures = list(signed)
    package = {
        "format": FORMAT,
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
        "keys": {each.key_id: _der(each.public_key) for each in signatures},
    }
    text = json.dumps(package, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode() + b"\n"


def _der(pem: str) -> str:
    key = serialization.load_pem_public_key(pem.encode())
    der = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(der).decode()
