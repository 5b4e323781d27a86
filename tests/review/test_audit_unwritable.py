"""No record, no act: while the audit log takes no row, nothing is changed, shown or handed out."""

import json
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.apps import apps
from django.db import connection, transaction
from django.db.models.functions import Now
from django.test import Client

from tests import rows
from tests.cast import PASSWORD
from tests.rows import resolve, shown
from tests.sockets import Socket, session_of
from tests.transcripts.aws import signing
from transcripts.actions import keys as access_keys
from transcripts.models import MedicalTranscriptionJob

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume async"),
]
# Counters, sessions and pulses; everything else must stand as it stood.
BESIDE = {
    "transcripts.BrowserSession",
    "transcripts.Worker",
    "transcripts.Duty",
    "sessions.Session",
}
BESIDE |= {"account.EmailAddress", "admin.LogEntry"}


@pytest.fixture
def full_disk():
    """The database takes no audit row, as when its disk is full, or the right was taken away."""
    table = "ALTER TABLE review_auditevent"

    def fill() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"{table} ADD CONSTRAINT full_disk CHECK (false) NOT VALID")

    yield fill
    with connection.cursor() as cursor:
        cursor.execute(f"{table} DROP CONSTRAINT IF EXISTS full_disk")


def everything() -> dict[str, list]:
    """All rows of all tables, but for those beside."""
    return {
        model._meta.label: list(model.objects.order_by("pk").values())
        for model in apps.get_models()
        if model._meta.label not in BESIDE and model._meta.app_label in ("transcripts", "review")
    }


ACTS = """
GET /
POST / {"q": "Probe"}
GET /recordings/{r}/
GET /recordings/{r}/state
GET /recordings/{r}/history?segment={s}
GET /recordings/{r}/entities
GET /recordings/{r}/audio
GET /recordings/{r}/document.pdf
GET /recordings/{r}/document.docx
POST /recordings/{r}/operations confirm
GET /recordings/{r}/document.txt
GET /recordings/{r}/document.srt
GET /recordings/{r}/document.vtt
GET /recordings/{r}/document.csv
GET /recordings/{r}/sign/
POST /recordings/{r}/sign/ sign
POST /accounts/login/ login
""".strip().splitlines()


def body(kind: str, review, segment) -> tuple[dict, str]:
    if kind == "confirm":
        given = {"op_id": str(uuid4()), "kind": kind, "segment": str(segment.pk)}
        given |= {"base_version": segment.version, "items": [segment.items[0]["id"]]}
        return given, "application/json"
    if kind == "sign":
        with transaction.atomic():
            return {"password": PASSWORD, "shown": shown(review)}, ""
    if kind == "login":
        return {"login": "carla", "password": PASSWORD}, ""
    return json.loads(kind), ""


def test_twenty_acts_of_twenty_over_http_do_not_happen(cast, as_, full_disk):
    review = rows.review(cast)
    resolve(review, cast.editor)
    segment = review.segments.get(position=0)
    author = as_(cast.clinician)
    more = [
        (as_(cast.auditor), "GET", "/audit/", None),
        (as_(cast.auditor), "POST", "/audit/export", {"form": "jsonl"}),
        (as_(cast.auditor), "POST", "/audit/schedule", {"rhythm": "daily", "form": "csv"}),
        (as_(cast.auditor), "POST", "/audit/check", {}),
        (as_(cast.auditor), "GET", "/audit/tail?after=0&begin=1", None),
        (as_(cast.auditor), "GET", "/audit/checkpoints.jsonl", None),
    ]
    acts = []
    for line in ACTS:
        method, path, *rest = line.split(" ", 2)
        kind = rest[0] if rest else ""
        path = path.replace("{r}", str(review.recording_id)).replace("{s}", str(segment.pk))
        browser = Client(HTTP_ACCEPT="text/html") if kind == "login" else author
        acts.append((browser, method, path, kind or None))
    full_disk()
    before, done = everything(), []
    for browser, method, path, given in [*acts, *more]:
        data, content_type = (given, "") if isinstance(given, dict) else ({}, "")
        if isinstance(given, str):
            data, content_type = body(given, review, segment)
        extra = {"content_type": content_type} if content_type else {}
        if method == "GET":
            answer = browser.get(path)
        else:
            answer = browser.post(path, json.dumps(data) if content_type else data, **extra)
        if answer.status_code != 503:
            done.append((method, path, answer.status_code))
        else:
            assert not answer.streaming and b"Paula" not in answer.content, path
            assert answer["Retry-After"] == "30"
    assert done == []
    assert everything() == before
    assert len(acts) + len(more) >= 20


def test_an_aws_call_is_answered_503_and_does_not_happen(cast, full_disk):
    key, secret = access_keys.create(practice=cast.practice, label="x", by=cast.manager.user)
    job = rows.review(cast).recording.jobs.get()
    settled = {"request": {}, "status": "FAILED", "failure_reason": "x", "lease_until": None}
    MedicalTranscriptionJob.objects.update(**settled, completed_at=Now())
    full_disk()
    before = everything()
    for _ in range(20):
        answer = call(key.access_key_id, secret, job.name)
        assert answer.status_code == 503, answer.content
        assert answer["x-amzn-ErrorType"] == "ServiceUnavailable"
    after = everything()
    assert {name for name in after if after[name] != before[name]} <= {"transcripts.AccessKey"}


def call(key_id: str, secret: str, name: str):
    """A signed DeleteMedicalTranscriptionJob, as an AWS client sends it."""
    body = json.dumps({"MedicalTranscriptionJobName": name}).encode()
    target = {"X_Amz_Target": "Transcribe.DeleteMedicalTranscriptionJob"}
    url = "http://testserver/aws/"
    headers = signing.headers(body, key=key_id, secret=secret, url=url, **target)
    kind = headers.pop("content-type")
    return Client().post("/aws/", body, content_type=kind, headers=headers)


def test_a_socket_shows_nothing(cast, full_disk):
    review = rows.review(cast)
    session = session_of(cast.clinician)
    full_disk()

    async def look() -> list:
        socket = Socket(f"/ws/recordings/{review.recording_id}/", session)
        await socket.open()
        return [await socket.next()]

    for _ in range(20):
        assert async_to_sync(look)() == [{"closed": 1013}]
