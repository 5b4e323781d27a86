"""The signed document as data: its exact form, its bytes, its digest and its signature.

Pure: the caller brings plain values, keys come as PEM. How a document is printed lives in text.py
and pdf.py; who may sign lives in the actions.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from review.timing import text_of

FORMAT = "countersign-document/1"
FOLLOW_UP = "countersign-follow-up/1"
# What may be signed after a document; the texts of the last two are documents of their own.
FOLLOW_UPS = ("cosignature", "rejection", "review", "addendum", "amendment")

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
_PATIENT = ("mrn", "name", "birth_date")
_FLAG = ("id", "items", "reason", "state", "resolved_by", "resolved_at")
_SIGNER = ("id", "name", "title", "licence")


def document(
    *,
    document_id: str,
    recording_id: str,
    job_name: str,
    title: str,
    type: str,
    specialty: str,
    encounter_date: str | None,
    duration: Decimal | float,
    patient: Mapping[str, str | None] | None,
    author: str,
    practice_id: str,
    practice_name: str,
    segments: Sequence[Mapping[str, Any]],
    flags: Iterable[Mapping[str, Any]],
    audio_sha256: str,
    audio_duration: Decimal | float,
    engine_name: str,
    engine_model: str,
    review_id: str,
    threshold: Decimal | float,
    last_edit_seq: int,
    audit_seq: int,
    audit_hash: str,
    prior_signature: str | None = None,
    meaning: str | None = None,
    attestation: str | None = None,
    signer: Mapping[str, str | None] | None = None,
    signed_at: str | None = None,
    attention: Mapping[str, str | int] | None = None,
    authenticated_by: Sequence[str] = (),
) -> dict[str, Any]:
    """The document as signed, or without signer and signed_at its preview with "draft": true.

    `segments` are Segment dicts of the review screen in order; their text must be that of their
    items. `flags` have id, items, reason, state, resolved_by, resolved_at; `patient` mrn, name and
    birth_date; `signer` id, name, title and licence. Dates and times are ISO 8601, UTC with Z.
    Seconds become strings with three decimals, confidences and the threshold with four.
    `attention` is how the document was checked, as documents.attention gives it;
    `authenticated_by` what the signer proved who they are with, such as password and totp.
    ValueError when segments disagree with their items or a signature is half given.
    """
    made: dict[str, Any] = {
        "format": FORMAT,
        "document": {
            "id": document_id,
            "recording_id": recording_id,
            "job_name": job_name,
            "title": title,
            "type": type,
            "specialty": specialty,
            "encounter_date": encounter_date,
            "duration": _seconds(duration),
        },
        "patient": None if patient is None else {key: patient[key] for key in _PATIENT},
        "author": author,
        "practice": {"id": practice_id, "name": practice_name},
        "segments": [_segment(segment) for segment in segments],
        "words": [_word(item) for segment in segments for item in segment["items"]],
        "flags": [
            {**{key: flag[key] for key in _FLAG}, "items": [*flag["items"]]} for flag in flags
        ],
        "audio": {"sha256": audio_sha256, "duration": _seconds(audio_duration)},
        "engine": {"name": engine_name, "model": engine_model},
        "review": {
            "id": review_id,
            "threshold": _decimal(threshold, "0.0001"),
            "last_edit_seq": last_edit_seq,
        },
        "meaning": meaning,
        "attestation": attestation,
        "prior_signature": prior_signature,
        "audit_head": {"seq": audit_seq, "hash": audit_hash},
        "attention": None if attention is None else {**attention},
    }
    return _sealed(made, signer, signed_at, authenticated_by)


def follow_up(
    first: Mapping[str, Any],
    *,
    kind: str,
    document_id: str,
    title: str,
    prior_signature: str,
    audit_seq: int,
    audit_hash: str,
    meaning: str,
    attestation: str,
    author: str,
    reason: str | None = None,
    text: str | None = None,
    signer: Mapping[str, str | None] | None = None,
    signed_at: str | None = None,
    authenticated_by: Sequence[str] = (),
) -> dict[str, Any]:
    """What is signed after the signed document `first`, or without signer its preview.

    `kind` is one of FOLLOW_UPS; `document_id` its own number; `text` that of an addendum or of an
    amendment, paragraphs ended by line breaks. It has the shape of a document, so that it prints
    and travels as one. ValueError for another kind, or a half given signature.
    """
    if kind not in FOLLOW_UPS or (text is None) != (kind not in ("addendum", "amendment")):
        raise ValueError("a follow-up is of a known kind, and only some have a text")
    parent = first["document"]
    made: dict[str, Any] = {
        "format": FOLLOW_UP,
        "kind": kind,
        "document": {**parent, "id": document_id, "title": title, "parent_id": parent["id"]},
        "patient": first["patient"],
        "author": author,
        "practice": first["practice"],
        "audio": first["audio"],
        "reason": reason,
        "text": text,
        "meaning": meaning,
        "attestation": attestation,
        "prior_signature": prior_signature,
        "audit_head": {"seq": audit_seq, "hash": audit_hash},
    }
    return _sealed(made, signer, signed_at, authenticated_by)


def _sealed(
    made: dict[str, Any],
    signer: Mapping[str, str | None] | None,
    signed_at: str | None,
    authenticated_by: Sequence[str],
) -> dict[str, Any]:
    if signer is None and signed_at is None:
        made["draft"] = True
    else:
        if signer is None or signed_at is None or not made["meaning"] or not made["attestation"]:
            raise ValueError("a signature needs signer, signed_at, meaning and attestation")
        if not _TIME.fullmatch(signed_at):
            raise ValueError("signed_at is ISO 8601 UTC with Z")
        made["signer"] = {key: signer[key] for key in _SIGNER}
        made["signed_at"] = signed_at
        made["authenticated_by"] = list(authenticated_by)
    refuse_floats(made)
    return made


def refuse_floats(value: Any) -> None:
    """TypeError for anything but strings, integers, booleans, null, lists and dicts."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise TypeError("keys of a document are strings")
            refuse_floats(inner)
    elif isinstance(value, list):
        for inner in value:
            refuse_floats(inner)
    elif not (value is None or isinstance(value, str | int)):
        raise TypeError(f"a document holds no {type(value).__name__}")


