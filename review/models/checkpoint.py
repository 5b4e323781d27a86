"""What pins the audit log: signed checkpoints and their keys, checks of the log, and a schedule."""

from django.db import models
from uuid_utils.compat import uuid7

from review.audit import chain
from review.enums import AuditForm, Rhythm


class AuditKey(models.Model):
    """The public half of a key that signs checkpoints; the newest row's is in use. Append-only.

    `endorsement` is the signature of the key before it over this one (base64; "" for the first).
    """

    id = models.BigAutoField(primary_key=True)
    key_id = models.CharField(max_length=64, unique=True)
    public_key = models.TextField(help_text="PEM")
    endorsement = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"Audit key {self.key_id}"


class AuditCheckpoint(models.Model):
    """A signed statement of how long a practice's chain was and what it held. Append-only.

    `frontier` are the roots of the complete subtrees (hex), with which the next checkpoint goes on
    without reading the rows before; it is not signed, since the root says the same.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.UUIDField()
    size = models.BigIntegerField()
    head = models.CharField(max_length=64)
    root = models.CharField(max_length=64)
    time = models.DateTimeField()
    key_id = models.CharField(max_length=64)
    prev = models.CharField(max_length=64, default=chain.GENESIS)
    statement = models.TextField(help_text="Exactly the text that was signed.")
    signature = models.CharField(max_length=100)
    frontier = models.JSONField(default=list)

    class Meta:
        ordering = ["practice", "size"]
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "size"], name="audit_one_checkpoint_a_size"
            ),
            models.UniqueConstraint(fields=["practice", "prev"], name="audit_checkpoints_in_line"),
        ]

    def __str__(self) -> str:
        return f"Checkpoint {self.size} of {self.practice}"


class AuditCheck(models.Model):
    """One look at a whole chain. `broken_seq` and `reason` name what does not hold first."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.UUIDField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(auto_now_add=True)
    ok = models.BooleanField()
    size = models.BigIntegerField()
    head = models.CharField(max_length=64)
    root = models.CharField(max_length=64)
    checkpoints = models.BigIntegerField(default=0)
    broken_seq = models.BigIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["practice", "-id"])]

    def __str__(self) -> str:
        return f"Audit check {self.pk}"


class AuditSchedule(models.Model):
    """How often a practice's log is exported into the storage by itself."""

    practice = models.OneToOneField(
        "transcripts.Practice", on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    rhythm = models.CharField(max_length=8, choices=Rhythm)
    form = models.CharField(max_length=8, choices=AuditForm)
    due_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Audit schedule of {self.practice_id}"
