"""Puts the transcript together once all chunks of a job are done."""

from django.db import transaction
from django.db.models.functions import Now

from transcripts import events, lease, live, media
from transcripts.actions import stages
from transcripts.enums import Action, JobStatus
from transcripts.lease import Unit
from transcripts.models import Chunk, MachineSegment, MedicalTranscriptionJob, Transcript


def assemble(unit: Unit) -> None:
    """Stores the machine's transcript and completes the job, in one transaction."""
    chunks = list(Chunk.objects.filter(job=unit.job).order_by("index"))
    jobs = MedicalTranscriptionJob.objects.select_related("recording", "vocabulary")
    finished = stages.finish(jobs.get(pk=unit.job.pk), chunks)
    with transaction.atomic():
        lease.write(unit, status=JobStatus.COMPLETED, completed_at=Now(), **lease.RELEASED)
        job = MedicalTranscriptionJob.objects.select_related("recording").get(pk=unit.job.pk)
        store(job, finished)
        events.about(job.recording, Action.JOB_COMPLETED, job=str(job.pk))
        live.announce(practice_id=job.practice_id, recording_id=job.recording_id, kind="reload")
        # All attempts' chunks: those of a worker that died while cutting have no rows.
        folder = job.recording.media.rpartition("/")[0]
        transaction.on_commit(lambda: media.delete_folders(folder, "chunks-"))


def store(job: MedicalTranscriptionJob, finished: stages.Finished) -> None:
    """Stores the machine's transcript of a job, within the transaction that completes it."""
    transcript = Transcript.objects.create(
        recording=job.recording,
        job=job,
        engine=job.engine,
        model=job.model,
        entities=_with_ids(finished),
        warnings=finished.warnings,
    )
    rows = _segments(transcript, finished.lines)
    MachineSegment.objects.bulk_create(rows, batch_size=500)


def _with_ids(finished: stages.Finished) -> list[dict]:
    """Entities with the ids of their items, which count through the transcript from m0."""
    first, starts = 0, []
    for line in finished.lines:
        starts.append(first)
        first += len(line["items"])
    return [
        entity
        | {
            "ids": [
                f"m{starts[entity['line']] + n}"
                for n in range(entity["items"][0], entity["items"][1] + 1)
            ]
        }
        for entity in finished.entities
    ]


def _segments(transcript: Transcript, lines: list[dict]) -> list[MachineSegment]:
    segments, number = [], 0
    for index, line in enumerate(lines):
        items = []
        for item in line["items"]:
            items.append({**item, "id": f"m{number}"})
            number += 1
        segments.append(
            MachineSegment(
                transcript=transcript,
                index=index,
                start=line["start"],
                end=line["end"],
                speaker=line["speaker"] or "",
                channel=line["channel"],
                items=items,
                alternatives=line.get("alternatives", []),
            )
        )
    return segments
