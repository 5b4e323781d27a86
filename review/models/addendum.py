"""What is added to a signed document, or stands in its place, while the document stays as it was.

A row without a signature is a draft of its author; with one it never changes again.
"""

import pgtrigger
from django.db import models
from django.db.models import Q
from uuid_utils.compat import uuid7

from review.enums import AddendumKind

# The text is what was signed, byte for byte; its draft may be written anew or thrown away.
FROZEN = """
    PERFORM 1 FROM review_review WHERE id = OLD.review_id FOR UPDATE;
    IF EXISTS (SELECT 1 FROM review_signature WHERE addendum_id = OLD.id) THEN
        RAISE EXCEPTION 'This addendum is signed. It can no longer change.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""
ONLY_TO_A_SIGNED_DOCUMENT = """
    IF (SELECT state FROM review_review WHERE id = NEW.review_id FOR SHARE)
        NOT IN ('signed', 'amended')
    THEN
        RAISE EXCEPTION 'Only a signed document has addenda.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
"""


class Addendum(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    review = models.ForeignKey("review.Review", models.PROTECT, related_name="addenda")
    kind = models.CharField(max_length=10, choices=AddendumKind)
    reason = models.CharField(max_length=500)
    text = models.TextField()
    author = models.ForeignKey("transcripts.Membership", models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(text="") & ~Q(reason=""), name="an_addendum_says_what_and_why"
            )
        ]
        triggers = [
            pgtrigger.Trigger(
                name="frozen_once_signed",
                operation=pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                func=FROZEN,
            ),
            pgtrigger.Trigger(
                name="only_to_a_signed_document",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func=ONLY_TO_A_SIGNED_DOCUMENT,
            ),
        ]

    def __str__(self) -> str:
        return f"Addendum {self.pk}"
