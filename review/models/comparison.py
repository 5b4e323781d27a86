"""Where a machine transcript differs from another engine's of the same recording. Never changes."""

import pgtrigger
from django.db import models
from uuid_utils.compat import uuid7


class Comparison(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey("transcripts.Practice", models.PROTECT, related_name="comparisons")
    transcript = models.OneToOneField(
        "transcripts.Transcript", models.PROTECT, related_name="comparison"
    )
    ours = models.PositiveIntegerField(help_text="Words of the transcript.")
    theirs = models.PositiveIntegerField(help_text="Words of the other engine's.")
    same = models.PositiveIntegerField(help_text="Words that both heard.")
    kinds = models.JSONField(help_text="By class: of (words of the transcript), differ (places).")
    places = models.JSONField(help_text="See review.differences.Place; in order of time.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"Comparison {self.pk}"
