"""The log of operations on a review: append-only; replayed, it gives the text of today."""

import pgtrigger
from django.db import models
from uuid_utils.compat import uuid7

from review.enums import EditKind
from review.models.review import frozen_once_signed


class Edit(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    review = models.ForeignKey("review.Review", models.PROTECT, related_name="edits")
    seq = models.PositiveIntegerField()
    op_id = models.UUIDField(help_text="Given by the client, so that a repeat does nothing twice.")
    kind = models.CharField(max_length=16, choices=EditKind)
    segment = models.ForeignKey("review.Segment", models.PROTECT, related_name="edits")
    base_version = models.PositiveIntegerField()
    before = models.JSONField(help_text="Items before, or the ids of the words confirmed.")
    after = models.JSONField(help_text="Items afterwards; null where none changed.", null=True)
    by = models.ForeignKey("transcripts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["seq"]
        constraints = [
            models.UniqueConstraint(fields=["review", "seq"], name="edit_seq_unique_in_review"),
            models.UniqueConstraint(fields=["review", "op_id"], name="edit_op_unique_in_review"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            *frozen_once_signed(pgtrigger.Insert),
        ]

    def __str__(self) -> str:
        return f"Edit {self.pk}"
