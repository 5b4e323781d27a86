"""Who calls: the access key behind a request, what it may do, and that refusals are recorded."""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils import timezone

from transcripts import events, tenancy, unavailable, vault
from transcripts.aws import limits, sigv4
from transcripts.aws.errors import AwsError, denied
from transcripts.enums import Action
from transcripts.models import AccessKey, Practice, User
from transcripts.statements import of_model

log = logging.getLogger(__name__)

USE_NOTED_EVERY = timedelta(minutes=1)
# Every request asks this: as SQL, since composing it anew would take longer than answering it.
KEY = """
SELECT k.*, u.is_active AND EXISTS (
    SELECT FROM transcripts_membership m
    WHERE m.user_id = k.user_id AND m.practice_id = k.practice_id AND m.disabled_at IS NULL
) AS member
FROM transcripts_accesskey k JOIN transcripts_user u ON u.id = k.user_id
WHERE k.{column} = %s
"""


@dataclass(frozen=True, slots=True)
class Caller:
    """A verified client of one practice."""

    key: AccessKey
    region: str

    @property
    def practice(self) -> Practice:
        return self.key.practice

    @property
    def user(self) -> User:
        return self.key.user

    @property
    def account(self) -> str:
        return account_id(self.practice)


def account_id(practice: Practice) -> str:
    """The practice's AWS account number, 12 digits, always the same."""
    number = int.from_bytes(hashlib.sha256(practice.pk.bytes).digest()[:8]) % 10**12
    return f"{number:012}"


def authenticate(request: HttpRequest, body: bytes) -> Caller:
    """The caller whose signature in the headers covers this request; AwsError for all others."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    payload_hash = hashlib.sha256(body).hexdigest()
    try:
        claim = sigv4.from_headers(headers)
        if headers.get("x-amz-content-sha256", payload_hash) != payload_hash:
            raise sigv4.Refused(
                "InvalidSignatureException",
                "The value of 'X-Amz-Content-SHA256' is not the hash of the received body.",
            )
    except sigv4.Refused as refusal:
        raise AwsError(refusal.code, refusal.message) from None
    return verified(
        claim,
        method=request.method or "",
        path=quote(request.path),
        query=request.META.get("QUERY_STRING", ""),
        headers=headers,
        payload_hash=payload_hash,
    )


def verified(
    claim: sigv4.Signature,
    *,
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    payload_hash: str,
) -> Caller:
    """The caller whose signature this is, over exactly this request (see sigv4.verify)."""
    key = key_of(claim)
    try:
        sigv4.verify(
            claim,
            vault.decrypt(key.encrypted_secret),
            method=method,
            path=path,
            query=query,
            headers=headers,
            payload_hash=payload_hash,
            now=datetime.now(UTC),
        )
    except sigv4.Refused as refusal:
        report_refusal(key, refusal.code)
        raise AwsError(refusal.code, refusal.message) from None
    tenancy.narrow(key.practice_id)
    note_use(key)
    return Caller(key, claim.region)


def key_of(claim: sigv4.Signature) -> AccessKey:
    """The key that a signature names, when it may be used at all. One query."""
    key = _key("access_key_id", claim.access_key_id)
    if key is None:
        log.warning("a request under an unknown access key was refused")
    else:
        reason = _unusable(key)
        if reason is None:
            return key
        report_refusal(key, reason)
    raise AwsError(
        "UnrecognizedClientException", "The security token included in the request is invalid."
    )


def usable_key(pk: object) -> AccessKey | None:
    """The key of this row, unless it was revoked, ran out, or its user left the practice."""
    key = _key("id", pk)
    if key is None or _unusable(key) is not None:
        return None
    tenancy.narrow(key.practice_id)
    return key


def _key(column: str, value: object) -> AccessKey | None:
    """The key with `member`: whether its user is active and belongs to its practice still."""
    asked = AccessKey, KEY.format(column=column), [value]
    try:
        found = of_model(*asked)
    except (InterfaceError, OperationalError) as error:
        if unavailable.is_busy(error):
            raise
        # A connection that is kept between calls may have died with a restarted server.
        connection.close()
        found = of_model(*asked)
    return found[0] if found else None


def _unusable(key: AccessKey) -> str | None:
    if key.revoked_at:
        return "revoked"
    if key.expires_at and key.expires_at <= timezone.now():
        return "expired"
    return None if key.member else "no_member"


def allow(caller: Caller, operation: str, scope: str) -> None:
    """AccessDeniedException unless the key's scopes cover it; no scopes at all cover everything."""
    if caller.key.scopes and scope not in caller.key.scopes:
        report_refusal(caller.key, "scope", operation)
        raise not_authorized(caller, operation)


def not_authorized(caller: Caller, operation: str) -> AwsError:
    """AWS's sentence for what a key may not do."""
    who = f"arn:aws:iam::{caller.account}:user/{caller.user.pk}"
    return denied(f"User: {who} is not authorized to perform: transcribe:{operation}")


def report_refusal(key: AccessKey, reason: str, operation: str = "") -> None:
    """Records a refusal; of the same refusals of one minute the first alone.

    So a client that keeps trying fills no disk and holds up nobody's work.
    """
    if not limits.first_this_minute(f"refused:{key.pk}:{reason}:{operation}"):
        return
    detail = {"reason": reason} | ({"operation": operation} if operation else {})
    events.emit(
        events.Event(
            action=Action.KEY_REFUSED,
            practice_id=key.practice_id,
            by=key.user,
            object_type="AccessKey",
            object_id=key.pk,
            outcome="denied",
            detail=detail,
        )
    )


def report_read(
    key: AccessKey, action: Action, kind: str, shown: Sequence[UUID], patient: UUID | None = None
) -> None:
    """Records what a call shows; of a client that asks the same again, once a minute.

    `shown` are the ids in the answer.
    """
    ids = [str(one) for one in shown]
    same = hashlib.sha256("".join(ids).encode()).hexdigest()[:16]
    if not limits.first_this_minute(f"read:{key.pk}:{action}:{same}"):
        return
    events.emit(
        events.Event(
            action=action,
            practice_id=key.practice_id,
            by=key.user,
            object_type=kind,
            object_id=shown[0] if len(shown) == 1 else None,
            patient_id=patient,
            detail={"key": str(key.pk), "shown": ids},
        )
    )


def note_use(key: AccessKey) -> None:
    """Keeps `last_used_at` true to the minute, and the use on record, without a write a request."""
    before = timezone.now() - USE_NOTED_EVERY
    if key.last_used_at is None or key.last_used_at < before:
        _report_use(key, Q(last_used_at=None) | Q(last_used_at__lt=before))


@transaction.atomic
def _report_use(key: AccessKey, unless_noted: Q) -> None:
    if AccessKey.objects.filter(unless_noted, pk=key.pk).update(last_used_at=Now()):
        events.emit(
            events.Event(
                action=Action.KEY_USED,
                practice_id=key.practice_id,
                by=key.user,
                object_type="AccessKey",
                object_id=key.pk,
            )
        )
