"""The practice, which is the tenant, and who belongs to it."""

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from uuid_utils.compat import uuid7

from transcripts.enums import EngineName, Role, Specialty, Turn, Type


class Practice(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=200)
    bucket = models.CharField(
        max_length=64,
        unique=True,
        help_text="The practice's bucket, where AWS clients put media and find results.",
    )
    confidence_threshold = models.DecimalField(
        max_digits=3,
        decimal_places=2,
        default=Decimal("0.80"),
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(1))],
        help_text="Machine words below this confidence are marked for review.",
    )
    engine = models.CharField(
        max_length=20, choices=EngineName, blank=True, help_text="Empty: the site's default."
    )
    queue_priority = models.SmallIntegerField(
        choices=Turn, default=Turn.NORMAL, help_text="Of all of the practice's jobs."
    )
    queue_paused = models.BooleanField(
        default=False, help_text="Workers take up none of the practice's jobs."
    )
    default_specialty = models.CharField(
        max_length=20, choices=Specialty, blank=True, help_text="What an upload begins with."
    )
    default_type = models.CharField(
        max_length=12, choices=Type, blank=True, help_text="What an upload begins with."
    )
    signed_copies = models.BooleanField(
        default=False, help_text="Write signed documents beside an AWS client's results."
    )
    shadow = models.BooleanField(
        default=False,
        help_text="Where the site has COUNTERSIGN_SHADOW=aws: also send each finished recording to "
        "Amazon Transcribe Medical, at a cost, and show where both transcripts differ.",
    )
    keep_streams = models.BooleanField(
        default=True,
        help_text="Live streams of AWS clients become recordings; off: nothing of them is stored.",
    )
    second_factor_roles = ArrayField(
        models.CharField(max_length=16, choices=Role),
        default=list,
        blank=True,
        help_text="Roles that must have a second factor.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(confidence_threshold__gte=0, confidence_threshold__lte=1),
                name="practice_threshold_is_a_share",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person's role in a practice; for clinicians also what a signature prints."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey("transcripts.User", models.CASCADE, related_name="memberships")
    practice = models.ForeignKey(Practice, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role)
    printed_name = models.CharField(max_length=200, blank=True)
    title = models.CharField(max_length=100, blank=True)
    licence = models.CharField(max_length=100, blank=True)
    cosigned = models.BooleanField(
        default=False,
        help_text="What this clinician signs needs another clinician's co-signature.",
    )
    disabled_at = models.DateTimeField(
        null=True, blank=True, help_text="Set: the person has no access any more; history stays."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "practice"], name="one_role_in_a_practice"),
            models.UniqueConstraint(fields=["practice", "id"], name="member_of_practice"),
            models.CheckConstraint(
                condition=~Q(role=Role.CLINICIAN) | ~Q(printed_name=""),
                name="a_clinician_has_a_printed_name",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.pk}"
