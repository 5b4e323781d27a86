"""The operators' pages show how the installation stands and nothing clinical, and steer it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from review.audit import live
from review.models import AuditEvent
from tests import rows
from transcripts import duties, lease, workers
from transcripts.actions import keys, queue
from transcripts.enums import JobStatus
from transcripts.models import (
    Duty,
    Invitation,
    MedicalTranscriptionJob,
    Practice,
    Queue,
    User,
    Worker,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(db):
    """Runs the installation; belongs to no practice and has no other right of Django's."""
    return User.objects.create_user("olga", first_name="Olga", is_staff=True)


@pytest.fixture
def console(operator):
    window = Client(HTTP_ACCEPT="text/html")
    window.force_login(operator)
    return window


def fail(job, reason="The engine did not answer."):
    MedicalTranscriptionJob.objects.filter(pk=job.pk).update(
        status=JobStatus.FAILED, failure_reason=reason, completed_at=Now()
    )


def test_the_page_shows_workers_jobs_keys_and_versions_and_no_patient(cast, console):
    review = rows.review(cast)
    rows.signed(review, cast)
    unit = rows.recording(cast, mrn="10002", name="Quentin Query").jobs.get()
    unit = lease.claim(workers.OWNER, job=unit)
    fail(rows.recording(cast, mrn="10003").jobs.get())
    workers.beat("worker-1")
    Worker.objects.create(name="gone", seen_at="2026-01-01T00:00Z")
    soon = timezone.now() + timedelta(days=3)
    key, _ = keys.create(practice=cast.practice, by=None, expires_at=soon)
    live.check_all()
    page = console.get("/operate/").content.decode()
    for shown in ("worker-1", str(unit.job.pk), "Not heard of", "The engine did not answer."):
        assert shown in page
    for shown in (key.access_key_id, "Hill Practice", "audit-check", "all run", "Holds"):
        assert shown in page
    for hidden in ("Quentin", "Paula", "10002", "lisinopril", "speech.flac"):
        assert hidden not in page
    row = AuditEvent.objects.get(action="operation.viewed")
    assert row.actor_display == "Olga" and row.practice.int == 0


def test_it_takes_the_same_queries_however_much_there_is(cast, console):
    def ask() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert console.get("/operate/live").status_code == 200
        return len(queries)

    fail(rows.recording(cast, mrn="20").jobs.get())
    Worker.objects.create(name="w", seen_at=timezone.now())
    before = ask()
    for number in range(3):
        fail(rows.recording(cast, mrn=f"2{number}").jobs.get())
        rows.recording(cast, mrn=f"3{number}")
        Worker.objects.create(name=f"w{number}", seen_at=timezone.now())
        Practice.objects.create(name=f"P{number}", bucket=f"bucket-{number}")
    assert ask() == before < 40


def test_a_job_nobody_takes_up_is_stuck_only_while_a_worker_is_free(cast, console):
    job = rows.recording(cast).jobs.get()
    MedicalTranscriptionJob.objects.filter(pk=job.pk).update(
        created_at=timezone.now() - timedelta(hours=1)
    )
    assert "Stuck</span>" not in console.get("/operate/live").content.decode()
    workers.beat("worker-1")
    assert "Stuck</span>" in console.get("/operate/live").content.decode()
    queue.set_practice(practice=cast.practice, paused=True, priority=0, by=None)
    assert "Stuck</span>" not in console.get("/operate/live").content.decode()


def test_a_job_begun_again_and_again_is_stuck_and_can_be_begun_anew(cast, console):
    job = rows.recording(cast).jobs.get()
    MedicalTranscriptionJob.objects.filter(pk=job.pk).update(attempts=2)
    assert "Begun 2 times" in console.get("/operate/live").content.decode()
    console.post(f"/operate/jobs/{job.pk}/release")
    assert MedicalTranscriptionJob.objects.get(pk=job.pk).attempts == 0


