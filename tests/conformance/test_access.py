"""Who gets in: signatures, keys, scopes and limits, asked over the bare wire and with boto3."""

import http.client
import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import boto3
import psycopg
import pytest
import redis

from config.aws import SMALL
from tests.conformance.calls import error, name, post, refused, start
from tests.conformance.server import Key, Server
from tests.transcripts.aws import signing

LIST = "Transcribe.ListMedicalTranscriptionJobs"
DENIED = "AccessDeniedException"


def test_a_signed_request_is_answered(server: Server) -> None:
    for path in ("/aws", "/aws/"):
        status, headers, body = post(server, path=path)
        assert status == 200 and "MedicalTranscriptionJobSummaries" in json.loads(body)
        assert headers["content-type"] == "application/x-amz-json-1.1"
        assert len(headers["x-amzn-requestid"]) == 36
        assert "set-cookie" not in headers


def test_wrong_keys_and_secrets(server: Server) -> None:
    unknown = Key("AKIAUNKNOWNUNKNOWN22", "secret", "northgate")
    assert error(server.client(unknown).list_medical_transcription_jobs) == (
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
    )
    wrong = server.client(secret="not the secret")
    code, message = error(wrong.list_medical_transcription_jobs)
    assert code == "InvalidSignatureException"
    assert message.startswith("The request signature we calculated does not match")
    other_service = boto3.Session(
        aws_access_key_id=server.key.access_key_id, aws_secret_access_key=server.key.secret
    )
    assert other_service.client(
        "transcribe", endpoint_url=f"{server.url}/aws", region_name="eu-central-1"
    ).list_medical_transcription_jobs()


def test_a_session_token_does_no_harm(server: Server) -> None:
    client = server.client(aws_session_token="a/token+of=some==")
    assert client.list_medical_transcription_jobs()


def test_no_signature(server: Server) -> None:
    assert refused(post(server, headers={"X-Amz-Target": LIST})) == (
        400,
        "MissingAuthenticationTokenException",
    )
    assert refused(post(server, headers={"X-Amz-Target": LIST, "Authorization": "Bearer x"})) == (
        400,
        "IncompleteSignatureException",
    )


@pytest.mark.parametrize("minutes", [-6, 6, -24 * 60])
def test_a_stale_or_replayed_signature(server: Server, minutes: int) -> None:
    moved = datetime.now(UTC) + timedelta(minutes=minutes)
    with patch("botocore.auth.get_current_datetime", return_value=moved):
        answer = post(server)
    assert refused(answer) == (400, "InvalidSignatureException")


def test_a_tampered_body_target_or_path(server: Server) -> None:
    body = b'{"MaxResults": 5}'
    key = {"key": server.key.access_key_id, "secret": server.key.secret}
    signed = signing.headers(body, url=f"{server.url}/aws/", **key)
    invalid = (400, "InvalidSignatureException")
    assert post(server, body, signed)[0] == 200
    assert refused(post(server, b'{"MaxResults": 6}', signed)) == invalid
    other = signed | {"x-amz-target": "Transcribe.ListMedicalVocabularies"}
    assert refused(post(server, body, other)) == invalid
    assert refused(post(server, body, signed, path="/aws")) == invalid
    assert refused(post(server, body, signed, path="/aws/?a=b")) == invalid
    assert refused(post(server, body, signed, method="PUT")) == invalid


def test_operations_that_are_not_served(server: Server, client: Any) -> None:
    code, message = error(client.list_transcription_jobs)
    assert code == DENIED
    assert message.startswith("User: arn:aws:iam::")
    assert message.endswith("is not authorized to perform: transcribe:ListTranscriptionJobs")
    for target in ("Transcribe.MakeCoffee", "Transcribe.", "Other.ListMedicalVocabularies", ""):
        answer = post(server, X_Amz_Target=target)
        assert refused(answer) == (400, "UnknownOperationException"), target
    assert refused(post(server, b"", method="GET")) == (400, "UnknownOperationException")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b'{"MaxResults": NaN}',
        b'{"MaxResults": 1e400}',
        b'{"MaxResults": "5"}',
        b'{"MaxResults": true}',
        b'{"NextToken": "\\ud800"}',
        b"\xff\xfe{}",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"MaxResults": ' + b"9" * 5000 + b"}",
    ],
)
def test_bodies_that_cannot_be_read(server: Server, body: bytes) -> None:
    answer = post(server, body)
    if body == b"":
        assert answer[0] == 200
        return
    assert refused(answer) == (400, "SerializationException")


def test_bodies_that_are_too_large(server: Server) -> None:
    answer = post(server, b" " * (1024 * 1024 + 1))
    assert refused(answer) == (413, "RequestEntityTooLargeException")


def test_a_body_without_a_length(server: Server) -> None:
    body = b'{"MaxResults": 5}'
    key = {"key": server.key.access_key_id, "secret": server.key.secret}
    signed = signing.headers(body, url=f"{server.url}/aws/", **key)
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=30)
    connection.request("POST", "/aws/", iter([body[:4], body[4:]]), signed, encode_chunked=True)
    assert connection.getresponse().status == 200
    connection.close()


