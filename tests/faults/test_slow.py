"""What bad lines and bad bodies do to a web process without nginx in front, and to others beside.

tests/deploy has the slow connections through nginx. Numbers 15 and 23 of docs/security.md's table.
"""

import hashlib
import http.client
import json
import random
import socket
from contextlib import suppress
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.storage import default_storage

from tests import rows
from tests.faults import slow
from tests.faults.web import Line, Web, cookies
from tests.transcripts.test_upload import FIELDS
from transcripts.models import Recording

pytestmark = pytest.mark.django_db(transaction=True)
SLOW = 200
REQUESTS = 40
CUTS = 20
DEEP = ("[" * 10_000 + "]" * 10_000).encode()
LARGE = b'{"a":"' + b"x" * 100_000_000 + b'"}'


def test_two_hundred_slow_connections_do_not_slow_anybody_else(cast, web: Web) -> None:
    person = Line(web.port, cookies(cast.clinician))
    here = f"/recordings/{rows.review(cast).recording_id}"

    def work() -> None:
        status, _ = person.ask("GET", f"{here}/state")
        assert status == 200

    slow.p95(work, 10)
    before = slow.p95(work, REQUESTS)
    more = f"127.0.0.1:{web.port}", SLOW // 4, f"{here}/audio", person.headers["Cookie"]
    with slow.connections(lambda: slow.plain(web.port), *more) as held:
        assert len(held) == SLOW
        during = slow.p95(work, REQUESTS)
    after = slow.p95(work, REQUESTS)
    assert during < 2 * max(before, after)


def test_bodies_that_are_too_large_too_deep_or_cut_off(cast, web: Web, until) -> None:
    """Each is refused in words or forgotten; what comes whole in the end is stored whole."""
    headers = cookies(cast.clinician)
    here = f"/recordings/{rows.review(cast).recording_id}"
    for path in (f"{here}/operations", f"{here}/plays", "/my-keys/keep"):
        assert post(web, path, LARGE, headers)[0] == 413
        assert post(web, path, DEEP, headers)[0] in (400, 422)
    for body in (LARGE, DEEP):
        status, said = post(web, "/aws/", body, {"Content-Type": "application/x-amz-json-1.1"})
        assert 400 <= status < 500 and "__type" in json.loads(said)

    head, body = form(web, cast)
    chance = random.Random(15)
    before = Recording.objects.count()
    for _ in range(CUTS):
        with slow.plain(web.port) as line:
            line.sendall((head + body)[: chance.randrange(len(head), len(head + body))])
    until(lambda: list(settings.FILE_UPLOAD_TEMP_DIR.glob("*.upload*")) == [], 20)
    assert Recording.objects.count() == before
    with socket.create_connection(("127.0.0.1", web.port), 60) as line:
        line.sendall(head + body)
        answer = http.client.HTTPResponse(line)
        answer.begin()
        assert answer.status == 201, answer.read()
    stored = Recording.objects.order_by("created_at").last()
    assert stored.sha256 == hashlib.sha256(rows.SPEECH.read_bytes()).hexdigest()
    assert default_storage.open(stored.media).read() == rows.SPEECH.read_bytes()


def post(web: Web, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    """Status and body of the answer, also where it came before everything was sent."""
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=60)
    # Refused before it was read, the answer is there nevertheless.
    with suppress(BrokenPipeError, ConnectionResetError):
        connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    return answer.status, said


def form(web: Web, cast) -> tuple[bytes, bytes]:
    """Header and body of an upload."""
    edge = uuid4().hex
    fields = FIELDS | {"author": str(cast.clinician.pk)}
    body = "".join(
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ).encode()
    body += f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="a.flac"'.encode()
    body += b"\r\n\r\n" + rows.SPEECH.read_bytes() + f"\r\n--{edge}--\r\n".encode()
    headers = cookies(cast.editor) | {
        "Host": f"127.0.0.1:{web.port}",
        "Content-Type": f"multipart/form-data; boundary={edge}",
        "Content-Length": str(len(body)),
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST /upload/ HTTP/1.1\r\n{lines}\r\n".encode(), body
