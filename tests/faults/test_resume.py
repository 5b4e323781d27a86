"""A large upload over lines that break in its middle: it goes on, and comes to be there once.

Number 15 of docs/security.md's table. Chromium does the same in tests/browser/test_upload.py.
"""

import hashlib
import http.client
import os
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.core.files.storage import default_storage

from tests import tones
from tests.faults.proxy import Frayed
from tests.faults.web import Web, cookies
from tests.transcripts.test_upload import FIELDS
from transcripts.models import MedicalTranscriptionJob, Recording, Upload

pytestmark = pytest.mark.django_db(transaction=True)
MEGABYTES = 200 if os.environ.get("COUNTERSIGN_FULL") else 12
PIECE = 512 * 1024
CUTS = 20
BROKEN = (OSError, http.client.HTTPException)


class Client:
    """Asks over a line that may break, and asks again until it is answered."""

    def __init__(self, port: int, headers: dict[str, str]) -> None:
        self.port, self.headers = port, headers
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def once(self, method: str, path: str, body: bytes = b"", **more: object):
        headers = self.headers | {"Tus-Resumable": "1.0.0"}
        headers |= {name.replace("_", "-"): str(value) for name, value in more.items()}
        try:
            self.line.request(method, path, body, headers)
            answer = self.line.getresponse()
            said = answer.read()
        except BROKEN:
            self.line.close()
            raise
        return answer.status, answer.headers, said

    def until_answered(self, *given: object, **more: object):
        for _ in range(50):
            try:
                return self.once(*given, **more)
            except BROKEN:
                continue
        raise AssertionError("never answered")


def test_twenty_cuts_in_a_large_upload_lose_nothing_and_double_nothing(
    cast, web: Web, tmp_path: Path
) -> None:
    raw = tones.long_wave(tmp_path / "long.wav", MEGABYTES).read_bytes()
    door = Frayed(web.port, seed=15, up=(3_000, 3 * PIECE), down=(100, 4_000))
    client = Client(door.port, cookies(cast.editor) | {"Content-Type": "x"})
    sent = 0
    try:
        status, headers, _ = client.until_answered("POST", "/uploads/", Upload_Length=len(raw))
        assert status == 201
        path = headers["Location"]
        while True:
            _, headers, _ = client.until_answered("HEAD", path)
            at = int(headers["Upload-Offset"])
            if at == len(raw):
                break
            if sum(door.cuts.values()) >= CUTS:
                door.be_whole()
            piece = raw[at : at + PIECE]
            sent += len(piece)
            try:
                kind = "application/offset+octet-stream"
                more = {"Upload_Offset": at, "Content_Type": kind}
                assert client.once("PATCH", path, piece, **more)[0] == 204
            except BROKEN:
                continue
        about = FIELDS | {"author": str(cast.clinician.pk), "upload": path.rsplit("/", 1)[1]}
        form = urlencode(about | {"file_name": "long.wav"}).encode()
        kind = "application/x-www-form-urlencoded"
        for _ in range(3):  # as a client that never saw the answer
            status, _, said = client.until_answered("POST", "/upload/", form, Content_Type=kind)
            assert status == 201, said
    finally:
        door.shut()
    assert sum(door.cuts.values()) >= CUTS
    assert sent <= len(raw) + sum(door.cuts.values()) * PIECE, "pieces that were kept came again"
    stored = Recording.objects.get()
    assert stored.sha256 == hashlib.sha256(raw).hexdigest()
    with default_storage.open(stored.media) as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == stored.sha256
    assert MedicalTranscriptionJob.objects.count() == Upload.objects.count() == 1
