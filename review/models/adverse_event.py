"""Suspected adverse drug events in signed documents: the worklist of drug safety."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from uuid_utils.compat import uuid7

from review.enums import Causality, Suspicion

# What was found belongs to a document that is signed to the end, of the same review and practice.
ONLY_OF_A_SIGNED_DOCUMENT = """
    IF NOT EXISTS (
        SELECT 1 FROM review_signature AS s JOIN review_review AS r ON r.id = s.review_id
        WHERE s.id = NEW.signature_id AND r.practice_id = NEW.practice_id
            AND r.state IN ('signed', 'amended')
            AND s.meaning IN ('author-attested', 'amended')
    ) THEN
        RAISE EXCEPTION 'Adverse events are looked for in signed documents only.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
"""


def only_of_a_signed_document() -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="only_of_a_signed_document",
        operation=pgtrigger.Insert,
        when=pgtrigger.Before,
        func=ONLY_OF_A_SIGNED_DOCUMENT,
    )


class AdverseEvent(models.Model):
    """A drug and a reaction that a signed document brings together, and what was decided of it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey(
        "transcripts.Practice", models.PROTECT, related_name="adverse_events"
    )
    signature = models.ForeignKey("review.Signature", models.PROTECT, related_name="adverse_events")
    drug = models.CharField(max_length=100, help_text="As said, in small letters.")
    reaction = models.CharField(max_length=100, help_text="As said, in small letters.")
    cue = models.CharField(max_length=60, help_text="The words that join them.")
    evidence = models.TextField(help_text="The sentence, or two, of the signed text.")
    start = models.DecimalField(
        max_digits=9, decimal_places=3, null=True, help_text="Seconds; null where nothing is timed."
    )
    end = models.DecimalField(max_digits=9, decimal_places=3, null=True, help_text="Seconds.")
    state = models.CharField(max_length=8, choices=Suspicion, default=Suspicion.OPEN)
    causality = models.CharField(max_length=10, choices=Causality, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    decided_by = models.ForeignKey("transcripts.User", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    found_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["signature", "drug", "reaction"], name="one_suspicion_of_a_document"
            ),
            models.CheckConstraint(
                condition=Q(
                    state=Suspicion.OPEN,
                    decided_by__isnull=True,
                    decided_at__isnull=True,
                    causality="",
                    reason="",
                )
                | Q(
                    state=Suspicion.ACCEPTED,
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                )
                & ~Q(causality="")
                | Q(
                    state=Suspicion.REJECTED,
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                    causality="",
                )
                & ~Q(reason=""),
                name="a_decided_suspicion_says_who_when_and_why",
            ),
            models.CheckConstraint(
                condition=Q(start__isnull=True, end__isnull=True) | Q(end__gt=F("start")),
                name="a_suspicion_is_heard_forward",
            ),
        ]
        indexes = [models.Index(fields=["practice", "state", "-id"], name="suspicion_of_practice")]
        triggers = [
            only_of_a_signed_document(),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="as_found",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    *("practice", "signature", "drug", "reaction", "cue", "evidence"),
                    *("start", "end", "found_at"),
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"Adverse event {self.pk}"


class AdverseEventSearch(models.Model):
    """A signed document was looked through for adverse events: once, by these rules."""

    signature = models.OneToOneField(
        "review.Signature", models.PROTECT, primary_key=True, related_name="adverse_event_search"
    )
    practice = models.ForeignKey("transcripts.Practice", models.PROTECT, related_name="+")
    rules = models.CharField(max_length=60, help_text="Version of the rules and their terms.")
    found = models.PositiveSmallIntegerField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        triggers = [
            only_of_a_signed_document(),
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"Search of signature {self.signature_id}"
