"""Workers die, sleep and lose their servers; every recording still gets its one transcript."""

import random
import signal
import socket
import subprocess
import sys
import time

import pytest
import redis
from django.conf import settings
from django.db.models import Q, Sum

from review.audit import chain
from review.models import AuditEvent, Review
from tests import rows
from transcripts import workers
from transcripts.models import Chunk, MachineSegment, MedicalTranscriptionJob, Transcript

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]
JOBS, KILLS, AWAY_SECONDS = 50, 20, 30
SAID = "ask not what your country can do for you"
RUNNING = Q(lease_until__isnull=False)


def jobs(**found: object):
    return MedicalTranscriptionJob.objects.filter(**found)


def all_ended() -> bool:
    return not jobs(status__in=["QUEUED", "IN_PROGRESS"]).exists()


def holder(worker: subprocess.Popen) -> str:
    return f"{socket.gethostname()}:{worker.pid}"


def assert_each_has_its_one_transcript(cast, count: int) -> None:
    assert jobs(status="COMPLETED").count() == Transcript.objects.count() == count
    for transcript in Transcript.objects.all():
        items = [item for segment in transcript.segments.all() for item in segment.items]
        text = " ".join(i["content"] for i in items if i["type"] == "pronunciation")
        assert SAID in text.lower() and text.lower().count("ask not") == 1
    assert set(Review.objects.values_list("state", flat=True)) <= {"ready", "ready_to_sign"}
    events = AuditEvent.objects.filter(practice=cast.practice.pk).order_by("seq")
    assert events.filter(action="job.completed").count() == count
    assert chain.first_break(event.row() for event in events) is None


def test_workers_killed_at_random_moments_lose_and_double_nothing(crew, cast, until):
    for number in range(JOBS):
        rows.recording(cast, mrn=str(number))
    chance = random.Random(JOBS)
    for _ in range(2):
        crew.start()
    for _ in range(KILLS):
        until(lambda: Chunk.objects.filter(RUNNING).exists() or jobs().filter(RUNNING).exists())
        time.sleep(chance.uniform(0, 2))
        assert not all_ended(), "too quick to be killed so often"
        crew.kill(chance.choice(crew.alive()))
        crew.start()
    until(all_ended, seconds=800)
    assert_each_has_its_one_transcript(cast, JOBS)
    claims = jobs().aggregate(n=Sum("lease_token"))["n"]
    claims += Chunk.objects.aggregate(n=Sum("lease_token"))["n"]
    assert claims <= 3 * JOBS + KILLS, "more than one unit was done again for a kill"


def test_redis_wiped_in_the_middle_costs_nothing(crew, cast, until):
    for number in range(3):
        rows.recording(cast, mrn=str(number))
    crew.start()
    until(lambda: Chunk.objects.filter(RUNNING).exists())
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.flushall()
    until(all_ended)
    assert_each_has_its_one_transcript(cast, 3)


def test_a_worker_that_slept_past_its_lease_writes_nothing(crew, cast, until):
    rows.recording(cast)
    zombie = crew.start()
    until(lambda: Chunk.objects.filter(lease_owner=holder(zombie)).exists())
    zombie.send_signal(signal.SIGSTOP)
    crew.start()
    until(all_ended)
    before = rows_of_the_job()
    zombie.send_signal(signal.SIGCONT)
    time.sleep(3)
    assert rows_of_the_job() == before
    assert_each_has_its_one_transcript(cast, 1)
    # It goes on with other work.
    crew.kill(crew.alive()[-1])
    rows.recording(cast, mrn="2")
    until(all_ended)
    assert_each_has_its_one_transcript(cast, 2)


def rows_of_the_job() -> list:
    tables = (MedicalTranscriptionJob, Chunk, Transcript, MachineSegment)
    return [list(table.objects.order_by("pk").values()) for table in tables]


def test_a_database_that_is_away_for_a_while_fails_no_job(crew, cast, door, until):
    for number in range(2):
        rows.recording(cast, mrn=str(number))
    crew.start()
    until(lambda: Chunk.objects.filter(RUNNING).exists())
    door.shut()
    time.sleep(AWAY_SECONDS)
    door.open()
    until(all_ended)
    assert_each_has_its_one_transcript(cast, 2)
    assert len(crew.alive()) == 1


def test_a_recording_that_kills_its_worker_each_time_fails_and_the_others_do_not(crew, cast, until):
    poison = rows.recording(cast, mrn="poison").jobs.get()
    others = [rows.recording(cast, mrn=str(number)) for number in range(2)]
    deaths = 0
    crew.start()
    while not all_ended() and deaths < 10:
        # The fourth claim does not work on it any more, so there is nothing to die of.
        held = Chunk.objects.filter(RUNNING, job=poison, done=False, attempts__lte=3)
        until(lambda held=held: held.exists() or all_ended())
        owners = set(held.values_list("lease_owner", flat=True))
        for worker in crew.alive():
            if holder(worker) in owners:
                crew.kill(worker)
                deaths += 1
                crew.start()
                until(lambda worker=worker: free_again(holder(worker)))
    poison.refresh_from_db()
    assert poison.status == "FAILED" and deaths == 3
    assert "stopped unexpectedly 3 times" in poison.failure_reason
    assert jobs(status="COMPLETED").count() == len(others)


def free_again(owner: str) -> bool:
    return all_ended() or not Chunk.objects.filter(lease_owner=owner).exists()


DIES_BEFORE_RINGING = """
import os, django
django.setup()
from tests import rows
from tests.cast import Cast
from transcripts import bell
from transcripts.models import Membership
bell._send = lambda times: os._exit(9)
people = {m.user.username: m for m in Membership.objects.select_related("user")}
clinician, editor = people["carla"], people["eve"]
rows.recording(Cast(clinician.practice, editor, clinician, *[None] * 4))
"""


def test_a_job_whose_uploader_died_before_ringing_is_found_by_the_sweep(crew, cast, until):
    crew.start()
    until(workers.any_alive)
    command = [sys.executable, "-c", DIES_BEFORE_RINGING]
    died = subprocess.run(command, env=crew.environment, cwd=settings.BASE_DIR)
    assert died.returncode == 9 and jobs().count() == 1
    until(all_ended)
    assert_each_has_its_one_transcript(cast, 1)
