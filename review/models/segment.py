"""One utterance as it stands now. The machine's own is transcripts.MachineSegment."""

from decimal import Decimal

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from uuid_utils.compat import uuid7

from review.models.review import frozen_once_signed

PLACES = 9
STEP = Decimal(1).scaleb(-PLACES)


class Segment(models.Model):
    """Items are dicts: id (unique in the review), type, content, start, end, confidence, by.

    A segment merged into another stays as a row, removed and without items.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    review = models.ForeignKey("review.Review", models.PROTECT, related_name="segments")
    transcript = models.ForeignKey(
        "transcripts.Transcript",
        models.PROTECT,
        null=True,
        related_name="reviewed_segments",
        help_text="Null: a line that was edited while the machine still worked.",
    )
    machine = models.ForeignKey(
        "transcripts.MachineSegment",
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="What it began as; null for one that an edit made.",
    )
    origins = ArrayField(
        models.PositiveIntegerField(),
        default=list,
        help_text="Indexes of the machine's segments that its words come from.",
    )
    position = models.DecimalField(
        max_digits=15,
        decimal_places=PLACES,
        help_text="Order in the transcript; whole for the machine's, with room between.",
    )
    removed = models.BooleanField(default=False)
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
                fields=["transcript", "position"],
                name="segment_position_unique_in_transcript",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                condition=Q(removed=False) | Q(items=[], text=""),
                name="a_removed_segment_has_no_words",
            ),
            models.CheckConstraint(
                condition=Q(end__gte=F("start")), name="review_segment_runs_forward"
            ),
        ]
        triggers = frozen_once_signed(pgtrigger.Insert, pgtrigger.Update, pgtrigger.Delete)

    def __str__(self) -> str:
        return f"Segment {self.pk}"
