"""A word, or several, that someone must confirm or correct before the document can be signed."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from uuid_utils.compat import uuid7

from review.enums import FlagState, Reason
from review.models.review import frozen_once_signed


class Flag(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    review = models.ForeignKey("review.Review", models.PROTECT, related_name="flags")
    segment = models.ForeignKey("review.Segment", models.PROTECT, related_name="flags")
    items = ArrayField(models.CharField(max_length=64), help_text="Ids of the segment's items.")
    reason = models.CharField(max_length=20, choices=Reason)
    note = models.CharField(max_length=500, blank=True, help_text="What is asked, or was typed.")
    state = models.CharField(max_length=10, choices=FlagState, default=FlagState.OPEN)
    critical = models.BooleanField(
        default=False, help_text="Settled only by somebody who has heard its audio."
    )
    sentence = models.TextField(blank=True, help_text="What a safety check says about the words.")
    alternatives = ArrayField(
        models.CharField(max_length=64), default=list, help_text="What may be meant instead."
    )
    play = models.ForeignKey(
        "review.Play",
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="The last of what its resolver had played.",
    )
    resolved_by = models.ForeignKey("transcripts.User", models.PROTECT, null=True, related_name="+")
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state=FlagState.OPEN, resolved_by__isnull=True, resolved_at__isnull=True
                )
                | ~Q(state=FlagState.OPEN)
                & Q(resolved_by__isnull=False, resolved_at__isnull=False),
                name="a_resolved_flag_says_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(critical=False)
                | ~Q(state__in=[FlagState.CONFIRMED, FlagState.CORRECTED])
                | Q(play__isnull=False),
                name="a_critical_flag_is_settled_by_ear",
            ),
        ]
        indexes = [
            models.Index(fields=["review"], name="flag_open", condition=Q(state=FlagState.OPEN))
        ]
        triggers = frozen_once_signed(pgtrigger.Insert, pgtrigger.Update, pgtrigger.Delete)

    def __str__(self) -> str:
        return f"Flag {self.pk}"
