"""Leases: a unit is one worker's at a time, and nothing is done twice, lost, or written late."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from review.models import AuditEvent, Review
from tests.rows import Says, cut, recording, together
from transcripts import lease
from transcripts.actions import jobs, work
from transcripts.actions.assemble import assemble
from transcripts.engines.base import EngineError
from transcripts.lease import LeaseLost
from transcripts.models import Chunk, MachineSegment, MedicalTranscriptionJob, Transcript

real_commits = pytest.mark.django_db(transaction=True)


def expire(unit: lease.Unit) -> None:
    past = {"lease_until": Now() - timedelta(seconds=1)}
    type(unit.row).objects.filter(pk=unit.row.pk).update(**past)


def now(job: MedicalTranscriptionJob) -> MedicalTranscriptionJob:
    return MedicalTranscriptionJob.objects.get(pk=job.pk)


@pytest.fixture
def says(monkeypatch):
    """Plugs an engine in; gives it back for a test to change what it does."""
    engine = Says()
    monkeypatch.setattr(work, "engine", lambda: engine)
    # Workers are processes, each with an engine of its own; here they are threads.
    monkeypatch.setattr(work, "ENGINE", nullcontext())
    return engine


# Claims


def test_nothing_to_do_gives_nothing(cast):
    assert lease.claim("w") is None


def test_the_least_served_job_goes_first(cast):
    first, second = (cut(recording(cast), 2) for _ in range(2))
    order = [lease.claim("w").job.pk for _ in range(4)]
    assert order == [first.pk, second.pk, first.pk, second.pk]


def test_chunks_of_a_job_go_in_the_order_of_the_audio(cast):
    cut(recording(cast), 3)
    assert [lease.claim("w").chunk.index for _ in range(3)] == [0, 1, 2]


def test_a_leased_unit_is_nobody_elses(cast):
    recording(cast)
    assert lease.claim("w") is not None
    assert lease.claim("other") is None


@pytest.mark.parametrize("status", ["COMPLETED", "FAILED", "CANCELLED"])
def test_an_ended_job_is_not_claimed(cast, status):
    job = cut(recording(cast), 1)
    ended = {"status": status, "completed_at": Now(), "failure_reason": "A reason."}
    MedicalTranscriptionJob.objects.filter(pk=job.pk).update(**ended)
    assert lease.claim("w") is None


@real_commits
def test_two_claimers_never_get_the_same_unit(cast):
    for _ in range(3):
        cut(recording(cast), 5)

    def take_all() -> list:
        taken, idle = [], 0
        while idle < 20:
            unit = lease.claim("w")
            idle = 0 if unit else idle + 1
            taken += [unit.row.pk] if unit else []
        return taken

    results = together(*[take_all] * 6)
    taken = Counter(pk for result in results for pk in result)
    assert len(taken) == 15 and set(taken.values()) == {1}


def test_an_expired_lease_is_claimed_again_under_a_higher_token(cast):
    cut(recording(cast), 1)
    dead = lease.claim("dead")
    expire(dead)
    unit = lease.claim("next")
    assert unit.chunk.pk == dead.chunk.pk
    assert unit.row.lease_token == dead.row.lease_token + 1


def test_the_attempt_is_counted_before_the_work_begins(cast):
    cut(recording(cast), 1)
    lease.claim("w")
    assert Chunk.objects.get().attempts == 1


def test_a_claim_starts_the_clock_once(cast):
    job = cut(recording(cast), 2)
    lease.claim("w")
    started = now(job).started_at
    lease.claim("w")
    assert now(job).status == "IN_PROGRESS" and now(job).started_at == started


# Zombies, cancels, retries


def test_a_zombies_write_is_refused_and_changes_nothing(cast):
    cut(recording(cast), 1)
    zombie = lease.claim("zombie")
    expire(zombie)
    lease.claim("next")
    before = Chunk.objects.values().get()
    with pytest.raises(LeaseLost):
        lease.write(zombie, done=True, segments=["wrong"])
    assert Chunk.objects.values().get() == before


@real_commits
def test_a_zombie_that_wakes_up_ends_quietly_without_a_trace(cast, says):
    cut(recording(cast), 1)
    zombie = lease.claim("zombie")
    expire(zombie)
    lease.claim("next")
    before = Chunk.objects.values().get()
    work.run(zombie)
    with pytest.raises(LeaseLost):
        jobs.fail(unit=zombie, reason="No.")
    assert Chunk.objects.values().get() == before
    assert now(zombie.job).status == "IN_PROGRESS"
    assert not AuditEvent.objects.filter(action="job.failed").exists()


def test_a_late_result_of_a_cancelled_job_is_dropped(cast, says):
    job = cut(recording(cast), 1)
    unit = lease.claim("w")
    jobs.cancel(job=job, by=cast.editor.user)
    work.run(unit)
    chunk = Chunk.objects.get()
    assert (chunk.done, chunk.segments) == (False, [])
    assert now(job).status == "CANCELLED" and now(job).completed_at


def test_a_cancelled_job_cannot_be_cancelled_again(cast):
    job = cut(recording(cast), 1)
    jobs.cancel(job=job, by=cast.editor.user)
    with pytest.raises(jobs.Refused, match="already ended"):
        jobs.cancel(job=job, by=cast.editor.user)


def test_a_running_job_cannot_be_retried(cast):
    job = cut(recording(cast), 1)
    with pytest.raises(jobs.Refused, match="failed or cancelled"):
        jobs.retry(job=job, by=cast.editor.user)


def test_a_retry_keeps_the_chunks_that_are_done(cast, says):
    job = cut(recording(cast), 2)
    work.run(lease.claim("w"))
    lease.claim("w")
    jobs.cancel(job=job, by=cast.editor.user)
    jobs.retry(job=job, by=cast.editor.user)
    assert now(job).status == "QUEUED" and now(job).completed_at is None
    says.word = "again"
    unit = lease.claim("w")
    assert unit.chunk.index == 1
    work.run(unit)
    work.run(lease.claim("w"))
    words = [s.items[0]["content"] for s in MachineSegment.objects.all()]
    assert words == ["hello", "again"]


# Failures


def test_an_engines_refusal_fails_the_job_with_its_sentence(cast, says):
    def refuse() -> None:
        raise EngineError("The model is not installed.")

    says.first = refuse
    job = cut(recording(cast), 1)
    work.run(lease.claim("w"))
    assert (now(job).status, now(job).failure_reason) == ("FAILED", "The model is not installed.")


def test_an_unexpected_error_frees_the_unit_after_a_pause(cast, says):
    def stumble() -> None:
        raise RuntimeError("Paula Probe")

    says.first = stumble
    job = cut(recording(cast), 1)
    work.run(lease.claim("w"))
    chunk = Chunk.objects.annotate(now=Now()).get()
    assert now(job).status == "IN_PROGRESS" and chunk.attempts == 1
    assert timedelta(0) < chunk.lease_until - chunk.now < timedelta(seconds=6)


def test_the_fourth_attempt_without_progress_fails_the_job_with_a_plain_reason(cast, says):
    job = cut(recording(cast), 1)
    for _ in range(3):
        expire(lease.claim("killed"))
    work.run(lease.claim("w"))
    assert now(job).status == "FAILED"
    assert "stopped unexpectedly 3 times" in now(job).failure_reason
    assert AuditEvent.objects.get(action="job.failed").outcome == "failure"
    assert lease.claim("w") is None
    assert Review.objects.get().state == "waiting"


def test_progress_forgives_earlier_attempts(cast, says):
    job = cut(recording(cast), 2)
    for _ in range(2):
        expire(lease.claim("killed"))
    while unit := lease.claim("w"):
        work.run(unit)
    assert now(job).status == "COMPLETED"


@real_commits
@pytest.mark.parametrize("_round", range(4))
def test_two_chunks_that_fail_at_one_moment_fail_the_job_once(cast, says, _round):
    line = threading.Barrier(2)

    def refuse() -> None:
        line.wait(10)
        raise EngineError("The model is not installed.")

    says.first = refuse
    job = cut(recording(cast), 2)
    units = [lease.claim("a"), lease.claim("b")]
    assert together(*[lambda unit=unit: work.run(unit) for unit in units]) == [None, None]
    assert now(job).status == "FAILED"
    assert AuditEvent.objects.filter(action="job.failed").count() == 1


# Races


@real_commits
@pytest.mark.parametrize("_round", range(8))
def test_the_last_two_chunks_at_one_moment_lead_to_one_assembly(cast, says, _round):
    line = threading.Barrier(2)
    says.first = lambda: line.wait(10)
    job = cut(recording(cast), 2)
    units = [lease.claim("a"), lease.claim("b")]
    together(*[lambda unit=unit: work.run(unit) for unit in units])
    assert now(job).stage == "ASSEMBLE"
    units = [unit for unit in together(*[lambda: lease.claim("w")] * 4) if unit]
    assert len(units) == 1 and units[0].chunk is None
    assemble(units[0])
    assert now(job).status == "COMPLETED" and MachineSegment.objects.count() == 2


@real_commits
@pytest.mark.parametrize("_round", range(4))
def test_a_cancel_while_a_chunk_is_committed_wins_or_comes_too_late(cast, says, _round):
    line = threading.Barrier(2)
    says.first = lambda: line.wait(10)
    job = cut(recording(cast), 1)
    unit = lease.claim("w")

    def cancel() -> None:
        line.wait(10)
        jobs.cancel(job=job, by=cast.editor.user)

    assert together(lambda: work.run(unit), cancel) == [None, None]
    assert now(job).status == "CANCELLED" and lease.claim("w") is None


@real_commits
def test_a_transcript_is_assembled_once(cast, says):
    job = cut(recording(cast), 1)
    work.run(lease.claim("w"))
    slow = lease.claim("slow")
    expire(slow)
    quick = lease.claim("quick")
    results = together(lambda: assemble(slow), lambda: assemble(quick))
    assert isinstance(results[0], LeaseLost) and results[1] is None
    assert Transcript.objects.count() == 1 and now(job).status == "COMPLETED"
    assert AuditEvent.objects.filter(action="job.completed").count() == 1
    assert AuditEvent.objects.filter(action="review.opened").count() == 1
    assert Review.objects.get().segments.count() == 1


# Heartbeat


@real_commits
def test_the_heartbeat_holds_the_lease_while_the_work_moves_and_no_longer(cast, monkeypatch):
    monkeypatch.setattr(lease, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(lease, "STALL_SECONDS", 0.5)
    cut(recording(cast), 1)
    unit = lease.claim("w")

    def until() -> object:
        return Chunk.objects.get().lease_until

    def stays() -> bool:
        seen = until()
        time.sleep(0.5)  # ten beats
        return until() == seen

    with lease.Heartbeat(unit) as heartbeat:
        begin = until()
        soon(lambda: heartbeat.progress() or until() > begin + timedelta(seconds=0.3))
        soon(stays)


@real_commits
def test_work_stops_when_its_lease_is_lost(cast, monkeypatch):
    monkeypatch.setattr(lease, "HEARTBEAT_SECONDS", 0.05)
    job = cut(recording(cast), 1)
    unit = lease.claim("w")
    with lease.Heartbeat(unit) as heartbeat:
        heartbeat.progress()
        jobs.cancel(job=job, by=cast.editor.user)
        with pytest.raises(LeaseLost):
            soon(heartbeat.progress)


def soon(holds: Callable[[], object]) -> None:
    """Waits until it holds; a busy machine may take its time."""
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.02)
