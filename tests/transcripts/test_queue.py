"""What an operator decides about the queue: nothing new is begun, and who comes first."""

import pytest

from review.models import AuditEvent
from tests import rows
from transcripts import lease
from transcripts.actions import jobs, queue
from transcripts.enums import JobStatus, Stage
from transcripts.models import MedicalTranscriptionJob

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(cast):
    """Two queued jobs of our practice, and one of another."""
    first = rows.recording(cast).jobs.get()
    second = rows.recording(cast, mrn="10002").jobs.get()
    theirs = rows.recording(cast, author=cast.outsider, mrn="777").jobs.get()
    return first, second, theirs


def test_a_paused_queue_gives_no_work_until_it_is_opened(cast, two):
    queue.set_mode(mode="paused", reason=" a  new disk ", by=cast.manager.user)
    assert lease.claim("w") is None
    assert queue.mode().reason == "a new disk" and queue.mode().changed_by == cast.manager.user
    queue.set_mode(mode="open", by=None)
    assert lease.claim("w").job == two[0]
    changed = AuditEvent.objects.filter(action="queue.changed").order_by("seq")
    assert [row.detail["mode"] for row in changed] == ["paused", "open"]
    assert [row.actor_display for row in changed] == ["Max", "Countersign"]


def test_a_draining_queue_finishes_what_was_begun_and_begins_nothing(two):
    begun = lease.claim("w")
    lease.write(begun, **lease.RELEASED)
    queue.set_mode(mode="draining", by=None)
    assert lease.claim("w").job == begun.job
    assert lease.claim("w") is None


def test_a_queue_has_one_of_three_modes(db):
    with pytest.raises(queue.Refused):
        queue.set_mode(mode="closed", by=None)


def test_a_paused_practice_waits_while_others_are_served(cast, two):
    queue.set_practice(practice=cast.practice, paused=True, priority=0, by=None)
    assert lease.claim("w").job == two[2]
    assert lease.claim("w") is None


def test_what_is_put_forward_comes_first_and_what_is_put_back_last(cast, two):
    first, second, theirs = two
    queue.set_job(job=first, priority=-1, by=None)
    queue.set_practice(practice=cast.outsider.practice, paused=False, priority=1, by=None)
    assert [lease.claim("w").job for _ in range(3)] == [theirs, second, first]


def test_only_a_live_job_has_a_turn(two):
    jobs.cancel(job=two[0], by=None)
    with pytest.raises(queue.Refused):
        queue.set_job(job=two[0], priority=1, by=None)


def test_a_stuck_job_is_taken_from_its_worker_and_begins_with_all_attempts(two):
    slow = lease.claim("hangs")
    MedicalTranscriptionJob.objects.filter(pk=slow.job.pk).update(attempts=3)
    jobs.release(job=slow.job, by=None)
    with pytest.raises(lease.LeaseLost):
        lease.write(slow, attempts=9)
    again = MedicalTranscriptionJob.objects.get(pk=slow.job.pk)
    assert (again.attempts, again.lease_owner) == (0, "")
    assert AuditEvent.objects.filter(action="job.released").count() == 1


def test_an_ended_job_is_not_stuck(two):
    jobs.cancel(job=two[0], by=None)
    with pytest.raises(jobs.Refused):
        jobs.release(job=two[0], by=None)


def test_a_job_that_failed_before_it_had_a_recording_can_be_tried_again(cast):
    job = MedicalTranscriptionJob.objects.create(
        practice=cast.practice,
        name="intake",
        engine="local",
        stage=Stage.INTAKE,
        status=JobStatus.FAILED,
        failure_reason="The media could not be fetched.",
        completed_at="2026-03-02T00:00Z",
    )
    jobs.retry(job=job, by=None)
    assert MedicalTranscriptionJob.objects.get(pk=job.pk).status == JobStatus.QUEUED
    row = AuditEvent.objects.get(action="job.retried")
    assert (row.object_type, row.patient) == ("MedicalTranscriptionJob", "")
