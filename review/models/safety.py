"""What was heard before words were settled, and which checks a practice does without."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from uuid_utils.compat import uuid7

from review.models.review import frozen_once_signed


class Play(models.Model):
    """A stretch of a recording that one browser played, as it reported; the proof of listening."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    review = models.ForeignKey("review.Review", models.PROTECT, related_name="plays")
    user = models.ForeignKey("transcripts.User", models.PROTECT, related_name="+")
    session = models.CharField(max_length=16, help_text="Which browser: a digest of its session.")
    start = models.DecimalField(max_digits=9, decimal_places=3, help_text="Seconds.")
    end = models.DecimalField(max_digits=9, decimal_places=3, help_text="Seconds.")
    rate = models.DecimalField(max_digits=3, decimal_places=2, help_text="1 is as recorded.")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="a_play_runs_forward"),
            models.CheckConstraint(
                condition=Q(rate__gte=0.5, rate__lte=2), name="a_play_can_be_understood"
            ),
        ]
        indexes = [models.Index(fields=["review", "user", "session"], name="play_of_a_browser")]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            *frozen_once_signed(pgtrigger.Insert),
        ]

    def __str__(self) -> str:
        return f"Play {self.pk}"


class CheckOff(models.Model):
    """A safety check that a practice does without, and why; with `ended_at` it did once.

    The audit log tells who switched what and when; the reasons, being text, are only here.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey("transcripts.Practice", models.PROTECT, related_name="checks_off")
    check_name = models.CharField(max_length=20)
    reason = models.CharField(max_length=200)
    by = models.ForeignKey("transcripts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("transcripts.User", models.PROTECT, null=True, related_name="+")
    ended_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "check_name"],
                condition=Q(ended_at__isnull=True),
                name="a_check_is_off_once_in_a_practice",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_check_off_has_a_reason"),
        ]
        triggers = [pgtrigger.Protect(name="kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"Check off {self.pk}"
