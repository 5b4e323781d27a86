"""Verifies AWS Signature Version 4: headers, presigned queries, the chunks of a stream. Pure.

What a signature must cover, and how, is all here; which secret belongs to a key id is not, nor is
a clock.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote

ALGORITHM = "AWS4-HMAC-SHA256"
EMPTY_HASH = hashlib.sha256(b"").hexdigest()
SKEW = timedelta(minutes=5)
STAMP = "%Y%m%dT%H%M%SZ"
# Whoever could change one of these unnoticed could change what is asked.
MUST_BE_SIGNED = ("x-amz-date", "x-amz-target", "x-amz-security-token", "x-amz-content-sha256")
PARAMETERS = "x-amzn-transcribe-"  # headers in which a stream says what it wants
STREAM = "STREAMING-AWS4-HMAC-SHA256-EVENTS"  # in place of the hash of a body without an end

_PART = re.compile(r"(Credential|SignedHeaders|Signature)=([^\s,]+)")
_HEX = re.compile(r"[0-9a-f]{64}")


class Refused(Exception):
    """The signature does not hold; `code` is AWS's name of the error."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Signature:
    """What a request claims: who signed it, when, for what, covering which headers.

    `expires` is the life of a presigned query in seconds, None for a signature in headers.
    """

    access_key_id: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    stamp: str
    expires: int | None = None

    @property
    def scope(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


def from_headers(headers: Mapping[str, str]) -> Signature:
    """The signature of a request with an Authorization header; header names in lower case."""
    authorization = headers.get("authorization", "")
    if not authorization:
        raise Refused("MissingAuthenticationTokenException", "Missing Authentication Token")
    algorithm, _, rest = authorization.partition(" ")
    if algorithm != ALGORITHM:
        raise _incomplete(f"Unsupported AWS 'algorithm': only {ALGORITHM} is known.")
    parts = dict(_PART.findall(rest))
    for name in ("Credential", "Signature", "SignedHeaders"):
        if name not in parts:
            raise _incomplete(f"Authorization header requires '{name}' parameter.")
    if not headers.get("x-amz-date"):
        raise _incomplete("Authorization header requires existence of an 'X-Amz-Date' header.")
    return _signature(
        parts["Credential"], parts["SignedHeaders"], parts["Signature"], headers["x-amz-date"]
    )


def from_query(query: str, *, longest: int = 300) -> Signature:
    """The signature of a presigned address that lives at most `longest` seconds."""
    values = dict(pairs(query))
    if "X-Amz-Signature" not in values and "X-Amz-Credential" not in values:
        raise Refused("MissingAuthenticationTokenException", "Missing Authentication Token")
    names = ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature")
    for name in names:
        if f"X-Amz-{name}" not in values:
            raise _incomplete(f"Query string requires 'X-Amz-{name}' parameter.")
    if values["X-Amz-Algorithm"] != ALGORITHM:
        raise _incomplete(f"Unsupported AWS 'algorithm': only {ALGORITHM} is known.")
    expires = values["X-Amz-Expires"]
    if not re.fullmatch(r"[0-9]{1,6}", expires) or not 0 < int(expires) <= longest:
        raise _incomplete(f"X-Amz-Expires must be a number from 1 to {longest}.")
    return _signature(
        values["X-Amz-Credential"],
        values["X-Amz-SignedHeaders"],
        values["X-Amz-Signature"],
        values["X-Amz-Date"],
        int(expires),
    )


def pairs(query: str) -> list[tuple[str, str]]:
    """Decoded names and values. A plus sign is a plus sign here, not a space."""
    parts = (part.partition("=") for part in query.split("&") if part)
    return [(unquote(name), unquote(value)) for name, _, value in parts]


def verify(
    claim: Signature,
    secret: str,
    *,
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    payload_hash: str,
    now: datetime,
    service: str = "transcribe",
) -> None:
    """Refused unless the claim holds for exactly this request.

    `path` and `query` are as on the wire, header names in lower case, `payload_hash` is the SHA-256
    of the raw body in hex (or the literal that the protocol prescribes for streams).
    """
    if claim.service != service:
        raise _invalid(f"Credential should be scoped to correct service: '{service}'.")
    _check_time(claim, now)
    if not {"host", ":authority"} & set(claim.signed_headers):
        raise _invalid("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    asked = [name for name in headers if name.startswith(PARAMETERS)]
    covered = () if claim.expires is not None else (*MUST_BE_SIGNED, *asked)
    for name in covered:
        if name in headers and name not in claim.signed_headers:
            raise _invalid(f"'{name}' must be a 'SignedHeader' in the AWS Authorization.")
    for name in claim.signed_headers:
        if name not in headers:
            raise _invalid(f"The signed header '{name}' is missing from the request.")
    canonical = canonical_request(
        claim, method=method, path=path, query=query, headers=headers, payload_hash=payload_hash
    )
    expected = signature(secret, claim, canonical)
    if not hmac.compare_digest(expected, claim.signature):
        raise _invalid(
            "The request signature we calculated does not match the signature you provided. "
            "Check your AWS Secret Access Key and signing method. "
            "Consult the service documentation for details."
        )


def canonical_request(
    claim: Signature,
    *,
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    payload_hash: str,
) -> str:
    """The text that both sides hash."""
    return "\n".join(
        [
            method.upper(),
            quote(_without_dots(path), safe="/~"),
            _canonical_query(query),
            *(f"{name}:{' '.join(headers[name].split())}" for name in claim.signed_headers),
            "",
            ";".join(claim.signed_headers),
            payload_hash,
        ]
    )


def signing_key(secret: str, scope: str) -> bytes:
    """The key of a day, region and service, whose signatures are made with it."""
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


class Chain:
    """The signatures of a stream's chunks, each over the one before; the request's is the first."""

    def __init__(self, claim: Signature, secret: str) -> None:
        self._claim = claim
        self._secret = secret
        self._previous = claim.signature
        self._keys: dict[str, bytes] = {}

    def check(self, made: bytes, *, milliseconds: int, headers: bytes, payload: bytes) -> None:
        """Refused unless `made` is the signature of the chunk that comes now.

        `headers` are those that it covers, encoded: the chunk's date alone.
        """
        try:
            date = datetime.fromtimestamp(milliseconds / 1000, UTC)
        except (OverflowError, ValueError, OSError):
            raise _invalid("The chunk's date is no date.") from None
        if not hmac.compare_digest(self.signature(date, headers, payload), made):
            raise _invalid("A chunk's signature does not match the one we calculated.")
        self._previous = made.hex()

    def signature(self, date: datetime, headers: bytes, payload: bytes) -> bytes:
        """What the next chunk's signature must be, 32 bytes."""
        scope = f"{date:%Y%m%d}/{self._claim.region}/{self._claim.service}/aws4_request"
        hashes = (hashlib.sha256(part).hexdigest() for part in (headers, payload))
        text = [f"{ALGORITHM}-PAYLOAD", date.strftime(STAMP), scope, self._previous, *hashes]
        if scope not in self._keys:  # one day's, and the next one's after midnight
            self._keys = {scope: signing_key(self._secret, scope)}
        return hmac.digest(self._keys[scope], "\n".join(text).encode(), "sha256")


def signature(secret: str, claim: Signature, canonical: str) -> str:
    """The signature that a holder of the secret would make, 64 hex digits."""
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join([ALGORITHM, claim.stamp, claim.scope, digest])
    return hmac.new(signing_key(secret, claim.scope), text.encode(), "sha256").hexdigest()


def _signature(
    credential: str, signed_headers: str, made: str, stamp: str, expires: int | None = None
) -> Signature:
    parts = credential.split("/")
    if len(parts) != 5 or parts[4] != "aws4_request" or not all(parts):
        raise _incomplete(
            "Credential must have exactly 5 slash-delimited elements, e.g. "
            "keyid/date/region/service/aws4_request."
        )
    try:
        datetime.strptime(stamp, STAMP)
    except ValueError:
        raise _incomplete("Date must be in ISO-8601 'basic format'.") from None
    if stamp[:8] != parts[1]:
        raise _invalid("Date in Credential scope does not match YYYYMMDD from the request's date.")
    names = tuple(signed_headers.lower().split(";"))
    if list(names) != sorted(set(names)):
        raise _incomplete("SignedHeaders must be sorted and without doubles.")
    if not _HEX.fullmatch(made):
        raise _invalid("The signature is not made of 64 hexadecimal digits.")
    return Signature(parts[0], parts[1], parts[2], parts[3], names, made, stamp, expires)


def _check_time(claim: Signature, now: datetime) -> None:
    made = datetime.strptime(claim.stamp, STAMP).replace(tzinfo=UTC)
    life = SKEW if claim.expires is None else timedelta(seconds=claim.expires)
    if made + life < now:
        raise _invalid(
            f"Signature expired: {claim.stamp} is now earlier than "
            f"{(now - life).strftime(STAMP)} ({now.strftime(STAMP)} - {_in_words(life)})"
        )
    if made > now + SKEW:
        raise _invalid(
            f"Signature not yet current: {claim.stamp} is still later than "
            f"{(now + SKEW).strftime(STAMP)} ({now.strftime(STAMP)} + {_in_words(SKEW)})"
        )


def _in_words(life: timedelta) -> str:
    seconds = int(life.total_seconds())
    return f"{seconds // 60} min." if seconds % 60 == 0 else f"{seconds} s."


def _canonical_query(query: str) -> str:
    encoded = sorted(
        (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
        for name, value in pairs(query)
        if name != "X-Amz-Signature"
    )
    return "&".join(f"{name}={value}" for name, value in encoded)


def _without_dots(path: str) -> str:
    kept: list[str] = []
    for part in path.split("/"):
        if part == "..":
            kept[-1:] = []
        elif part not in ("", "."):
            kept.append(part)
    slash = "/" if path.endswith("/") and kept else ""
    return f"/{'/'.join(kept)}{slash}"


def _incomplete(message: str) -> Refused:
    return Refused("IncompleteSignatureException", message)


def _invalid(message: str) -> Refused:
    return Refused("InvalidSignatureException", message)
