"""A file on its way in, in pieces: how much of it has come, and what became of it.

Only bytes: whose recording it is, and the file's name, come with the form that ends the upload.
"""

from django.db import models
from django.db.models import F, Q
from uuid_utils.compat import uuid7


class Upload(models.Model):
    """Lives for a day after its last byte; also as a recording, so that none is made twice."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey("transcripts.Practice", models.PROTECT, related_name="uploads")
    by = models.ForeignKey("transcripts.User", models.PROTECT, related_name="+")
    folder = models.CharField(max_length=200, unique=True, help_text="Of the storage: its pieces.")
    length = models.BigIntegerField(help_text="Bytes of the whole file.")
    offset = models.BigIntegerField(default=0, help_text="Bytes that are kept, from the first on.")
    changed_at = models.DateTimeField(auto_now_add=True, help_text="When the last byte came.")
    recording = models.OneToOneField(
        "transcripts.Recording", models.PROTECT, null=True, related_name="upload"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(offset__gte=0, offset__lte=F("length")), name="no_more_than_the_file"
            ),
            models.CheckConstraint(
                condition=Q(recording__isnull=True) | Q(offset=F("length")),
                name="only_a_whole_file_is_a_recording",
            ),
        ]

    def __str__(self) -> str:
        return f"Upload {self.pk}"

    @property
    def whole(self) -> bool:
        return self.offset == self.length
