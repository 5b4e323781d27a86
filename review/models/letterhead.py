"""The practice's letterhead: every version of it, since a signed document keeps the one it had."""

import pgtrigger
from django.db import models
from django.db.models import Q
from uuid_utils.compat import uuid7


class Letterhead(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey("transcripts.Practice", models.PROTECT, related_name="letterheads")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    address = models.CharField(max_length=400, blank=True, help_text="Lines.")
    phone = models.CharField(max_length=60, blank=True)
    logo = models.BinaryField(blank=True, help_text="PNG, as this program wrote it; may be empty.")
    created_by = models.ForeignKey("transcripts.User", models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["practice", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "number"], name="letterhead_number_unique_in_practice"
            ),
            models.CheckConstraint(
                condition=~Q(name="") & Q(number__gte=1), name="a_letterhead_names_the_practice"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"Letterhead {self.pk}"
