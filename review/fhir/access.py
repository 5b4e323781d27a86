"""Who calls the FHIR endpoint: OAuth 2 client credentials, which are an access key of a practice.

A client proves itself with the key's secret (RFC 6749, 4.4) or with a signed JWT (SMART Backend
Services; see assertions.py). The token is a signed note of the key's id that is good for five
minutes. The key is looked up again at every request, so revoking it ends its tokens too.
"""

import base64
import binascii
import hmac
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.http import HttpRequest

from review.fhir import assertions
from transcripts import vault
from transcripts.actions.keys import ONLY_IF_NAMED
from transcripts.aws import callers, limits
from transcripts.models import AccessKey

SECONDS = 300
SALT = "review.fhir"
# What may be asked for, in SMART's words, and the key's scope that covers it.
SCOPES = {
    "system/DocumentReference.rs": "documents.read",
    "system/Composition.r": "documents.read",
    "system/AuditEvent.rs": "audit.read",
}
CALLS_A_SECOND = 20


class Refused(Exception):
    """The caller is not let in: HTTP status, OAuth error code, sentence."""

    def __init__(self, status: int, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.code = status, code


@dataclass(frozen=True, slots=True)
class Token:
    """A token and what it allows, as the token endpoint answers."""

    access_token: str
    scope: str

    def answer(self) -> dict[str, Any]:
        return {
            "access_token": self.access_token,
            "token_type": "Bearer",
            "expires_in": SECONDS,
            "scope": self.scope,
        }


def token(request: HttpRequest) -> Token:
    """A token for the client of a token request. Refused with invalid_client and the like."""
    if request.POST.get("grant_type") != "client_credentials":
        raise Refused(400, "unsupported_grant_type", "Only client_credentials is supported.")
    if "client_assertion" in request.POST or "client_assertion_type" in request.POST:
        key = _asserted(request)
    else:
        key = _with_secret(request)
    asked = request.POST.get("scope", "").split() or [s for s in SCOPES if _may(key, SCOPES[s])]
    granted = [scope for scope in asked if scope in SCOPES and _may(key, SCOPES[scope])]
    if not granted:
        raise Refused(400, "invalid_scope", "The key does not allow any of these scopes.")
    callers.note_use(key)
    return Token(signing.dumps([str(key.pk), granted], salt=SALT), " ".join(granted))


def _asserted(request: HttpRequest) -> AccessKey:
    if request.POST.get("client_assertion_type") != assertions.TYPE:
        raise Refused(400, "invalid_request", "The client_assertion_type is not supported.")
    try:
        return assertions.client(request.POST.get("client_assertion", ""))
    except assertions.Bad:
        # What is wrong is the audit log's to know.
        raise Refused(401, "invalid_client", "The client's assertion was not accepted.") from None


def _with_secret(request: HttpRequest) -> AccessKey:
    client, secret = _credentials(request)
    row = AccessKey.objects.filter(access_key_id=client).only("pk").first()
    key = callers.usable_key(row.pk) if row else None
    held = vault.decrypt(key.encrypted_secret) if key else ""
    if not hmac.compare_digest(held.encode(), secret.encode()) or key is None:
        if key:
            callers.report_refusal(key, "fhir_secret")
        raise Refused(401, "invalid_client", "The client is not known, or its secret is wrong.")
    return key


def caller(request: HttpRequest, scope: str) -> AccessKey:
    """The key behind a request's bearer token, if the token covers the scope. Raises Refused."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    try:
        pk, granted = signing.loads(text.strip(), salt=SALT, max_age=SECONDS)
    except signing.BadSignature:
        pk, granted = None, []
    key = callers.usable_key(pk) if pk and scheme.lower() == "bearer" else None
    if key is None:
        raise Refused(401, "login", "A bearer token is needed, and this is none or has run out.")
    if scope not in granted or not _may(key, SCOPES[scope]):
        callers.report_refusal(key, "scope", scope)
        raise Refused(403, "forbidden", f"The token does not cover {scope}.")
    if limits.count_second(f"fhir:{key.pk}") > CALLS_A_SECOND:
        raise Refused(429, "throttled", "Too many requests. Wait a second.")
    callers.note_use(key)
    return key


def _may(key: AccessKey, scope: str) -> bool:
    return scope in key.scopes or (not key.scopes and scope not in ONLY_IF_NAMED)


def _credentials(request: HttpRequest) -> tuple[str, str]:
    """Client id and secret of HTTP Basic, or of the form (RFC 6749, 2.3.1)."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            client, _, secret = base64.b64decode(text, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise Refused(401, "invalid_client", "The credentials can't be read.") from None
        return client, secret
    return request.POST.get("client_id", ""), request.POST.get("client_secret", "")
