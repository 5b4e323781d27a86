"""Patients' data and secrets stay out of logs, Redis, sessions, addresses and error pages."""

import io
import logging
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import redis
from django.apps import apps
from django.conf import settings as configured
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection
from django.test import Client

from config.logging import Json
from review.actions import edit
from review.models import AuditEvent, Review
from tests import rows
from tests.cast import PASSWORD
from tests.factories import transcribed
from tests.rows import resolve
from tests.transcripts.aws import signing
from tests.transcripts.test_upload import send
from transcripts import lease
from transcripts.actions import keys, work
from transcripts.models import BrowserSession, Patient
from transcripts.sessions import SessionStore

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("folder_storage"),
]

NAME, MRN, WORD = "Quillon Canarybird", "MRN77canary", "zorbacanaryzide"
SECRET = "wJalrCanarySecretOfAnAccessKey0123456789"
CANARIES = [NAME, "Quillon", MRN, WORD, PASSWORD, "wrongcanary", SECRET]


def leaks(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary.lower() in text.lower()]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged at any level, as the application writes it."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(Json())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def monitor() -> Iterator[Callable[[], list[str]]]:
    """Gives every command that Redis got since the test began."""
    with redis.Redis.from_url(configured.REDIS_URL) as client:
        client.flushall()
        with client.monitor() as commands:

            def heard() -> list[str]:
                client.echo("the end")
                lines = iter(lambda: commands.next_command()["command"], "ECHO the end")
                return list(lines)

            yield heard


@pytest.fixture
def tour(cast, log, monkeypatch):
    """The whole path with canaries in it, a failed job and a forced error among it."""
    browser = Client(HTTP_ACCEPT="text/html")
    for password in ("wrongcanary", PASSWORD):
        browser.post("/accounts/login/", {"login": "carla", "password": password})
    pages = [send(browser, cast, mrn=MRN, patient_name=NAME)]
    call_as_aws(cast, monkeypatch)
    review = Review.objects.get()
    transcribed(review.recording, [[("Takes", 0.9), (WORD, 0.2)], [("Denies", 0.3)]])
    here = f"/recordings/{review.recording_id}/"
    for address in ("", "state", "peaks", "document.txt", "document.pdf"):
        pages.append(browser.get(here + address))
    pages.append(browser.post("/", {"q": NAME}))
    review.refresh_from_db()
    segment = review.segments.last()
    edit.replace_text(
        review=review,
        segment_id=segment.pk,
        base_version=1,
        text=f"Denies {WORD}.",
        op_id=uuid4(),
        by=cast.clinician,
    )
    resolve(review, cast.clinician)
    shown = browser.get(f"{here}sign/")
    for password in ("wrongcanary", PASSWORD):
        browser.post(f"{here}sign/", {"password": password, "shown": shown.context["hash"]})
    assert Review.objects.get().state == "signed"
    return browser, pages


