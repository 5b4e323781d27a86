"""deploy/nginx.conf in front of a production server: people, AWS clients, streams."""

import http.client
import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest

from tests.conformance.server import AUDIO
from tests.conformance.streams import pcm
from tests.conformance.test_streaming_clients import WAYS, streamed
from tests.deploy.conftest import Front
from tests.faults import slow

pytestmark = pytest.mark.timeout(300)


def asked(front: Front, path: str, *, method: str = "GET", **headers: str) -> tuple:
    """Status, headers and body of one request through 443."""
    connection = connected(front)
    connection.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()


def connected(front: Front) -> http.client.HTTPSConnection:
    parts = urlsplit(front.server.url)
    context = ssl.create_default_context(cafile=str(front.certificate))
    return http.client.HTTPSConnection(parts.hostname, parts.port, context=context, timeout=30)


def test_plain_http_leads_to_https(front: Front) -> None:
    parts = urlsplit(front.plain)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)
    connection.request("GET", "/accounts/login/", headers={"Host": "localhost"})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, "https://localhost/accounts/login/")


def test_the_log_in_page_has_what_production_promises(front: Front) -> None:
    status, headers, _ = asked(front, "/accounts/login/")
    assert status == 200
    assert "max-age=31536000" in headers["Strict-Transport-Security"]
    assert headers["Set-Cookie"].startswith("__Host-csrftoken=")
    assert "Secure" in headers["Set-Cookie"]
    assert "nginx/" not in headers["Server"]


def test_static_files_come_compressed_and_may_be_kept_for_ever(front: Front) -> None:
    _, _, page = asked(front, "/accounts/login/")
    path = page.decode().split('rel="stylesheet" href="')[1].split('"')[0]
    status, headers, _ = asked(front, path, Accept_Encoding="br, gzip")
    assert status == 200
    assert headers["Content-Encoding"] in ("br", "gzip")
    assert "immutable" in headers["Cache-Control"]


def test_the_audit_log_has_the_caller_s_address_and_no_forged_one(front: Front) -> None:
    """nginx appends whom it saw; only what a trusted proxy says is believed."""
    forger = client(front)
    forger.meta.events.register(
        "before-send.transcribe.*",
        lambda request, **_: request.headers.update({"X-Forwarded-For": "203.0.113.9"}),
    )
    start(forger, front, "forged")
    told = front.server.run(
        "from review.models import AuditEvent\n"
        "rows = AuditEvent.objects.values_list('request__ip', flat=True)\n"
        "answer = sorted({ip for ip in rows if ip})"
    )
    assert told == ["127.0.0.1"]


def test_an_aws_client_works_through_it(front: Front) -> None:
    aws = client(front)
    start(aws, front, "through-nginx")
    aws.get_waiter("medical_transcription_job_completed").wait(
        MedicalTranscriptionJobName="through-nginx", WaiterConfig={"Delay": 1, "MaxAttempts": 90}
    )
    result = json.loads(front.server.stored("medical/through-nginx.json"))
    assert "country" in result["results"]["transcripts"][0]["transcript"].lower()


def start(aws: Any, front: Front, name: str) -> None:
    aws.start_medical_transcription_job(
        MedicalTranscriptionJobName=name,
        LanguageCode="en-US",
        Media={
            "MediaFileUri": front.server.put("visits/jfk.flac", AUDIO / "human_speech_jfk.flac")
        },
        OutputBucketName=front.server.key.bucket,
        Specialty="PRIMARYCARE",
        Type="DICTATION",
    )


def client(front: Front) -> Any:
    return boto3.client(
        "transcribe",
        endpoint_url=f"{front.server.url}/aws",
        region_name="us-east-1",
        aws_access_key_id=front.server.key.access_key_id,
        aws_secret_access_key=front.server.key.secret,
        verify=str(front.certificate),
    )


@pytest.fixture
def speech(tmp_path: Path, front: Front, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("NODE_EXTRA_CA_CERTS", str(front.certificate))
    path = tmp_path / "visit.pcm"
    path.write_bytes(pcm())
    yield path


@WAYS
async def test_live_streams_go_both_ways_at_once(front: Front, speech: Path, way: dict) -> None:
    server = replace(front.server, url=front.streaming)
    came = await streamed(server, speech, **way, end="event", pace=100)
    assert came.closed and not came.error
    assert "visit" in came.text
    assert any(result["IsPartial"] for result in came.results)


def test_an_upload_over_the_limit_is_refused_before_it_is_sent(front: Front) -> None:
    connection = connected(front)
    connection.putrequest("POST", "/recordings/")
    connection.putheader("Content-Length", str(3 * 1024**3))
    connection.endheaders()
    try:
        assert connection.getresponse().status == 413
    finally:
        connection.close()


def test_two_hundred_slow_connections_do_not_slow_anybody_else(front: Front) -> None:
    """Number 23 of docs/security.md's table; tests/faults has the same without nginx."""
    parts = urlsplit(front.server.url)
    context = ssl.create_default_context(cafile=str(front.certificate))

    def connect() -> socket.socket:
        return context.wrap_socket(slow.plain(parts.port), server_hostname="localhost")

    def look() -> None:
        assert asked(front, "/accounts/login/")[0] == 200

    slow.p95(look, 10)
    before = slow.p95(look, 40)
    with slow.connections(connect, "localhost", 50, "/accounts/login/", "a=b") as held:
        assert len(held) == 200
        during = slow.p95(look, 40)
    assert during < 2 * max(before, slow.p95(look, 40))


def test_a_body_of_a_hundred_megabytes_is_refused(front: Front) -> None:
    connection = connected(front)
    kind = {"Content-Type": "application/json"}
    with suppress(BrokenPipeError, ConnectionResetError):
        connection.request("POST", "/my-keys/keep", b'{"a":"' + b"x" * 100_000_000, kind)
    assert connection.getresponse().status in (403, 413)
    connection.close()


def test_a_browser_s_socket_needs_its_own_page(front: Front) -> None:
    """The upgrade passes; what refuses is the application, which sees another origin."""
    parts = urlsplit(front.server.url)
    context = ssl.create_default_context(cafile=str(front.certificate))
    raw = socket.create_connection(("127.0.0.1", parts.port), 10)
    with context.wrap_socket(raw, server_hostname="localhost") as wire:
        wire.sendall(
            b"GET /ws/worklist/ HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: " + b"MDEyMzQ1Njc4OWFiY2RlZg==" + b"\r\n"
            b"Origin: https://elsewhere.example\r\n\r\n"
        )
        assert wire.recv(64).startswith(b"HTTP/1.1 403")
