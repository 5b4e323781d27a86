"""Whatever a holder of a key sends, the answer is AWS's form and never a server error."""

import json
from collections.abc import Iterator
from typing import Any

import cbor2
import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import make_cast
from tests.transcripts.aws import signing
from transcripts.actions import keys
from transcripts.aws.operations import OPERATIONS

HOST = "testserver"
FIXED = settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

names = st.sampled_from(["visit", "Visit-2", ".", "a b", "", "x" * 201])
uris = st.sampled_from(["s3://hill-practice/a.wav", "s3://x/y", "https://s3.amazonaws.com/a/b"])
texts = st.text(max_size=20) | names | uris | st.sampled_from(["en-US", "PRIMARYCARE", "DICTATION"])
values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 40) | st.floats() | texts,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["Key", "Value", "MediaFileUri", "k"]), inner)
    ),
    max_leaves=6,
)
MEMBERS = [
    *("MedicalTranscriptionJobName", "LanguageCode", "Media", "OutputBucketName", "OutputKey"),
    *("Specialty", "Type", "Settings", "Tags", "TagKeys", "ResourceArn", "NextToken"),
    *("MaxResults", "Status", "StateEquals", "VocabularyName", "VocabularyFileUri"),
    *("JobNameContains", "NameContains", "MediaFormat", "MediaSampleRateHertz"),
    *("KMSEncryptionContext", "ContentIdentificationType", "Unknown"),
]
wild = st.dictionaries(st.sampled_from(MEMBERS), values, max_size=8)
plausible = st.fixed_dictionaries(
    {
        "MedicalTranscriptionJobName": names,
        "VocabularyName": names,
        "LanguageCode": st.just("en-US"),
        "Media": st.fixed_dictionaries({"MediaFileUri": uris}),
        "VocabularyFileUri": uris,
        "OutputBucketName": st.sampled_from(["hill-practice", "valley-practice"]),
        "Specialty": st.just("PRIMARYCARE"),
        "Type": st.sampled_from(["DICTATION", "CONVERSATION"]),
        "ResourceArn": st.from_regex(
            r"arn:aws:transcribe:(us-east-1)?:[0-9]{12}:medical-[a-z-]{1,20}/[a-z]{1,3}",
            fullmatch=True,
        ),
        "TagKeys": st.lists(st.text(max_size=5), max_size=3),
    },
    optional={
        "OutputKey": st.text("ab./", max_size=9),
        "Settings": st.dictionaries(
            st.sampled_from(["ShowSpeakerLabels", "MaxSpeakerLabels", "VocabularyName"]), values
        ),
        "Tags": st.lists(
            st.fixed_dictionaries({"Key": st.text(max_size=4), "Value": st.text(max_size=4)})
        ),
        "NextToken": st.text(max_size=30),
        "MaxResults": st.integers(0, 101),
    },
)


@pytest.fixture
def caller(transactional_db: None) -> Iterator[dict[str, str]]:
    cast = make_cast()
    key, secret = keys.create(practice=cast.practice, by=None, label="fuzz")
    yield {"key": key.access_key_id, "secret": secret}


def send(caller: dict[str, str], path: str, body: bytes, **headers: str) -> tuple[int, bytes]:
    signed = signing.headers(body, url=f"http://{HOST}{path}", **caller, **headers)
    answer = Client(headers=signed).generic("POST", path, body, content_type=signed["content-type"])
    assert len(answer.headers["x-amzn-RequestId"]) == 36
    assert answer.status_code < 500
    return answer.status_code, answer.content


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


@FIXED
@given(operation=st.sampled_from(sorted(OPERATIONS)), request=wild | plausible)
def test_json(caller: dict[str, str], operation: str, request: dict[str, Any]) -> None:
    status, content = send(
        caller, "/aws/", as_json(request), X_Amz_Target=f"Transcribe.{operation}"
    )
    assert status == 200 or json.loads(content)["__type"]


@FIXED
@given(operation=st.sampled_from(sorted(OPERATIONS)), body=st.binary(max_size=60))
def test_any_bytes_as_json(caller: dict[str, str], operation: str, body: bytes) -> None:
    send(caller, "/aws", body, X_Amz_Target=f"Transcribe.{operation}")


@FIXED
@given(
    operation=st.sampled_from(sorted(OPERATIONS)) | st.text("aZ.0", min_size=1),
    body=st.binary(max_size=60) | wild.map(cbor2.dumps) | plausible.map(cbor2.dumps),
)
def test_cbor(caller: dict[str, str], operation: str, body: bytes) -> None:
    status, content = send(
        caller,
        f"/aws/service/Transcribe/operation/{operation}",
        body,
        smithy_protocol="rpc-v2-cbor",
        Content_Type="application/cbor",
    )
    assert status == 200 or cbor2.loads(content)["__type"]


@FIXED
@given(
    target=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=30),
    body=st.just(b"{}"),
)
def test_targets(caller: dict[str, str], target: str, body: bytes) -> None:
    status, _ = send(caller, "/aws/", body, X_Amz_Target=target)
    assert status == 400


@FIXED
@given(
    headers=st.dictionaries(
        st.sampled_from(["authorization", "x-amz-date", "x-amz-target", "x-amz-content-sha256"]),
        st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60),
    )
)
def test_requests_of_strangers(caller: dict[str, str], headers: dict[str, str]) -> None:
    signed = signing.headers(b"{}", url=f"http://{HOST}/aws/", **caller) | headers
    answer = Client(headers=signed).generic("POST", "/aws/", b"{}")
    assert answer.status_code in (200, 400)


@FIXED
@given(token=st.text("aZ09:-_.", min_size=1))
def test_links_that_nobody_made(caller: dict[str, str], token: str) -> None:
    for kind in ("results", "vocabularies"):
        assert Client().get(f"/aws/{kind}/{token}").status_code == 404
