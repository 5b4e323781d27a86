"""Where news of a practice's documents goes, and what is still owed there. Tables only.

A delivery is written in the transaction of the act it tells of, so a receiver that is away loses
nothing; how it is sent is in review.actions.outbox.
"""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from uuid_utils.compat import uuid7

from review.enums import DeliveryState, DestinationKind, News


class Destination(models.Model):
    """A webhook (`address` is its https URL) or an HL7 receiver (`address` is host:port)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey(
        "transcripts.Practice", models.PROTECT, related_name="destinations"
    )
    kind = models.CharField(max_length=8, choices=DestinationKind)
    label = models.CharField(max_length=100)
    address = models.CharField(max_length=500)
    news = ArrayField(models.CharField(max_length=24, choices=News))
    encrypted_secret = models.BinaryField(
        help_text="Signs a webhook's messages, under the master key; empty for HL7."
    )
    receiver = models.CharField(
        max_length=100, blank=True, help_text="HL7's receiving application^facility."
    )
    tls = models.BooleanField(default=False, help_text="HL7 over TLS.")
    created_by = models.ForeignKey("transcripts.User", models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind=DestinationKind.WEBHOOK) | Q(address__startswith="http"),
                name="a_webhook_has_a_web_address",
            )
        ]

    def __str__(self) -> str:
        return f"Destination {self.pk}"


class Delivery(models.Model):
    """One piece of news that one destination is owed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    destination = models.ForeignKey(Destination, models.PROTECT, related_name="deliveries")
    number = models.BigIntegerField(help_text="Counts the destination's deliveries; their order.")
    news = models.CharField(max_length=24, choices=News)
    recording = models.ForeignKey("transcripts.Recording", models.PROTECT, related_name="+")
    signature = models.ForeignKey("review.Signature", models.PROTECT, null=True, related_name="+")
    subject = models.UUIDField(help_text="What the news is of: a job, a review or a signature.")
    again_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="repeats")
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.OWED)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(null=True, help_text="Next attempt; null once it is settled.")
    outcome = models.CharField(
        max_length=40, blank=True, help_text="What the last attempt came to: a code, never words."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["destination", "number"], name="delivery_number_unique_in_destination"
            ),
            models.UniqueConstraint(
                fields=["destination", "news", "subject"],
                condition=Q(again_of__isnull=True),
                name="news_is_owed_once",
            ),
            models.CheckConstraint(
                condition=Q(state=DeliveryState.OWED, due_at__isnull=False, settled_at__isnull=True)
                | ~Q(state=DeliveryState.OWED) & Q(due_at__isnull=True, settled_at__isnull=False),
                name="a_settled_delivery_is_not_due",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="delivery_due", condition=Q(due_at__isnull=False))
        ]
        triggers = [pgtrigger.Protect(name="kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"Delivery {self.pk}"
