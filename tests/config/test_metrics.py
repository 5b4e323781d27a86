"""/metrics exists for who has the token; it counts, and names no patient, person or practice."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from review.models import Review
from tests import rows
from transcripts import workers
from transcripts.models import Duty, MedicalTranscriptionJob

TOKEN = "a-token-of-the-tests"
pytestmark = pytest.mark.django_db


@pytest.fixture
def token(settings):
    settings.METRICS_TOKEN = TOKEN


def scrape(client) -> dict[tuple[str, str], float]:
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200 and answer["Cache-Control"] == "no-store"
    return {
        (sample.name.removeprefix("countersign_"), ",".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


@pytest.mark.parametrize("sent", [None, "Bearer ", "Bearer wrong", TOKEN, f"Basic {TOKEN}", "é"])
def test_without_the_token_there_is_no_such_address(client, token, sent):
    headers = {"Authorization": sent} if sent is not None else {}
    there, nowhere = client.get("/metrics", headers=headers), client.get("/nowhere")
    assert there.status_code == nowhere.status_code == 404
    assert rows.plain(there.content) == rows.plain(nowhere.content)


@pytest.mark.parametrize("sent", ["Bearer ", f"Bearer {TOKEN}", "Bearer"])
def test_without_a_token_in_the_settings_nobody_gets_in(client, settings, sent):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": sent}).status_code == 404


def test_a_person_who_is_logged_in_does_not_get_in(cast, as_, token):
    assert as_(cast.manager).get("/metrics").status_code == 404


def test_what_stands_is_counted_and_what_is_not_there_is_zero(cast, client, token):
    rows.recording(cast)
    MedicalTranscriptionJob.objects.update(created_at=timezone.now() - timedelta(minutes=10))
    made = rows.review(cast, mrn="10002")
    Review.objects.filter(pk=made.pk).update(due_at=timezone.now() - timedelta(minutes=1))
    rows.review(cast, author=cast.outsider, mrn="10003")
    workers.beat("worker-1")
    found = scrape(client)
    assert found["jobs", "QUEUED"] == 1 and found["jobs", "COMPLETED"] == 2
    assert found["jobs", "FAILED"] == found["jobs", "CANCELLED"] == 0
    assert found["queue_jobs", ""] == 1
    assert 600 <= found["queue_oldest_seconds", ""] < 700
    assert found["reviews", "ready"] == 2 and found["reviews", "signed"] == 0
    assert found["reviews_late", ""] == 1
    assert found["deliveries", "owed"] == found["deliveries", "given_up"] == 0
    assert found["workers_alive", ""] == 1
    assert found["duties_failing", ""] == 0
    assert found["process_resident_memory_bytes", ""] > 0
    assert found["process_open_fds", ""] > 0


def test_a_duty_that_failed_and_a_worker_that_is_gone(client, token):
    now = timezone.now()
    Duty.objects.update_or_create(name="retention", defaults={"failures": 1, "due_at": now})
    workers.beat("worker-1")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE transcripts_worker SET seen_at = now() - interval '21 seconds'")
    found = scrape(client)
    assert found["duties_failing", ""] == 1 and found["workers_alive", ""] == 0


def test_nothing_in_it_is_of_a_patient_a_person_or_a_practice(cast, client, token):
    made = rows.review(cast)
    workers.beat("host-of-the-hospital")
    headers = {"Authorization": f"Bearer {TOKEN}"}
    before = client.get("/metrics", headers=headers).content.decode()
    names = ("Paula", "10001", "Hill", "carla", "hospital", str(made.pk), str(made.recording_id))
    assert not any(name in before for name in names)
    rows.review(cast, mrn="10002", name="Ines Probe")
    after = client.get("/metrics", headers=headers).content.decode()
    assert before.count("\n") == after.count("\n")  # more rows are no more series


def test_the_number_of_queries_stays(cast, client, token):
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with CaptureQueriesContext(connection) as few:
        client.get("/metrics", headers=headers)
    for number in range(3):
        rows.review(cast, mrn=str(20_000 + number))
    with CaptureQueriesContext(connection) as many:
        client.get("/metrics", headers=headers)
    assert len(many) == len(few) == 6
