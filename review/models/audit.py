"""The audit log: one hash chain for each practice. Rows are only ever added.

No foreign keys: the log outlives whatever it speaks of. Acts outside any practice, such as a
log-in under an unknown name, form a chain of their own under SYSTEM.
"""

from uuid import UUID

from django.db import models
from uuid_utils.compat import uuid7

from review.audit import chain

SYSTEM = UUID(int=0)


class AuditHead(models.Model):
    """The last link of a practice's chain. Its row lock puts the writers in line."""

    practice = models.UUIDField(primary_key=True)
    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=chain.GENESIS)

    def __str__(self) -> str:
        return f"Audit head {self.practice}"


class AuditEvent(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.UUIDField()
    seq = models.BigIntegerField()
    time = models.DateTimeField()
    actor_id = models.CharField(max_length=36, blank=True)
    actor_display = models.CharField(max_length=200)
    actor_role = models.CharField(max_length=16, blank=True)
    action = models.CharField(max_length=40)
    object_type = models.CharField(max_length=40, blank=True)
    object_id = models.CharField(max_length=36, blank=True)
    object_version = models.CharField(max_length=40, blank=True)
    outcome = models.CharField(max_length=8)
    patient = models.CharField(max_length=36, blank=True)
    detail = models.JSONField(default=dict)
    request = models.JSONField(default=dict)
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    canonical = models.TextField(help_text="Exactly the text whose SHA-256 is the hash.")

    class Meta:
        ordering = ["practice", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["practice", "seq"], name="audit_seq_unique_in_chain"),
            models.UniqueConstraint(fields=["practice", "prev_hash"], name="audit_never_forks"),
        ]
        indexes = [
            models.Index(fields=["practice", "actor_id", "-seq"]),
            models.Index(fields=["practice", "patient", "-seq"]),
            models.Index(fields=["practice", "action", "-seq"]),
            models.Index(fields=["practice", "time"], name="audit_in_time"),
        ]

    def __str__(self) -> str:
        return f"Audit event {self.seq} of {self.practice}"

    def row(self) -> chain.Row:
        """The stored columns as the chain checks them."""
        return chain.Row(
            seq=self.seq,
            time=chain.stamp(self.time),
            practice=str(self.practice),
            actor={
                "id": self.actor_id or None,
                "display": self.actor_display,
                "role": self.actor_role or None,
            },
            action=self.action,
            object={
                "type": self.object_type,
                "id": self.object_id or None,
                "version": self.object_version or None,
            },
            outcome=self.outcome,
            detail=self.detail,
            patient=self.patient or None,
            request=self.request,
            prev_hash=self.prev_hash,
            hash=self.hash,
            canonical=self.canonical,
        )
