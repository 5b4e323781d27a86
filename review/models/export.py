"""Files made in the background: asked for, made by a worker, fetched, and gone after their time."""

from django.conf import settings
from django.db import models
from uuid_utils.compat import uuid7

from review.enums import ExportState


class Export(models.Model):
    """One file. `parameters` holds ids, dates and codes only; `requested_by` is null for duties."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey(
        "transcripts.Practice", on_delete=models.PROTECT, related_name="exports"
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    kind = models.CharField(max_length=40)
    parameters = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=ExportState, default=ExportState.WAITING)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Null: kept")
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0, help_text="0 while it is not known")
    attempts = models.PositiveSmallIntegerField(default=0)
    token = models.BigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    key = models.CharField(max_length=300, blank=True, help_text="Of the stored object")
    size = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    found = models.JSONField(
        default=dict, help_text="What the maker said about it: numbers, hashes"
    )
    error = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["practice", "-id"]),
            models.Index(
                fields=["created_at"],
                name="export_unfinished",
                condition=models.Q(state__in=("waiting", "running")),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="export_ready_has_its_file",
                condition=~models.Q(state="ready") | ~models.Q(key="") & ~models.Q(sha256=""),
            )
        ]

    def __str__(self) -> str:
        return f"Export {self.pk}"
