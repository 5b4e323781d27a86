"""Public keys of FHIR clients: registered for an access key from a JWK set, and ended."""

import json
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.db import IntegrityError, transaction
from django.utils import timezone

from review.enums import Action, ClientAlgorithm
from review.models import ClientKey
from review.policies import Refused
from transcripts import events
from transcripts.models import AccessKey, User

MOST = 5
LONGEST = 20_000
PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
PUBLIC = {"RSA": ("kty", "n", "e"), "EC": ("kty", "crv", "x", "y")}
ALGORITHMS = {"RSA": ClientAlgorithm.RS384, "EC": ClientAlgorithm.ES384}
RSA_BITS = (2048, 8192)


@transaction.atomic
def register(*, access_key: AccessKey, keys: str, by: User) -> list[ClientKey]:
    """Registers the keys of a JWK set, or one JWK, for the client: all or none. Refused."""
    found = [_public(each) for each in _read(keys)]
    AccessKey.objects.select_for_update(no_key=True).get(pk=access_key.pk)
    if access_key.revoked_at:
        raise Refused("This access key is revoked.")
    if access_key.client_keys.filter(ended_at=None).count() + len(found) > MOST:
        raise Refused(f"A client has at most {MOST} keys. End one first.")
    try:
        with transaction.atomic():
            made = [
                ClientKey.objects.create(
                    access_key=access_key,
                    kid=jwk["kid"],
                    algorithm=jwk["alg"],
                    jwk=jwk,
                    created_by=by,
                )
                for jwk in found
            ]
    except IntegrityError:
        raise Refused("There is a key with this kid already. End it first.") from None
    for key in made:
        _report(key, Action.CLIENT_KEY_ADDED, by)
    return made


@transaction.atomic
def end(*, key: ClientKey, by: User) -> None:
    """Nothing that this key signs is taken any more. Refused when it was ended before."""
    if not ClientKey.objects.filter(pk=key.pk, ended_at=None).update(ended_at=timezone.now()):
        raise Refused("This key has been ended already.")
    _report(key, Action.CLIENT_KEY_ENDED, by)


def _read(text: str) -> list[dict[str, Any]]:
    try:
        value = json.loads(text[:LONGEST])
    except (ValueError, RecursionError):
        raise Refused("This is not JSON. Paste the client’s JWK set.") from None
    keys = value.get("keys", [value]) if isinstance(value, dict) else None
    if not isinstance(keys, list) or not keys or not all(isinstance(k, dict) for k in keys):
        raise Refused("This is not a JWK set.")
    return keys


def _public(jwk: dict[str, Any]) -> dict[str, str]:
    """The public members, checked to be a key that this program takes."""
    if PRIVATE & set(jwk):
        raise Refused(
            "This holds a private key, which nobody but the client may have. Make a new one."
        )
    kind, kid = str(jwk.get("kty")), jwk.get("kid")
    if kind not in PUBLIC:
        raise Refused("Keys are RSA, or elliptic curve P-384.")
    if not isinstance(kid, str) or not 0 < len(kid) <= 100 or not kid.isprintable():
        raise Refused("Every key needs a kid of at most 100 characters.")
    algorithm = ALGORITHMS[kind]
    if jwk.get("alg", algorithm) != algorithm:
        raise Refused("Clients sign with RS384 or ES384.")
    kept = {name: jwk.get(name) for name in PUBLIC[kind]} | {"kid": kid, "alg": algorithm.value}
    try:
        key = jwt.PyJWK(kept, algorithm=algorithm).key
    except (jwt.PyJWTError, ValueError, TypeError):
        raise Refused(f"The key {kid} can’t be read.") from None
    if isinstance(key, RSAPublicKey) and not RSA_BITS[0] <= key.key_size <= RSA_BITS[1]:
        raise Refused("RSA keys have 2048 bits or more.")
    if isinstance(key, EllipticCurvePublicKey) and key.curve.name != "secp384r1":
        raise Refused("Elliptic curve keys are on P-384.")
    return kept


def _report(key: ClientKey, action: str, by: User) -> None:
    events.emit(
        events.Event(
            action=action,
            practice_id=key.access_key.practice_id,
            by=by,
            object_type="AccessKey",
            object_id=key.access_key_id,
            detail={"client_key": str(key.pk), "algorithm": str(key.algorithm)},
        )
    )
