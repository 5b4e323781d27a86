"""What another engine made of a finished job's recording, kept to be compared and for nothing else.

It is worked on like a job, but it is none: nobody waits for it, and its text reaches no review.
"""

from django.db import models
from django.db.models import Q
from uuid_utils.compat import uuid7

from transcripts.enums import JobStatus, Stage
from transcripts.models.job import Leased


class Shadow(Leased):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey("transcripts.Practice", models.PROTECT, related_name="shadows")
    job = models.OneToOneField(
        "transcripts.MedicalTranscriptionJob", models.PROTECT, related_name="shadow"
    )
    status = models.CharField(max_length=12, choices=JobStatus, default=JobStatus.QUEUED)
    stage = models.CharField(max_length=12, choices=Stage, default=Stage.PREPARE)
    engine_state = models.JSONField(default=dict, help_text="Where the other engine stands.")
    model = models.CharField(max_length=100, blank=True)
    segments = models.JSONField(default=list, help_text="The lines it heard, as chunks have them.")
    failure_reason = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    completed_at = models.DateTimeField(null=True)
    served_at = models.DateTimeField(null=True, help_text="When somebody last looked after it.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(status=JobStatus.FAILED) | ~Q(failure_reason=""),
                name="a_failed_shadow_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(completed_at__isnull=False)
                | Q(status__in=[JobStatus.QUEUED, JobStatus.IN_PROGRESS]),
                name="an_ended_shadow_has_an_end",
            ),
        ]
        indexes = [
            models.Index(
                fields=["lease_until", "created_at"],
                name="shadow_waiting",
                condition=Q(status__in=["QUEUED", "IN_PROGRESS"]),
            ),
        ]

    def __str__(self) -> str:
        return f"Shadow {self.pk}"
