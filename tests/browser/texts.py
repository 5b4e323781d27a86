"""Transcripts of a given length, made inside a served installation that has its people already."""

from django.db import transaction
from django.utils import timezone

from tests import rows
from tests.bench.transcripts import lines
from tests.cast import Cast
from tests.factories import assembled
from transcripts import lease
from transcripts.actions.assemble import assemble
from transcripts.enums import JobStatus, Stage
from transcripts.models import Chunk, MedicalTranscriptionJob, Membership, Recording, Worker

SECONDS = 11


def _cast() -> Cast:
    members = {m.user.username: m for m in Membership.objects.select_related("user", "practice")}
    return Cast(
        practice=members["eve"].practice,
        editor=members["eve"],
        clinician=members["carla"],
        colleague=members["colin"],
        manager=members["max"],
        auditor=members["ada"],
        outsider=members["otto"],
    )


def make(*plan: tuple[str, int, float]) -> dict[str, str]:
    """plan: (name, words, minutes) each; {name: path}. Their sound is a short recording."""
    cast, made = _cast(), {}
    for number, (name, words, minutes) in enumerate(plan):
        recording = rows.recording(cast, duration=minutes * 60, mrn=f"7{number:04}", name=name)
        assembled(recording, lines(words, minutes * 60))
        made[name] = f"/recordings/{recording.pk}/"
    return made


def begun() -> str:
    """Path of a recording whose first chunk is transcribed and whose second is not."""
    recording = rows.recording(_cast(), mrn="79999", name="Begun")
    job = rows.cut(recording, 2)
    first = lines(10, SECONDS / 2, speakers=0)
    Chunk.objects.filter(job=job, index=0).update(segments=first, done=True)
    Worker.objects.update_or_create(name="texts", defaults={"seen_at": timezone.now()})
    MedicalTranscriptionJob.objects.filter(pk=job.pk).update(
        status=JobStatus.IN_PROGRESS, stage=Stage.TRANSCRIBE
    )
    return f"/recordings/{recording.pk}/"


def finish(path: str) -> None:
    """The machine ends its work on it."""
    job = Recording.objects.get(pk=path.split("/")[2]).jobs.get()
    last = [
        line | {"start": line["start"] + SECONDS / 2, "end": line["end"] + SECONDS / 2}
        for line in lines(8, SECONDS / 2, speakers=0, seed=3)
    ]
    for item in (item for line in last for item in line["items"] if item["start"] is not None):
        item["start"] += SECONDS / 2
        item["end"] += SECONDS / 2
    with transaction.atomic():
        Chunk.objects.filter(job=job, index=1).update(segments=last, done=True)
        MedicalTranscriptionJob.objects.filter(pk=job.pk).update(stage=Stage.ASSEMBLE)
    assemble(lease.claim("texts", job=job))