def test_keys_expire_and_are_revoked(server: Server) -> None:
    key = server.make_key("northgate", label="short-lived")
    client = server.client(key)
    assert client.list_medical_transcription_jobs()
    row = f"AccessKey.objects.filter(access_key_id={key.access_key_id!r})"
    models = "from transcripts.models import AccessKey\nfrom django.utils import timezone\n"
    server.run(f"{models}{row}.update(expires_at=timezone.now())")
    unrecognized = ("UnrecognizedClientException",)
    assert error(client.list_medical_transcription_jobs)[:1] == unrecognized
    server.run(f"{models}{row}.update(expires_at=None)")
    assert client.list_medical_transcription_jobs()
    listed = server.manage("access_keys", "--practice", "northgate", "list")
    assert key.access_key_id in listed and key.secret not in listed
    server.manage("access_keys", "--practice", "northgate", "revoke", key.access_key_id)
    assert error(client.list_medical_transcription_jobs)[:1] == unrecognized


def test_a_key_of_a_person_who_left_is_no_good(server: Server) -> None:
    key = server.make_key("northgate", label="leaver")
    server.run(
        "from transcripts.models import AccessKey, Membership\n"
        f"key = AccessKey.objects.get(access_key_id={key.access_key_id!r})\n"
        "Membership.objects.filter(user=key.user).delete()"
    )
    code, _ = error(server.client(key).list_medical_transcription_jobs)
    assert code == "UnrecognizedClientException"


def test_scopes(server: Server) -> None:
    key = server.make_key("northgate", scopes=("jobs.read",), label="reader")
    client = server.client(key)
    assert client.list_medical_transcription_jobs()
    for call, asked in (
        (start, {"client": client}),
        (client.delete_medical_transcription_job, {"MedicalTranscriptionJobName": "x"}),
        (client.list_medical_vocabularies, {}),
        (client.list_tags_for_resource, {"ResourceArn": "arn:aws:transcribe:a:1:b/c" + "d" * 20}),
    ):
        assert error(call, **asked)[0] == DENIED
    seen = server.run(
        "from review.models import AuditEvent\n"
        "answer = list(AuditEvent.objects.filter(action='key.refused',"
        " actor_display='reader').values_list('outcome', 'detail__operation'))"
    )
    assert ["denied", "StartMedicalTranscriptionJob"] in seen
    assert len(seen) == len({operation for _, operation in seen})


def test_use_is_noted_once_a_minute(server: Server) -> None:
    key = server.make_key("northgate", label="counted")
    client = server.client(key)
    code = (
        "from transcripts.models import AccessKey\n"
        f"answer = str(AccessKey.objects.get(access_key_id={key.access_key_id!r}).last_used_at)"
    )
    assert server.run(code) == "None"
    client.list_medical_transcription_jobs()
    first = server.run(code)
    client.list_medical_transcription_jobs()
    assert first != "None" and server.run(code) == first


def test_too_many_calls(server: Server) -> None:
    """As if the key had listed vocabularies 50 times in each second of the next minutes."""
    key = server.make_key("northgate", label="hasty")
    client = server.client(key)
    pk = server.run(f"answer = str(AccessKey.objects.get(access_key_id={key.access_key_id!r}).pk)")
    counted = f"countersign:aws:ListMedicalVocabularies:{pk}:"
    with redis.Redis.from_url(server.environment["REDIS_URL"]) as counters:
        seconds = range(int(time.time()), int(time.time()) + 300)
        counters.mset({f"{counted}{second}": 50 for second in seconds})
        with pytest.raises(client.exceptions.LimitExceededException) as refusal:
            client.list_medical_vocabularies()
        assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
        # Each operation is counted on its own, and each key.
        assert client.list_medical_transcription_jobs()
        assert server.client().list_medical_vocabularies()
        counters.delete(*(f"{counted}{second}" for second in seconds))
    assert client.list_medical_vocabularies()


def test_the_short_way_answers_as_the_long_one(server: Server) -> None:
    """Calls of AWS clients pass by Django's middleware, large ones do not: nobody can tell."""
    short = post(server, b"{}")
    long = post(server, b"{}" + b" " * (SMALL + 1))
    assert short[0] == long[0] == 200 and short[2] == long[2]
    own = {"x-amzn-requestid", "date", "vary"}  # the long way looks at cookies
    assert {k: v for k, v in short[1].items() if k not in own} == {
        k: v for k, v in long[1].items() if k not in own
    }
    assert short[1]["cache-control"] == "no-store"
    assert short[1]["x-content-type-options"] == "nosniff"


def test_a_database_that_was_restarted_costs_no_call(server: Server) -> None:
    client = server.client()
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: client.list_medical_vocabularies(), range(16)))
    with psycopg.connect(server.environment["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: client.list_medical_vocabularies(), range(16)))
    assert all("Vocabularies" in answer for answer in answers)


def test_the_audit_log_tells_what_a_client_did(server: Server, client: Any) -> None:
    job = start(client, MedicalTranscriptionJobName=name("audited"), MediaFormat="wav")
    seen = server.run(
        "from review.models import AuditEvent\n"
        "from transcripts.models import MedicalTranscriptionJob\n"
        f"job = MedicalTranscriptionJob.objects.get(name={job['MedicalTranscriptionJobName']!r})\n"
        "answer = list(AuditEvent.objects.filter(object_id=str(job.pk)).order_by('seq')"
        ".values_list('action', 'actor_display', 'object_type'))"
    )
    assert seen[0] == ["job.started", "tests", "MedicalTranscriptionJob"]