def canonical_bytes(doc: Mapping[str, Any]) -> bytes:
    """The bytes that are hashed and signed: RFC 8785. TypeError for a float anywhere."""
    refuse_floats(doc)
    return rfc8785.dumps(dict(doc))


def digest(data: bytes) -> str:
    """SHA-256 hex."""
    return hashlib.sha256(data).hexdigest()


def new_key() -> tuple[str, str, str]:
    """A new Ed25519 pair: private PEM (PKCS 8, not encrypted), public PEM, key id."""
    private = Ed25519PrivateKey.generate()
    private_pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    public_pem = (
        private.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )
    return private_pem, public_pem, key_id(public_pem)


def key_id(public_key_pem: str) -> str:
    """First 16 hex digits of the SHA-256 of the public key (DER), as openssl can compute it."""
    der = _public(public_key_pem).public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return hashlib.sha256(der).hexdigest()[:16]


def sign(data: bytes, private_key_pem: str) -> str:
    """Ed25519 signature of `data` as base64. ValueError when the key is no Ed25519 key."""
    key = serialization.load_pem_private_key(private_key_pem.encode(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("the signing key is not an Ed25519 key")
    return base64.b64encode(key.sign(data)).decode()


def verify(data: bytes, signature: str, public_key_pem: str) -> bool:
    """Whether `signature` (base64) is that of exactly these bytes by this key."""
    try:
        _public(public_key_pem).verify(base64.b64decode(signature, validate=True), data)
    except (InvalidSignature, ValueError):
        return False
    return True


def _public(pem: str) -> Ed25519PublicKey:
    key = serialization.load_pem_public_key(pem.encode())
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("the public key is not an Ed25519 key")
    return key


def _segment(segment: Mapping[str, Any]) -> dict[str, Any]:
    if segment["text"] != text_of(segment["items"]):
        raise ValueError(f"segment {segment['id']}: text and items disagree")
    return {
        "id": segment["id"],
        "speaker": segment["speaker"],
        "channel": segment["channel"],
        "start": _seconds(segment["start"]),
        "end": _seconds(segment["end"]),
        "paragraph": bool(segment.get("paragraph")),
        "text": segment["text"],
    }


def _word(item: Mapping[str, Any]) -> list[str | None]:
    return [
        item["id"],
        item["content"],
        _seconds(item["start"]),
        _seconds(item["end"]),
        _decimal(item["confidence"], "0.0001"),
        item["by"],
    ]


def _seconds(value: Decimal | float | None) -> str | None:
    return _decimal(value, "0.001")


def _decimal(value: Decimal | float | None, unit: str) -> str | None:
    if value is None:
        return None
    exact = Decimal(str(value))
    if not exact.is_finite():
        raise ValueError("a number of a document is finite")
    return str(exact.quantize(Decimal(unit)))
