"""E-mail notices that people are owed. Ids only: neither the row nor the mail knows a patient."""

from django.db import models
from django.db.models import Q
from uuid_utils.compat import uuid7

from review.enums import DeliveryState, NoticeKind


class Notice(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey("transcripts.Practice", models.PROTECT, related_name="+")
    member = models.ForeignKey("transcripts.Membership", models.PROTECT, related_name="notices")
    recording = models.ForeignKey("transcripts.Recording", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=NoticeKind)
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.OWED)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True, help_text="Next attempt; null once it is settled.")
    outcome = models.CharField(max_length=60, blank=True, help_text="A code, never words.")
    created_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "recording", "kind"],
                condition=Q(state=DeliveryState.OWED),
                name="a_notice_is_owed_once",
            ),
            models.CheckConstraint(
                condition=Q(state=DeliveryState.OWED, due_at__isnull=False, settled_at__isnull=True)
                | ~Q(state=DeliveryState.OWED) & Q(due_at__isnull=True, settled_at__isnull=False),
                name="a_settled_notice_is_not_due",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="notice_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["settled_at"], name="notice_settled"),
        ]

    def __str__(self) -> str:
        return f"Notice {self.pk}"
