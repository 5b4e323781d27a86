"""One utterance as it stands now. The machine's own is transcripts.MachineSegment."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from uuid_utils.compat import uuid7

from review.models.review import frozen_once_signed


class Segment(models.Model):
    """Items are dicts: id (unique in the review), type, content, start, end, confidence, by."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    review = models.ForeignKey("review.Review", models.PROTECT, related_name="segments")
    transcript = models.ForeignKey(
        "transcripts.Transcript", models.PROTECT, related_name="reviewed_segments"
    )
    position = models.PositiveIntegerField()
    start = models.DecimalField(max_digits=9, decimal_places=3, help_text="Seconds.")
    end = models.DecimalField(max_digits=9, decimal_places=3, help_text="Seconds.")
    speaker = models.CharField(max_length=20, blank=True)
    channel = models.PositiveSmallIntegerField(null=True)
    text = models.TextField(blank=True)
    items = models.JSONField()
    version = models.PositiveIntegerField(default=1)
    edited_by = models.ForeignKey("transcripts.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["transcript", "position"], name="segment_position_unique_in_transcript"
            ),
            models.CheckConstraint(
                condition=Q(end__gte=F("start")), name="review_segment_runs_forward"
            ),
        ]
        triggers = frozen_once_signed(pgtrigger.Insert, pgtrigger.Update, pgtrigger.Delete)

    def __str__(self) -> str:
        return f"Segment {self.pk}"