def test_the_queue_is_paused_with_a_reason_and_opened_again(operator, console):
    page = console.post("/operate/queue", {"mode": "paused", "reason": "New disk"}, follow=True)
    assert "Olga set this" in page.content.decode() and "New disk" in page.content.decode()
    assert Queue.objects.get().changed_by == operator
    console.post("/operate/queue", {"mode": "open"})
    assert Queue.objects.get().mode == "open"
    page = console.post("/operate/queue", {"mode": "nonsense"}, follow=True)
    assert "The queue is open, draining or paused." in page.content.decode()


def test_failed_jobs_are_tried_again_one_by_one_or_all(cast, console):
    first, second = (rows.recording(cast, mrn=mrn).jobs.get() for mrn in ("1", "2"))
    fail(first), fail(second)
    console.post(f"/operate/jobs/{first.pk}/retry")
    assert MedicalTranscriptionJob.objects.get(pk=first.pk).status == JobStatus.QUEUED
    page = console.post("/operate/jobs/retry", follow=True).content.decode()
    assert "1 failed job queued again." in page
    page = console.post(f"/operate/jobs/{first.pk}/retry", follow=True).content.decode()
    assert "Only a failed or cancelled transcription" in page
    assert AuditEvent.objects.filter(action="job.retried", actor_display="Olga").count() == 2


def test_a_job_and_a_practice_are_put_forward(cast, console):
    job = rows.recording(cast).jobs.get()
    assert f"Turn of job {job.pk}" in console.get("/operate/live").content.decode()
    console.post(f"/operate/jobs/{job.pk}/priority", {"priority": "1"})
    console.post(f"/operate/practices/{cast.practice.pk}", {"priority": "-1", "paused": "on"})
    job.refresh_from_db(), cast.practice.refresh_from_db()
    assert (job.priority, cast.practice.queue_priority, cast.practice.queue_paused) == (1, -1, True)
    for path in (f"jobs/{job.pk}/priority", f"practices/{cast.practice.pk}"):
        page = console.post(f"/operate/{path}", {"priority": "soon"}, follow=True)
        assert "in turn, or after them" in page.content.decode()
    assert console.post(f"/operate/jobs/{job.pk}/explode").status_code == 404


def test_a_check_is_asked_for_and_run_by_a_worker(console):
    page = console.post("/operate/duties/storage-check", follow=True).content.decode()
    assert "A worker runs storage-check" in page
    assert Duty.objects.get(pk="storage-check").due_at <= timezone.now()
    row = AuditEvent.objects.get(action="duty.asked")
    assert row.detail == {"duty": "storage-check"}
    Duty.objects.filter(pk="storage-check").update(lease_until=Now() + timedelta(minutes=1))
    page = console.post("/operate/duties/storage-check", follow=True).content.decode()
    assert "running already" in page
    assert console.post("/operate/duties/nonsense").status_code == 404


def test_a_check_that_failed_says_so_with_what_it_found(console, monkeypatch):
    duties._expect()
    found = {"text": "And so", "right": 2, "words": 13, "seconds": 1.0}
    Duty.objects.filter(pk="model-check").update(
        outcome="ModelMisheard", failures=1, found=found, ended_at=Now(), due_at="2099-01-01T00:00Z"
    )
    page = console.get("/operate/").content.decode()
    assert "ModelMisheard" in page and "2 of 13 words" in page


def test_a_practice_is_made_with_its_managers_invitation(console):
    given = {"name": "Lake  Practice", "first_name": "Mona"}
    page = console.post("/operate/practices/new", given).content.decode()
    made = Practice.objects.get(name="Lake Practice")
    invitation = Invitation.objects.get(practice=made)
    assert made.bucket == "lake-practice" and invitation.role == "manager"
    assert "/invitation/" in page and "Mona" in page
    console.post("/operate/practices/new", given)
    assert Practice.objects.filter(bucket="lake-practice-2").exists()
    assert console.post("/operate/practices/new", {"name": " "}).status_code == 422


def test_a_manager_is_no_operator(cast, as_):
    assert as_(cast.manager).get("/operate/").status_code == 403


def test_an_operator_without_a_practice_sees_nothing_clinical(cast, console):
    review = rows.review(cast)
    assert console.get(f"/recordings/{review.recording_id}/").status_code in (403, 404)
    assert console.get("/").url == "/operate/"
