"""Who had received a document before something was added to it: a task until it is acknowledged.

A row is written with the signature of the addendum or amendment. It is acknowledged by a person, or
by the receiver's own answer to the delivery of the news.
"""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from uuid_utils.compat import uuid7

OF_ONE_DOCUMENT = """
    IF NOT EXISTS (
        SELECT FROM review_signature AS s JOIN review_review AS r ON r.id = s.review_id
        WHERE s.id = NEW.signature_id AND s.addendum_id IS NOT NULL
            AND r.id = NEW.review_id AND r.practice_id = NEW.practice_id
    ) THEN
        RAISE EXCEPTION 'A recipient is told of what was added to this document.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
"""
ACKNOWLEDGED_ONCE = """
    IF OLD.acknowledged_at IS NOT NULL
        OR to_jsonb(OLD) - '{acknowledged_at,acknowledged_by_id,delivery_id}'::text[]
            IS DISTINCT FROM
            to_jsonb(NEW) - '{acknowledged_at,acknowledged_by_id,delivery_id}'::text[]
    THEN
        RAISE EXCEPTION 'A recipient acknowledges once, and nothing else changes.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
"""


class Recipient(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey("transcripts.Practice", models.PROTECT, related_name="recipients")
    review = models.ForeignKey("review.Review", models.PROTECT, related_name="recipients")
    signature = models.ForeignKey(
        "review.Signature",
        models.PROTECT,
        related_name="recipients",
        help_text="That of the addendum or amendment.",
    )
    user = models.ForeignKey("transcripts.User", models.PROTECT, null=True, related_name="+")
    destination = models.ForeignKey(
        "review.Destination", models.PROTECT, null=True, related_name="recipients"
    )
    access_key = models.ForeignKey(
        "transcripts.AccessKey", models.PROTECT, null=True, related_name="+"
    )
    forms = ArrayField(models.CharField(max_length=24), help_text="pdf, hl7, fhir …")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(
        "transcripts.User", models.PROTECT, null=True, related_name="+"
    )
    delivery = models.ForeignKey(
        "review.Delivery",
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="Which the receiver itself acknowledged.",
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, destination__isnull=True, access_key__isnull=True)
                | Q(user__isnull=True, destination__isnull=False, access_key__isnull=True)
                | Q(user__isnull=True, destination__isnull=True, access_key__isnull=False),
                name="a_recipient_is_a_person_or_a_system",
            ),
            models.CheckConstraint(
                condition=Q(
                    acknowledged_at__isnull=True,
                    acknowledged_by__isnull=True,
                    delivery__isnull=True,
                )
                | Q(
                    acknowledged_at__isnull=False,
                    acknowledged_by__isnull=False,
                    delivery__isnull=True,
                )
                | Q(
                    acknowledged_at__isnull=False,
                    acknowledged_by__isnull=True,
                    delivery__isnull=False,
                ),
                name="who_acknowledged_and_when_go_together",
            ),
            *(
                models.UniqueConstraint(
                    fields=["signature", kind], name=f"a_{kind}_is_told_once_of_each"
                )
                for kind in ("user", "destination", "access_key")
            ),
        ]
        indexes = [
            models.Index(
                fields=["practice", "-id"],
                name="recipient_open",
                condition=Q(acknowledged_at__isnull=True),
            )
        ]
        triggers = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="of_one_document",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func=OF_ONE_DOCUMENT,
            ),
            pgtrigger.Trigger(
                name="acknowledged_once",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                func=ACKNOWLEDGED_ONCE,
            ),
        ]

    def __str__(self) -> str:
        return f"Recipient {self.pk}"
