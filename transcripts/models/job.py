"""A transcription job and its chunks. The rows are the truth; Celery only rings the bell.

Who may work on a row, and for how long, is in its lease (see transcripts.lease).
"""

from django.db import models
from django.db.models import Q
from uuid_utils.compat import uuid7

from transcripts.enums import JobStatus, Stage, Turn


class Leased(models.Model):
    """A row that one worker at a time works on. Every write of a worker must carry its token."""

    lease_owner = models.CharField(max_length=100, blank=True)
    lease_token = models.BigIntegerField(default=0, help_text="Rises by one with each claim.")
    lease_until = models.DateTimeField(null=True, help_text="By the database's clock.")
    attempts = models.PositiveSmallIntegerField(
        default=0, help_text="Claims since the last progress; written before the work begins."
    )

    class Meta:
        abstract = True


class MedicalTranscriptionJob(Leased):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey("transcripts.Practice", models.PROTECT, related_name="jobs")
    recording = models.ForeignKey(
        "transcripts.Recording",
        models.PROTECT,
        null=True,
        related_name="jobs",
        help_text="Null while an AWS client's media is being taken in, or was refused.",
    )
    generation = models.PositiveSmallIntegerField(default=1)
    priority = models.SmallIntegerField(choices=Turn, default=Turn.NORMAL)
    name = models.CharField("MedicalTranscriptionJobName", max_length=200)
    status = models.CharField(max_length=12, choices=JobStatus, default=JobStatus.QUEUED)
    stage = models.CharField(max_length=12, choices=Stage, default=Stage.PREPARE)
    settings = models.JSONField(default=dict, help_text="AWS's Settings member.")
    content_identification = models.CharField(
        max_length=8, blank=True, help_text="AWS's ContentIdentificationType: PHI or nothing."
    )
    vocabulary = models.ForeignKey(
        "transcripts.MedicalVocabulary", models.SET_NULL, null=True, related_name="jobs"
    )
    request = models.JSONField(
        null=True, help_text="The StartMedicalTranscriptionJob request of an AWS client."
    )
    access_key = models.ForeignKey(
        "transcripts.AccessKey", models.SET_NULL, null=True, related_name="jobs"
    )
    tags = models.JSONField(default=dict)
    output_due_at = models.DateTimeField(
        null=True,
        help_text="When the result is to be written to the client's bucket (again); null: never.",
    )
    hidden_at = models.DateTimeField(
        null=True, help_text="Deleted for AWS clients; the recording and its review stay."
    )
    engine = models.CharField(max_length=20)
    engine_state = models.JSONField(default=dict, help_text="Where a remote engine stands.")
    model = models.CharField(max_length=100, blank=True)
    failure_reason = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    served_at = models.DateTimeField(
        null=True, help_text="Last claim; the least served goes first."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "name"],
                condition=Q(hidden_at__isnull=True),
                name="job_name_unique_in_practice",
            ),
            models.UniqueConstraint(
                fields=["recording", "generation"], name="one_job_for_a_generation"
            ),
            models.UniqueConstraint(fields=["practice", "id"], name="job_of_practice"),
            models.CheckConstraint(
                condition=~Q(status=JobStatus.FAILED) | ~Q(failure_reason=""),
                name="a_failed_job_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(completed_at__isnull=False)
                | Q(status__in=[JobStatus.QUEUED, JobStatus.IN_PROGRESS]),
                name="an_ended_job_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(recording__isnull=False) | Q(stage=Stage.INTAKE),
                name="a_job_past_intake_has_a_recording",
            ),
        ]
        indexes = [
            models.Index(
                fields=["served_at", "created_at"],
                name="job_waiting",
                condition=Q(status__in=["QUEUED", "IN_PROGRESS"]),
            ),
            models.Index(
                fields=["output_due_at"],
                name="job_output_due",
                condition=Q(output_due_at__isnull=False),
            ),
            models.Index(
                fields=["practice", "-created_at", "-id"],
                name="job_of_aws_client",
                condition=Q(request__isnull=False, hidden_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"Job {self.pk}"


class Chunk(Leased):
    """A slice of a job's audio: the unit of work, of retry and of resuming."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    job = models.ForeignKey(MedicalTranscriptionJob, models.CASCADE, related_name="chunks")
    index = models.PositiveIntegerField()
    channel = models.PositiveSmallIntegerField(null=True)
    start = models.DecimalField(max_digits=9, decimal_places=3, help_text="Seconds.")
    end = models.DecimalField(max_digits=9, decimal_places=3, help_text="Seconds.")
    audio = models.CharField(max_length=200, help_text="Key of the slice in the storage.")
    done = models.BooleanField(default=False)
    seconds_done = models.DecimalField(max_digits=9, decimal_places=3, default=0)
    segments = models.JSONField(default=list, help_text="What the engine said so far.")
    voices = models.BinaryField(null=True, help_text="Voice vectors, for telling speakers apart.")

    class Meta:
        ordering = ["index"]
        constraints = [
            models.UniqueConstraint(fields=["job", "index"], name="chunk_index_unique_in_job"),
            models.CheckConstraint(condition=Q(end__gt=models.F("start")), name="chunk_has_length"),
        ]

    def __str__(self) -> str:
        return f"Chunk {self.pk}"
