"""What the machine said, kept for ever as it was said. The text people edit lives in review."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from uuid_utils.compat import uuid7


def append_only() -> list[pgtrigger.Protect]:
    return [
        pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
    ]


class Transcript(models.Model):
    """One for each generation of a recording."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    recording = models.ForeignKey(
        "transcripts.Recording", models.PROTECT, related_name="transcripts"
    )
    job = models.OneToOneField(
        "transcripts.MedicalTranscriptionJob", models.PROTECT, related_name="transcript"
    )
    engine = models.CharField(max_length=20)
    model = models.CharField(max_length=100)
    entities = models.JSONField(default=list, help_text="Protected health information found.")
    warnings = models.JSONField(default=list, help_text="Stages that failed: code and sentence.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        triggers = append_only()

    def __str__(self) -> str:
        return f"Transcript {self.pk}"


class MachineSegment(models.Model):
    """One utterance. Items are dicts: id, type, content, start, end, confidence, by and more."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    transcript = models.ForeignKey(Transcript, models.PROTECT, related_name="segments")
    index = models.PositiveIntegerField()
    start = models.DecimalField(max_digits=9, decimal_places=3, help_text="Seconds.")
    end = models.DecimalField(max_digits=9, decimal_places=3, help_text="Seconds.")
    speaker = models.CharField(max_length=20, blank=True)
    channel = models.PositiveSmallIntegerField(null=True)
    items = models.JSONField()
    alternatives = models.JSONField(default=list, help_text="Other readings: lists of items.")

    class Meta:
        ordering = ["index"]
        constraints = [
            models.UniqueConstraint(
                fields=["transcript", "index"], name="segment_index_unique_in_transcript"
            ),
            models.CheckConstraint(condition=Q(end__gte=F("start")), name="segment_runs_forward"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"Machine segment {self.pk}"
