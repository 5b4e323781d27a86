"""Signatures, with botocore's own signer as the oracle."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transcripts.aws.signing import KEY, SECRET, headers, presigned
from transcripts.aws import sigv4

BODY = b'{"MaxResults": 5}'


def check(
    sent: dict[str, str],
    *,
    secret: str = SECRET,
    body: bytes = BODY,
    path: str = "/aws/",
    query: str = "",
    method: str = "POST",
    now: datetime | None = None,
) -> sigv4.Signature:
    claim = sigv4.from_headers(sent)
    sigv4.verify(
        claim,
        secret,
        method=method,
        path=path,
        query=query,
        headers=sent,
        payload_hash=hashlib.sha256(body).hexdigest(),
        now=now or datetime.now(UTC),
    )
    return claim


def refusal(sent: dict[str, str], **changes: object) -> str:
    with pytest.raises(sigv4.Refused) as refused:
        check(sent, **changes)
    return refused.value.code


def test_what_botocore_signs_holds() -> None:
    claim = check(headers(BODY))
    assert (claim.access_key_id, claim.region, claim.service) == (KEY, "us-east-1", "transcribe")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000/aws",
        "https://clinic.example.org/aws/",
        "https://clinic.example.org:8443/deep/prefix/aws/service/Transcribe/operation/GetX",
        "http://[::1]:9000/aws/",
    ],
)
def test_paths_prefixes_and_hosts_with_ports(url: str) -> None:
    path = "/" + url.split("/", 3)[3]
    check(headers(BODY, url=url), path=path)
    assert refusal(headers(BODY, url=url), path=path + "x") == "InvalidSignatureException"


@given(
    secret=st.text("abcdefXYZ0189+/", min_size=1, max_size=60),
    body=st.binary(max_size=200),
    pairs=st.lists(st.tuples(st.text("aB-_.~", min_size=1), st.text("aZ09-_.~")), max_size=4),
)
def test_any_secret_body_and_query(secret: str, body: bytes, pairs: list[tuple[str, str]]) -> None:
    query = "&".join(f"{name}={value}" for name, value in pairs)
    sent = headers(body, secret=secret, url=f"http://127.0.0.1:8000/aws/?{query}")
    check(sent, secret=secret, body=body, query=query)
    assert refusal(sent, secret=secret + "x", body=body, query=query)


def test_a_session_token_is_borne_and_covered() -> None:
    sent = headers(BODY, token="temporary/token==")
    assert "x-amz-security-token" in check(sent).signed_headers
    changed = sent | {"x-amz-security-token": "another"}
    assert refusal(changed) == "InvalidSignatureException"
    assert refusal(headers(BODY) | {"x-amz-security-token": "slipped in"})


def test_a_tampered_request_is_refused() -> None:
    sent = headers(BODY)
    assert refusal(sent, body=BODY + b" ") == "InvalidSignatureException"
    assert refusal(sent, method="PUT") == "InvalidSignatureException"
    assert refusal(sent, secret=SECRET[:-1]) == "InvalidSignatureException"
    assert refusal(sent, query="a=b") == "InvalidSignatureException"
    for name, value in {
        "host": "127.0.0.1",
        "x-amz-target": "Transcribe.DeleteMedicalTranscriptionJob",
        "content-type": "text/plain",
    }.items():
        assert refusal(sent | {name: value}) == "InvalidSignatureException", name


def test_an_unsigned_target_is_refused() -> None:
    sent = headers(BODY)
    parts = sent["authorization"]
    weaker = parts.replace(";x-amz-target", "")
    assert weaker != parts
    with pytest.raises(sigv4.Refused, match="x-amz-target"):
        check(sent | {"authorization": weaker})


def test_spaces_within_header_values_count_once() -> None:
    check(headers(BODY, X_Amz_Meta="a   b  c") | {"x-amz-meta": " a b   c "})


@pytest.mark.parametrize(
    ("minutes", "words"), [(6, "Signature expired"), (-6, "Signature not yet current")]
)
def test_the_clock_may_be_five_minutes_off(minutes: int, words: str) -> None:
    sent = headers(BODY)
    now = datetime.now(UTC)
    check(sent, now=now + timedelta(minutes=minutes) * 0.8)
    with pytest.raises(sigv4.Refused, match=words) as refused:
        check(sent, now=now + timedelta(minutes=minutes))
    assert refused.value.code == "InvalidSignatureException"


def test_scopes_must_fit() -> None:
    assert refusal(headers(BODY, service="s3")) == "InvalidSignatureException"
    sent = headers(BODY)
    day = sent["x-amz-date"][:8]
    moved = sent["authorization"].replace(f"/{day}/", "/20200101/")
    assert refusal(sent | {"authorization": moved}) == "InvalidSignatureException"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"authorization": ""}, "MissingAuthenticationTokenException"),
        ({"authorization": "Basic dXNlcjpwYXNz"}, "IncompleteSignatureException"),
        ({"authorization": "AWS4-HMAC-SHA256 Credential=a"}, "IncompleteSignatureException"),
        ({"x-amz-date": ""}, "IncompleteSignatureException"),
        ({"x-amz-date": "yesterday"}, "IncompleteSignatureException"),
    ],
)
def test_malformed_ones(change: dict[str, str], code: str) -> None:
    assert refusal(headers(BODY) | change) == code


@given(st.dictionaries(st.sampled_from(["authorization", "x-amz-date", "host"]), st.text()))
def test_rubbish_is_refused_and_nothing_else(sent: dict[str, str]) -> None:
    assert refusal(sent)


@given(st.text("Credntial=,/ SgurHsaw4MAC-256;0123"))
def test_rubbish_behind_the_algorithm(text: str) -> None:
    assert refusal(headers(BODY) | {"authorization": f"AWS4-HMAC-SHA256 {text}"})


STREAM = "http://127.0.0.1:8000/aws/medical-stream-transcription-websocket"
ASKED = "language-code=en-US&media-encoding=pcm&x-amz-user-agent=a%2Fb%20c%2Bd"


def check_query(query: str, *, now: datetime | None = None, host: str = "127.0.0.1:8000") -> None:
    sigv4.verify(
        sigv4.from_query(query),
        SECRET,
        method="GET",
        path="/aws/medical-stream-transcription-websocket",
        query=query,
        headers={"host": host, "x-amz-date": "of no account here"},
        payload_hash=sigv4.EMPTY_HASH,
        now=now or datetime.now(UTC),
    )


def test_presigned_addresses() -> None:
    query = presigned(f"{STREAM}?{ASKED}")
    # S3 apart, a presigned request has the hash of an empty body.
    check_query(query)
    reordered = "&".join(reversed(query.split("&")))
    check_query(reordered)
    for wrong in (query.replace("en-US", "en-GB"), query + "&more=1"):
        with pytest.raises(sigv4.Refused):
            check_query(wrong)
    with pytest.raises(sigv4.Refused):
        check_query(query, host="127.0.0.1")
    with pytest.raises(sigv4.Refused, match="expired"):
        check_query(query, now=datetime.now(UTC) + timedelta(seconds=62))


def test_presigned_addresses_live_at_most_five_minutes() -> None:
    check_query(presigned(f"{STREAM}?{ASKED}", expires=300))
    with pytest.raises(sigv4.Refused, match="X-Amz-Expires"):
        check_query(presigned(f"{STREAM}?{ASKED}", expires=301))


@given(st.text("X-AmzSignaturedelCps=&%20+"))
def test_rubbish_queries(query: str) -> None:
    with pytest.raises(sigv4.Refused):
        sigv4.from_query(query)
