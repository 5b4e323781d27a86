"""Disputes about findings of a second review, and what is said in them."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from uuid_utils.compat import uuid7

from review.enums import Outcome
from review.models.quality import GRAVE, SEVERITIES, Finding, trigger
from review.models.threshold import append_only

ONLY_OF_A_CLOSED_ONE = """
    IF NOT EXISTS (
        SELECT FROM review_finding AS f JOIN review_secondreview AS s ON s.id = f.second_id
        WHERE f.id = NEW.finding_id AND s.state = 'closed' AND f.verdict = 'signed_wrong'
    ) THEN
        RAISE EXCEPTION 'Only an error of a closed second review can be disputed.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
"""


class Dispute(models.Model):
    """A reviewer does not agree with a finding; its remarks are the thread."""

    finding = models.OneToOneField(
        Finding, models.PROTECT, primary_key=True, related_name="dispute"
    )
    practice = models.ForeignKey("transcripts.Practice", models.PROTECT, related_name="+")
    opened_by = models.ForeignKey("transcripts.User", models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(auto_now_add=True)
    outcome = models.CharField(max_length=7, choices=Outcome, blank=True)
    severity = models.CharField(max_length=8, choices=SEVERITIES, blank=True)
    resolved_by = models.ForeignKey("transcripts.User", models.PROTECT, null=True, related_name="+")
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="", resolved_by__isnull=True, resolved_at__isnull=True)
                | ~Q(outcome="") & Q(resolved_by__isnull=False, resolved_at__isnull=False),
                name="a_resolved_dispute_says_who_and_how",
            ),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.CHANGED, severity__in=GRAVE)
                | ~Q(outcome=Outcome.CHANGED) & Q(severity=""),
                name="a_changed_finding_has_another_severity",
            ),
            models.CheckConstraint(
                condition=Q(resolved_by__isnull=True) | ~Q(resolved_by=F("opened_by")),
                name="nobody_resolves_their_own_dispute",
            ),
        ]
        triggers = [
            trigger("of_a_closed_one", pgtrigger.Insert, ONLY_OF_A_CLOSED_ONE),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="kept_once_resolved",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__resolved_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"Dispute of finding {self.pk}"


class Remark(models.Model):
    """One contribution to a dispute. Never changes."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey("transcripts.Practice", models.PROTECT, related_name="+")
    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="remarks")
    by = models.ForeignKey("transcripts.User", models.PROTECT, related_name="+")
    text = models.CharField(max_length=1000)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="a_remark_has_words")]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"Remark {self.pk}"
