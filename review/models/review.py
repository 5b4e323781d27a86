"""The review of one recording: where it stands, whose it is, and what must be looked at in it."""

from uuid import UUID

import pgtrigger
from django.db import models
from django.db.models import F, Q
from uuid_utils.compat import uuid7

from review.enums import FINAL, FROZEN, TRANSITIONS, Meaning, Pend, Priority, State

REFUSE_ONCE_SIGNED = """
    PERFORM 1 FROM review_review WHERE id IN ({rows}) ORDER BY id FOR SHARE;
    IF EXISTS (
        SELECT 1 FROM review_review
        WHERE id IN ({rows}) AND state IN ('cosigning', 'signed', 'amended')
    ) THEN
        RAISE EXCEPTION 'This document is signed. It can no longer change.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""


# Deferred to the end of the transaction: state and signature may come in either order.
ONLY_WITH_A_SIGNATURE = """
    IF NEW.state IN ('cosigning', 'signed', 'amended') AND NOT EXISTS (
        SELECT 1 FROM review_signature AS s WHERE s.review_id = NEW.id AND CASE NEW.state
            WHEN 'amended' THEN s.addendum_id IS NOT NULL
            ELSE s.addendum_id IS NULL AND s.meaning IN ('author-attested', 'co-signed') END
    ) THEN
        RAISE EXCEPTION 'A document is signed by its signature alone.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
"""


def frozen_once_signed(*operations: pgtrigger.Operation) -> list[pgtrigger.Trigger]:
    """Refuses the operations on rows of a signed review; waits for a signature in progress."""
    triggers = []
    for name, operation, rows in (
        ("insert", pgtrigger.Insert, "NEW.review_id"),
        ("update", pgtrigger.Update, "OLD.review_id, NEW.review_id"),
        ("delete", pgtrigger.Delete, "OLD.review_id"),
    ):
        if operation in operations:
            triggers.append(
                pgtrigger.Trigger(
                    name=f"frozen_once_signed_{name}",
                    operation=operation,
                    when=pgtrigger.Before,
                    func=REFUSE_ONCE_SIGNED.format(rows=rows),
                )
            )
    return triggers


def in_text(transcript: UUID | None) -> Q:
    """What makes a review's segment one of its `text`, with this transcript."""
    return Q(transcript=transcript, removed=False)


class Review(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey("transcripts.Practice", models.PROTECT, related_name="reviews")
    recording = models.OneToOneField("transcripts.Recording", models.PROTECT, related_name="review")
    transcript = models.OneToOneField(
        "transcripts.Transcript", models.PROTECT, null=True, related_name="review"
    )
    offered = models.OneToOneField(
        "transcripts.Transcript",
        models.PROTECT,
        null=True,
        related_name="offered_to",
        help_text="A newer transcript that somebody may take over.",
    )
    state = models.CharField(max_length=16, choices=State, default=State.WAITING)
    assignee = models.ForeignKey(
        "transcripts.User", models.PROTECT, null=True, related_name="assigned_reviews"
    )
    threshold = models.DecimalField(
        max_digits=3, decimal_places=2, help_text="Machine words below it were marked."
    )
    look_below = models.DecimalField(
        max_digits=3,
        decimal_places=2,
        null=True,
        help_text="Words between the threshold and this are shown as marks, without a flag.",
    )
    speakers = models.JSONField(default=dict, help_text="Names by label: spk_0 to Clinician.")
    edit_seq = models.PositiveIntegerField(default=0, help_text="Number of the last edit.")
    created_at = models.DateTimeField(auto_now_add=True)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.ROUTINE)
    due_at = models.DateTimeField(null=True, help_text="When it is to be signed.")
    late_at = models.DateTimeField(null=True, help_text="When it was found to be late.")
    pend = models.CharField(max_length=8, choices=Pend, blank=True, help_text="Why work rests.")
    pend_note = models.CharField(max_length=500, blank=True)
    pended_by = models.ForeignKey("transcripts.User", models.PROTECT, null=True, related_name="+")
    pended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state=State.WAITING) | Q(transcript__isnull=False),
                name="an_opened_review_has_a_transcript",
            ),
            models.CheckConstraint(
                condition=Q(threshold__gte=0, threshold__lte=1), name="review_threshold_is_a_share"
            ),
            models.CheckConstraint(
                condition=Q(look_below__isnull=True)
                | Q(look_below__gte=F("threshold"), look_below__lte=1),
                name="review_looks_begin_at_the_threshold",
            ),
            models.CheckConstraint(
                condition=Q(pend="", pended_by__isnull=True, pended_at__isnull=True)
                | ~Q(pend="") & Q(pended_by__isnull=False, pended_at__isnull=False),
                name="a_pended_review_says_who_and_when",
            ),
        ]
        indexes = [
            models.Index(fields=["practice", "state", "-created_at"]),
            models.Index(fields=["practice", "-created_at", "-id"], name="review_newest"),
            models.Index(
                fields=["practice", "-priority", "due_at"],
                name="review_in_work",
                condition=~Q(state__in=FINAL),
            ),
            models.Index(
                fields=["assignee", "due_at"], name="review_of", condition=~Q(state__in=FINAL)
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="state_follows_the_table",
                field="state",
                transitions=[(str(old), str(new)) for old, new in TRANSITIONS],
            ),
            pgtrigger.Protect(
                name="frozen_once_signed",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.state IN ('cosigning', 'signed', 'amended')"
                    " AND to_jsonb(OLD) - 'state' IS DISTINCT FROM to_jsonb(NEW) - 'state'"
                ),
            ),
            pgtrigger.Protect(
                name="kept_once_signed",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__state__in=FROZEN),
            ),
            pgtrigger.Trigger(
                name="only_with_a_signature",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                func=ONLY_WITH_A_SIGNATURE,
            ),
        ]

    def __str__(self) -> str:
        return f"Review {self.pk}"

    @property
    def text(self) -> models.QuerySet:
        """The segments that make up the document now: those of its current transcript.

        While the machine still works: the lines that people have already edited.
        """
        return self.segments.filter(in_text(self.transcript_id))

    @property
    def attested(self) -> models.Model:
        """The author's signature under the text as it stands. Raises Signature.DoesNotExist."""
        rows = self.signatures.filter(meaning=Meaning.AUTHOR_ATTESTED, addendum__isnull=True)
        return rows.select_related("key", "signer").latest("number")