def call_as_aws(cast, monkeypatch) -> None:
    """With a key whose secret is known; a name of a job that a client might choose is in it."""
    monkeypatch.setattr(keys.secrets, "token_urlsafe", lambda size: SECRET)
    key, secret = keys.create(practice=cast.practice, by=None, label="Gateway")
    assert secret == SECRET
    body = b'{"MedicalTranscriptionJobName": "Quillon-Canarybird"}'
    sent = signing.headers(
        body,
        key=key.access_key_id,
        secret=secret,
        url="http://testserver/aws/",
        X_Amz_Target="Transcribe.GetMedicalTranscriptionJob",
    )
    kind = sent.pop("content-type")
    answer = Client().post("/aws/", body, content_type=kind, headers=sent)
    assert b"NotFoundException" in answer.content or b"BadRequest" in answer.content


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What every process that is started gets: arguments and environment."""
    seen: list[str] = []
    start = subprocess.Popen.__init__

    def note(process, args, *more, **named):  # noqa: ANN001, ANN202
        seen.append(f"{args} {named.get('env')}")
        return start(process, args, *more, **named)

    monkeypatch.setattr(subprocess.Popen, "__init__", note)
    return seen


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this process puts its temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_redis_hears_and_keeps_no_patients_data(monitor, tour, cast):
    work.run(failing(cast))
    with redis.Redis.from_url(configured.REDIS_URL) as client:
        kept = []
        for key in client.scan_iter():
            kept += [key, client.dump(key) or b""]
            if client.type(key) == b"list":
                kept += client.lrange(key, 0, -1)
        assert leaks(b"".join(kept).decode("latin-1")) == []
    heard = " ".join(monitor())
    assert "PUBLISH" in heard and "LPUSH" in heard and leaks(heard) == []


def failing(cast) -> lease.Unit:
    """A unit whose worker will meet an error that quotes the patient."""
    rows.cut(rows.recording(cast, mrn="8", name=NAME), 1)
    return lease.claim("w")


def test_the_log_holds_no_patients_data_and_no_password(tour, log, cast, monkeypatch):
    def stumble() -> None:
        raise RuntimeError(f"could not transcribe {WORD}")

    monkeypatch.setattr(work, "engine", lambda: rows.Says(first=stumble))
    monkeypatch.setattr(configured, "TESTING", True)
    work.run(failing(cast))
    browser, _ = tour
    force_an_error(browser, monkeypatch)
    text = log.getvalue()
    assert "RuntimeError" in text and "IntegrityError" in text
    assert leaks(text) == []


def force_an_error(browser: Client, monkeypatch) -> bytes:
    """A page that fails with a database error which quotes a whole row."""

    def fail(*_: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE transcripts_patient SET mrn = NULL")

    monkeypatch.setattr("review.queries.screen_state", fail)
    browser.raise_request_exception = False
    review = Review.objects.filter(state="signed").get()
    answer = browser.get(f"/recordings/{review.recording_id}/")
    assert answer.status_code == 500
    return answer.content


def test_an_error_page_says_nothing_of_the_patient(tour, monkeypatch):
    browser, _ = tour
    assert leaks(force_an_error(browser, monkeypatch).decode()) == []


def test_the_database_does_quote_rows_in_its_errors(tour):
    """If this no longer holds, the tests above prove nothing."""
    with pytest.raises(IntegrityError, match=NAME):
        Patient.objects.update(mrn=None)


def test_sessions_hold_no_patients_data(tour):
    for session in BrowserSession.objects.all():
        assert leaks(str(SessionStore().decode(session.session_data))) == []


def test_no_process_file_cache_metric_or_name_of_a_row_tells_of_them(
    started, temporary, tour, cast, settings
):
    before = {*configured.FILE_UPLOAD_TEMP_DIR.rglob("*")}  # of workers that other tests killed
    work.run(failing(cast))
    assert any("sandbox" in one for one in started) and leaks(" ".join(started)) == []
    for folder in (temporary, configured.FILE_UPLOAD_TEMP_DIR):
        assert [path for path in {*folder.rglob("*")} - before if path.is_file()] == []
    stored = [path for path in Path(default_storage.location).rglob("*") if path.is_file()]
    assert stored and leaks(b"".join(map(Path.read_bytes, stored)).decode("latin-1")) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key || value FROM countersign_cache")
        assert leaks(str(cursor.fetchall())) == []
    settings.METRICS_TOKEN = "canary-watch"
    figures = Client().get("/metrics", headers={"Authorization": "Bearer canary-watch"})
    assert figures.status_code == 200 and leaks(figures.content.decode()) == []
    # Django's admin writes the names of rows into its log, and so may any log.
    names = [
        str(row)
        for model in apps.get_models()
        if model._meta.app_label in ("review", "transcripts")
        for row in model._default_manager.all()
    ]
    assert len(names) > 50 and leaks(" ".join(names)) == []


def test_the_audit_log_tells_of_patients_by_their_ids_alone(tour):
    told = " ".join(AuditEvent.objects.values_list("canonical", flat=True))
    assert "recording.uploaded" in told and leaks(told) == []


def test_no_address_holds_a_patients_data(tour):
    _, pages = tour
    for page in pages:
        assert leaks(page.request["PATH_INFO"] + page.request["QUERY_STRING"]) == []
        assert leaks(page.headers.get("Location", "")) == []
        assert leaks(page.headers.get("Content-Disposition", "")) == []


def test_no_clinical_page_may_be_kept_by_a_browser(tour):
    _, pages = tour
    assert {page.headers["Cache-Control"] for page in pages} == {"no-store"}


def test_object_keys_hold_no_patients_data(tour):
    recording = Review.objects.get().recording
    for key in (recording.media, recording.peaks):
        assert leaks(key) == [] and recording.original_name not in key
