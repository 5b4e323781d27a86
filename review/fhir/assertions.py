"""Clients that prove themselves with a signed JWT (SMART Backend Services; RFC 7523, 2.2).

The assertion is signed with a key that a manager registered for the access key. It is good for five
minutes at most, and once. PyJWT checks signature and times.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from review.enums import ClientAlgorithm
from review.models import ClientKey, UsedAssertion
from transcripts.aws import callers
from transcripts.models import AccessKey

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SECONDS = 300
LEEWAY = 10
LONGEST = 8_192
CLAIMS = ["iss", "sub", "aud", "exp", "jti"]


class Bad(Exception):
    """The assertion proves nothing; the message is a code for the audit log."""


def audience() -> str:
    """What an assertion is for: the address of the token endpoint."""
    return settings.BASE_URL + reverse("fhir-token")


def client(assertion: str) -> AccessKey:
    """The access key whose registered key signed this. Raises Bad.

    What was wrong with an assertion in a known client's name is on record.
    """
    key, header = _claimed(assertion)
    try:
        _check(assertion, key, header)
    except Bad as failure:
        callers.report_refusal(key, f"assertion_{failure}")
        raise
    return key


def _claimed(assertion: str) -> tuple[AccessKey, dict[str, Any]]:
    """The usable key that the assertion names, unproven as yet, and its header."""
    if len(assertion) > LONGEST:
        raise Bad("size")
    try:
        header = jwt.get_unverified_header(assertion)
        claims = jwt.decode(assertion, options={"verify_signature": False})
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        raise Bad("form") from None
    name = claims.get("iss")
    row = AccessKey.objects.filter(access_key_id=name).only("pk").first() if _text(name) else None
    key = callers.usable_key(row.pk) if row else None
    if key is None:
        raise Bad("client")
    return key, header


def _check(assertion: str, key: AccessKey, header: dict[str, Any]) -> None:
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in ClientAlgorithm.values or not _text(kid):
        raise Bad("header")
    registered = ClientKey.objects.filter(
        access_key=key, kid=kid, algorithm=algorithm, ended_at=None
    ).first()
    if registered is None:
        raise Bad("key")
    try:
        claims = jwt.decode(
            assertion,
            jwt.PyJWK(registered.jwk, algorithm=algorithm),
            algorithms=[algorithm],
            audience=audience(),
            issuer=key.access_key_id,
            subject=key.access_key_id,
            leeway=LEEWAY,
            options={"require": CLAIMS, "strict_aud": False},
        )
    except jwt.InvalidTokenError as failure:
        raise Bad(type(failure).__name__[:40]) from None
    now = timezone.now()
    if claims["exp"] > now.timestamp() + SECONDS + LEEWAY:
        raise Bad("exp_too_late")
    if not _text(claims["jti"]):
        raise Bad("jti")
    _take(key, claims["jti"], claims["exp"])


def _take(key: AccessKey, jti: str, expires: float) -> None:
    """Notes that the assertion was used. Bad the second time."""
    now = timezone.now()
    UsedAssertion.objects.filter(expires_at__lt=now - timedelta(seconds=2 * LEEWAY)).delete()
    digest = hashlib.sha256(jti.encode("utf-8", "surrogatepass")).hexdigest()
    until = datetime.fromtimestamp(expires, tz=UTC)
    try:
        with transaction.atomic():
            UsedAssertion.objects.create(access_key=key, jti=digest, expires_at=until)
    except IntegrityError:
        raise Bad("replayed") from None


def _text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 200 and "\x00" not in value
