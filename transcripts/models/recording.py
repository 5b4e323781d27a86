"""One stored recording: its media, what probing found in it, and what it is about."""

from decimal import Decimal

import pgtrigger
from django.db import models
from django.db.models import Q
from uuid_utils.compat import uuid7

from transcripts.enums import Source, Specialty, Type

CONTENT = ("practice", "media", "sha256", "duration", "sample_rate", "channels", "source")


def clock_time(seconds: Decimal) -> str:
    """Minutes and seconds, with hours where there are any: 0:57, 1:02:03."""
    minutes, seconds = divmod(int(seconds + 1) if seconds % 1 else int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


class Recording(models.Model):
    """Exists only once its media was probed, hashed and stored; its content never changes."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey("transcripts.Practice", models.PROTECT, related_name="recordings")
    patient = models.ForeignKey(
        "transcripts.Patient", models.PROTECT, null=True, related_name="recordings"
    )
    author = models.ForeignKey(
        "transcripts.Membership", models.PROTECT, null=True, related_name="authored_recordings"
    )
    uploaded_by = models.ForeignKey("transcripts.User", models.PROTECT, related_name="+")
    source = models.CharField(max_length=8, choices=Source, default=Source.UPLOAD)
    specialty = models.CharField(max_length=20, choices=Specialty)
    type = models.CharField(max_length=16, choices=Type)
    encounter_date = models.DateField()
    original_name = models.CharField(max_length=255)
    media = models.CharField(max_length=200, unique=True, help_text="Key in the storage.")
    playback = models.CharField(
        max_length=200,
        blank=True,
        help_text="Key of a copy for browsers that can't play the media.",
    )
    size = models.BigIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    media_format = models.CharField(max_length=8)
    codec = models.CharField(max_length=40)
    sample_rate = models.PositiveIntegerField(help_text="Hertz.")
    playable = models.BooleanField(help_text="Browsers can play the media as it is.")
    channels = models.PositiveSmallIntegerField()
    duration = models.DecimalField(max_digits=9, decimal_places=3, help_text="Seconds.")
    peaks = models.CharField(max_length=200, help_text="Key of the waveform's peaks.")
    live_seq = models.BigIntegerField(
        default=0, help_text="Number of the last live message about this recording."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "id"], name="recording_of_practice"),
            models.CheckConstraint(condition=Q(duration__gt=0), name="recording_has_sound"),
            models.CheckConstraint(
                condition=Q(channels__gte=1, channels__lte=2), name="recording_is_mono_or_stereo"
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="recording_sha256_is_hex"
            ),
        ]
        indexes = [
            models.Index(fields=["practice", "-created_at"]),
            models.Index(fields=["practice", "author"], name="recording_of"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="content_is_immutable",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(*CONTENT),
            )
        ]

    def __str__(self) -> str:
        return f"Recording {self.pk}"

    @property
    def author_name(self) -> str:
        """The author's printed name; empty while a recording from an AWS client has none."""
        return (self.author.printed_name or self.author.user.name) if self.author else ""

    @property
    def duration_display(self) -> str:
        return clock_time(self.duration)
