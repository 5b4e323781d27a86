"""Access to one patient's recordings that a clinician took in an emergency, and its review."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from uuid_utils.compat import uuid7

LONGEST = timedelta(minutes=60)


class EmergencyAccess(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey("transcripts.Practice", models.PROTECT, related_name="emergencies")
    member = models.ForeignKey("transcripts.Membership", models.PROTECT, related_name="emergencies")
    patient = models.ForeignKey("transcripts.Patient", models.PROTECT, related_name="emergencies")
    reason = models.CharField(max_length=500)
    began_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    end_told = models.BooleanField(default=False, help_text="Its end is in the audit log.")
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(
        "transcripts.Membership", models.PROTECT, null=True, related_name="+"
    )
    finding = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(reason__regex=r"\S"), name="an_emergency_has_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__lte=F("began_at") + LONGEST),
                name="an_emergency_lasts_an_hour_at_most",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_at__isnull=True, reviewed_by__isnull=True)
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False)
                & ~Q(reviewed_by=F("member")),
                name="an_emergency_is_reviewed_by_another",
            ),
        ]
        indexes = [
            models.Index(fields=["member", "-ends_at"], name="emergency_of_member"),
            models.Index(
                fields=["practice", "-began_at"],
                name="emergency_unreviewed",
                condition=Q(reviewed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"Emergency access {self.pk}"
