"""Clients that sign their request for a token (SMART Backend Services): what is taken, and once."""

import json
import time
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.utils import timezone

from review.actions import client_keys
from review.fhir import assertions
from review.models import AuditEvent, ClientKey, UsedAssertion
from review.policies import Refused
from tests.rows import together
from transcripts.actions import keys

pytestmark = pytest.mark.django_db
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP384R1())


def jwk(private, kid, **more):
    kind = jwt.algorithms.RSAAlgorithm if private is RSA_KEY else jwt.algorithms.ECAlgorithm
    return json.loads(kind.to_jwk(private.public_key())) | {"kid": kid} | more


@pytest.fixture
def key(cast):
    made, _ = keys.create(practice=cast.practice, by=None, label="EHR", scopes=("documents.read",))
    both = {"keys": [jwk(RSA_KEY, "r1", alg="RS384", use="sig"), jwk(EC_KEY, "e1")]}
    client_keys.register(access_key=made, keys=json.dumps(both), by=cast.manager.user)
    return made


def claims(key, **changes):
    made = {
        "iss": key.access_key_id,
        "sub": key.access_key_id,
        "aud": assertions.audience(),
        "exp": int(time.time()) + 240,
        "jti": str(uuid4()),
    } | changes
    return {name: value for name, value in made.items() if value is not None}


def signed(key, private=EC_KEY, algorithm="ES384", kid="e1", header=None, **changes):
    headers = {"kid": kid} | (header or {})
    return jwt.encode(claims(key, **changes), private, algorithm=algorithm, headers=headers)


def ask(client, assertion, **changes):
    values = {"grant_type": "client_credentials", "client_assertion": assertion}
    values |= {"client_assertion_type": assertions.TYPE}
    return client.post("/fhir/token", values | changes)


# What is refused


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": int(time.time()) - 60},
        {"exp": int(time.time()) + 3600},
        {"exp": None},
        {"exp": "soon"},
        {"jti": None},
        {"jti": ""},
        {"jti": "x" * 201},
        {"aud": "https://elsewhere.example/token"},
        {"aud": None},
        {"sub": "AKIASOMEBODYELSE0000"},
        {"sub": None},
        {"nbf": int(time.time()) + 3600},
    ],
    ids=str,
)
def test_claims_that_are_not_right_are_refused(client, key, changes):
    answer = ask(client, signed(key, **changes))
    assert answer.status_code == 401 and answer.json()["error"] == "invalid_client"
    assert AuditEvent.objects.filter(action="key.refused").count() == 1
    assert not UsedAssertion.objects.exists()


@pytest.mark.parametrize(
    "text", ["", "x", "a.b.c", "e30.e30.", "." * 9, "\x00", "é.é.é", "x" * 9000]
)
def test_what_is_no_assertion_is_refused(client, key, text):
    assert ask(client, text).status_code == 401


def test_signatures_of_other_keys_and_algorithms_are_refused(client, key):
    other = ec.generate_private_key(ec.SECP384R1())
    hmac_of_public = jwt.encode(claims(key), "x" * 64, algorithm="HS384", headers={"kid": "e1"})
    unsigned = jwt.encode(claims(key), None, algorithm="none", headers={"kid": "e1"})
    for assertion in (
        signed(key, other),
        signed(key, kid="e2"),
        signed(key, kid="r1"),
        signed(key, RSA_KEY, "RS256", "r1"),
        signed(key, RSA_KEY, "PS384", "r1"),
        hmac_of_public,
        unsigned,
        signed(key)[:-6] + "AAAAAA",
        signed(key, header={"crit": ["b64"], "b64": False}),
    ):
        assert ask(client, assertion).status_code == 401


def test_an_assertion_is_taken_once(client, key):
    assertion = signed(key)
    assert ask(client, assertion).status_code == 200
    assert ask(client, assertion).status_code == 401
    refused = AuditEvent.objects.get(action="key.refused")
    assert refused.detail["reason"] == "assertion_replayed"
    again = signed(
        key,
        RSA_KEY,
        "RS384",
        "r1",
        jti=jwt.decode(assertion, options={"verify_signature": False})["jti"],
    )
    assert ask(client, again).status_code == 401


