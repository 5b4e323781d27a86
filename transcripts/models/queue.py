"""How the installation's queue is served now: one row at most. Without a row it is open."""

from django.db import models
from django.db.models import Q

from transcripts.enums import QueueMode


class Queue(models.Model):
    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    mode = models.CharField(max_length=8, choices=QueueMode, default=QueueMode.OPEN)
    reason = models.CharField(max_length=200, blank=True)
    changed_by = models.ForeignKey("transcripts.User", models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="there_is_one_queue"),
            models.CheckConstraint(
                condition=Q(mode__in=QueueMode.values), name="queue_mode_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.get_mode_display()
