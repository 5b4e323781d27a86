"""An invitation to a practice: a link that is good once and for a while. Its token is not kept."""

from django.db import models
from django.db.models import F, Q
from uuid_utils.compat import uuid7

from transcripts.enums import Role


class Invitation(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey("transcripts.Practice", models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=16, choices=Role)
    first_name = models.CharField(max_length=150)
    last_name = models.CharField(max_length=150, blank=True)
    email = models.EmailField(blank=True)
    printed_name = models.CharField(max_length=200, blank=True)
    title = models.CharField(max_length=100, blank=True)
    licence = models.CharField(max_length=100, blank=True)
    token_hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token.")
    invited_by = models.ForeignKey("transcripts.User", models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    used_by = models.ForeignKey("transcripts.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(role=Role.CLINICIAN) | ~Q(printed_name=""),
                name="an_invited_clinician_has_a_printed_name",
            ),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True, used_by__isnull=True)
                | Q(used_at__isnull=False, used_by__isnull=False, withdrawn_at__isnull=True),
                name="an_invitation_is_used_or_withdrawn",
            ),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(used_at__lte=F("expires_at")),
                name="an_invitation_is_used_in_time",
            ),
        ]

    def __str__(self) -> str:
        return f"Invitation {self.pk}"