@pytest.mark.django_db(transaction=True)
def test_of_ten_at_the_same_moment_one_is_taken(key):
    from django.test import Client

    assertion = signed(key)
    answers = together(*[lambda: ask(Client(), assertion).status_code for _ in range(10)])
    assert sorted(answers) == [200] + 9 * [401]


@pytest.mark.parametrize("ended", ["client key", "access key", "member"])
def test_what_has_ended_signs_nothing(client, cast, key, ended):
    if ended == "client key":
        for each in key.client_keys.all():
            client_keys.end(key=each, by=cast.manager.user)
    elif ended == "access key":
        keys.revoke(key=key, by=None)
    else:
        key.user.memberships.all().delete()
    assert ask(client, signed(key)).status_code == 401


def test_another_type_of_assertion_is_not_known(client, key):
    answer = ask(client, signed(key), client_assertion_type="urn:x")
    assert answer.status_code == 400 and answer.json()["error"] == "invalid_request"


# What is taken


@pytest.mark.parametrize(
    ("private", "algorithm", "kid"), [(RSA_KEY, "RS384", "r1"), (EC_KEY, "ES384", "e1")], ids=str
)
def test_a_signed_client_reads_documents(client, key, private, algorithm, kid):
    answer = ask(client, signed(key, private, algorithm, kid), scope="system/DocumentReference.rs")
    token = answer.json()["access_token"]
    found = client.get("/fhir/DocumentReference", headers={"Authorization": f"Bearer {token}"})
    assert found.status_code == 200 and answer.json()["expires_in"] == 300


def test_used_assertions_are_forgotten_when_they_have_run_out(client, key):
    ask(client, signed(key))
    UsedAssertion.objects.update(expires_at=timezone.now() - timezone.timedelta(hours=1))
    ask(client, signed(key))
    assert UsedAssertion.objects.count() == 1


# Registering


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x", "not JSON"),
        ("[]", "not a JWK set"),
        ('{"keys": []}', "not a JWK set"),
        ('{"keys": [1]}', "not a JWK set"),
        ('{"kty": "oct", "k": "AAAA", "kid": "a"}', "private key"),
        ('{"kty": "OKP", "kid": "a"}', "RSA, or elliptic"),
        ('{"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA", "kid": "a"}', "can’t be read"),
        ('{"kty": "RSA", "n": 5, "e": "AQAB", "kid": "a"}', "can’t be read"),
        (json.dumps(jwk(EC_KEY, "")), "needs a kid"),
        (json.dumps(jwk(EC_KEY, "a") | {"alg": "ES256"}), "RS384 or ES384"),
        (json.dumps(jwk(EC_KEY, "a") | {"d": "AA"}), "private key"),
        (json.dumps(jwk(EC_KEY, "e1")), "kid already"),
    ],
)
def test_what_is_no_public_key_of_ours_is_refused(cast, key, text, sentence):
    with pytest.raises(Refused, match=sentence):
        client_keys.register(access_key=key, keys=text, by=cast.manager.user)
    assert ClientKey.objects.count() == 2


def test_weak_keys_and_other_curves_are_refused(cast, key):
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    curve = ec.generate_private_key(ec.SECP256R1())
    for kind, private in (("RSA", weak), ("EC", curve)):
        to_jwk = getattr(jwt.algorithms, f"{kind}Algorithm").to_jwk
        text = json.dumps(json.loads(to_jwk(private.public_key())) | {"kid": "w"})
        with pytest.raises(Refused):
            client_keys.register(access_key=key, keys=text, by=cast.manager.user)


def test_a_manager_registers_and_ends_keys_on_a_page(cast, as_, key):
    browser, where = as_(cast.manager), f"/keys/{key.pk}/client-keys/"
    assert browser.post(where, {"keys": "x"}).status_code == 422
    assert browser.post(where, {"keys": json.dumps(jwk(EC_KEY, "new"))}).status_code == 302
    made = ClientKey.objects.get(kid="new")
    assert "new" in browser.get(where).content.decode()
    assert browser.post(f"/client-keys/{made.pk}/end").status_code == 302
    made.refresh_from_db()
    assert made.ended_at and set(made.jwk) == {"kty", "crv", "x", "y", "kid", "alg"}
    actions = AuditEvent.objects.filter(action__startswith="client_key.")
    assert [row.action for row in actions.order_by("seq")][-2:] == [
        "client_key.added",
        "client_key.ended",
    ]
