"""What signed documents say instead of the machine's words, and what was decided about it."""

import pgtrigger
from django.db import models
from uuid_utils.compat import uuid7

from review.enums import TermChoice
from review.models.threshold import ONLY_OF_A_SIGNED_DOCUMENT, append_only


class Corrections(models.Model):
    """The corrections of one signed document: see review.quality.corrections."""

    review = models.OneToOneField(
        "review.Review", models.PROTECT, primary_key=True, related_name="corrections"
    )
    practice = models.ForeignKey("transcripts.Practice", models.PROTECT, related_name="+")
    pairs = models.JSONField(help_text="Lists: heard, written, start and end in seconds.")
    signed_at = models.DateTimeField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "corrections"
        indexes = [models.Index(fields=["practice", "signed_at"], name="corrections_in_time")]
        triggers = [
            append_only(),
            pgtrigger.Trigger(
                name="signed",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func=ONLY_OF_A_SIGNED_DOCUMENT,
            ),
        ]

    def __str__(self) -> str:
        return f"Corrections of review {self.pk}"


class TermDecision(models.Model):
    """A frequent correction that was put into a vocabulary, or dismissed for good."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey("transcripts.Practice", models.PROTECT, related_name="+")
    heard = models.CharField(max_length=255)
    written = models.CharField(max_length=255)
    choice = models.CharField(max_length=9, choices=TermChoice)
    vocabulary = models.CharField(max_length=200, blank=True, help_text="Its name, if added.")
    by = models.ForeignKey("transcripts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "heard", "written"], name="one_decision_on_a_correction"
            )
        ]

    def __str__(self) -> str:
        return f"Decision on a correction {self.pk}"
