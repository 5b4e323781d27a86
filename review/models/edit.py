"""The log of operations on a review: append-only; replayed, it gives the text of today."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from uuid_utils.compat import uuid7

from review.enums import EditKind
from review.models.review import frozen_once_signed

INVERSE = (EditKind.UNDO, EditKind.REDO)


class Edit(models.Model):
    """One operation. `changes` are state changes as review.replay reads them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    review = models.ForeignKey("review.Review", models.PROTECT, related_name="edits")
    seq = models.PositiveIntegerField()
    op_id = models.UUIDField(help_text="Given by the client, so that a repeat does nothing twice.")
    kind = models.CharField(max_length=16, choices=EditKind)
    changes = models.JSONField(
        default=list, help_text="What segments, flags and speakers' names were and are."
    )
    touched = ArrayField(
        models.UUIDField(), default=list, help_text="The segments concerned, the first first."
    )
    undoes = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="undone_by", help_text="Undone by this."
    )
    by = models.ForeignKey("transcripts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["seq"]
        constraints = [
            models.UniqueConstraint(fields=["review", "seq"], name="edit_seq_unique_in_review"),
            models.UniqueConstraint(fields=["review", "op_id"], name="edit_op_unique_in_review"),
            models.CheckConstraint(
                condition=Q(kind__in=INVERSE, undoes__isnull=False)
                | ~Q(kind__in=INVERSE) & Q(undoes__isnull=True),
                name="an_undo_says_of_what",
            ),
        ]
        indexes = [GinIndex(fields=["touched"], name="edit_touched")]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            *frozen_once_signed(pgtrigger.Insert),
        ]

    def __str__(self) -> str:
        return f"Edit {self.pk}"
