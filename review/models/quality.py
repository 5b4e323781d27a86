"""Second reviews of signed documents: rules, the draw, the blind text, findings."""

import pgtrigger
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from uuid_utils.compat import uuid7

from review.enums import SECOND_OVER, SecondState, Verdict
from review.models.threshold import ONLY_OF_A_SIGNED_DOCUMENT, append_only
from review.quality.rubric import CLASSES, WEIGHTS
from transcripts.enums import Type

SEVERITIES = [(str(name), weight.label) for name, weight in WEIGHTS.items()]
GRAVE = [name for name, _ in SEVERITIES]
KINDS = [(name, one.label) for name, one in CLASSES.items()]
_OVER = ", ".join(f"'{state}'" for state in SECOND_OVER)

# Who dictated, edited, decided or signed can't review the document a second time.
BY_SOMEBODY_ELSE = """
    IF NEW.reviewer_id IS NOT NULL AND (
        EXISTS (SELECT FROM review_edit WHERE review_id = NEW.review_id AND by_id = NEW.reviewer_id)
        OR EXISTS (SELECT FROM review_flag
            WHERE review_id = NEW.review_id AND resolved_by_id = NEW.reviewer_id)
        OR EXISTS (SELECT FROM review_signature
            WHERE review_id = NEW.review_id AND signer_id = NEW.reviewer_id)
        OR EXISTS (SELECT FROM review_review AS r
            JOIN transcripts_recording AS rec ON rec.id = r.recording_id
            JOIN transcripts_membership AS m ON m.id = rec.author_id
            WHERE r.id = NEW.review_id AND m.user_id = NEW.reviewer_id)
    ) THEN
        RAISE EXCEPTION 'Somebody who worked on a document does not review it a second time.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
"""
# After the end only a dispute moves the figures.
KEPT_ONCE_OVER = f"""
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'A second review is kept.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.state IN ({_OVER}) AND
        to_jsonb(OLD) - ARRAY['score', 'points', 'passed', 'by_lines', 'first_only', 'second_only']
        IS DISTINCT FROM
        to_jsonb(NEW) - ARRAY['score', 'points', 'passed', 'by_lines', 'first_only', 'second_only']
    THEN
        RAISE EXCEPTION 'This second review is over. It can no longer change.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
"""
KEPT_ONCE_CLOSED = f"""
    PERFORM 1 FROM review_secondreview WHERE id = COALESCE(NEW.second_id, OLD.second_id) FOR SHARE;
    IF EXISTS (
        SELECT FROM review_secondreview
        WHERE id IN (NEW.second_id, OLD.second_id) AND state IN ({_OVER})
    ) THEN
        RAISE EXCEPTION 'This second review is over. Its findings can no longer change.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""


def trigger(name: str, operation: pgtrigger.Operation, func: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(name=name, operation=operation, when=pgtrigger.Before, func=func)


class QualityRule(models.Model):
    """How many of a person's documents of a type are reviewed a second time; null: all of them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey("transcripts.Practice", models.PROTECT, related_name="+")
    reviewer = models.ForeignKey("transcripts.User", models.PROTECT, null=True, related_name="+")
    type = models.CharField(max_length=16, choices=Type, blank=True, help_text="Empty: both.")
    percent = models.PositiveSmallIntegerField(validators=[MaxValueValidator(100)])
    changed_by = models.ForeignKey("transcripts.User", models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "reviewer", "type"],
                nulls_distinct=False,
                name="one_quality_rule_for_a_kind",
            ),
            models.CheckConstraint(condition=Q(percent__lte=100), name="quality_rule_is_a_share"),
        ]

    def __str__(self) -> str:
        return f"Quality rule {self.pk}"


class QualityDraw(models.Model):
    """What chance said of one signed document; kept for those that were not drawn, too."""

    review = models.OneToOneField(
        "review.Review", models.PROTECT, primary_key=True, related_name="quality_draw"
    )
    practice = models.ForeignKey("transcripts.Practice", models.PROTECT, related_name="+")
    subject = models.ForeignKey(
        "transcripts.User", models.PROTECT, related_name="+", help_text="Whose review it was."
    )
    seed = models.CharField(max_length=64, help_text="The digest that the author signed.")
    number = models.PositiveIntegerField(help_text="See review.quality.draw.number.")
    percent = models.PositiveSmallIntegerField(help_text="What the rules asked for.")
    drawn = models.BooleanField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(drawn=True, number__lt=F("percent") * 10_000)
                | Q(drawn=False, number__gte=F("percent") * 10_000),
                name="chance_alone_draws",
            )
        ]
        triggers = [append_only(), trigger("signed", pgtrigger.Insert, ONLY_OF_A_SIGNED_DOCUMENT)]

    def __str__(self) -> str:
        return f"Draw of review {self.pk}"


class SecondReview(models.Model):
    """One document corrected again, blind, and compared. Scores in hundredths of 100."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey("transcripts.Practice", models.PROTECT, related_name="+")
    review = models.ForeignKey("review.Review", models.PROTECT, related_name="second_reviews")
    subject = models.ForeignKey("transcripts.User", models.PROTECT, related_name="+")
    reviewer = models.ForeignKey("transcripts.User", models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=9, choices=SecondState, default=SecondState.WAITING)
    typed = models.JSONField(default=dict, help_text="Corrected lines by the segment's index.")
    independent = models.BooleanField(
        null=True, help_text="Whether the reviewer had not looked at the signed text before."
    )
    rules = models.PositiveSmallIntegerField(null=True, help_text="Version of the rubric.")
    words = models.PositiveIntegerField(null=True, help_text="Words of the signed document.")
    both = models.PositiveIntegerField(null=True, help_text="Machine errors found by both.")
    first_only = models.PositiveIntegerField(null=True)
    second_only = models.PositiveIntegerField(null=True)
    score = models.PositiveIntegerField(null=True)
    points = models.PositiveIntegerField(null=True)
    passed = models.BooleanField(null=True)
    by_lines = models.PositiveIntegerField(null=True, help_text="100 less points a 100 lines.")
    score_at_close = models.PositiveIntegerField(null=True, help_text="Before any dispute.")
    reason = models.CharField(max_length=500, blank=True, help_text="Why it was withdrawn.")
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["review"],
                condition=~Q(state__in=SECOND_OVER),
                name="one_open_second_review_of_a_document",
            ),
            models.CheckConstraint(
                condition=~Q(reviewer=F("subject")), name="nobody_reviews_their_own_review"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[SecondState.WAITING, SecondState.WITHDRAWN])
                | Q(reviewer__isnull=False),
                name="a_second_review_has_its_reviewer",
            ),
            models.CheckConstraint(
                condition=~Q(state=SecondState.CLOSED)
                | Q(score__isnull=False, both__isnull=False, ended_at__isnull=False),
                name="a_closed_second_review_has_its_score",
            ),
            models.CheckConstraint(
                condition=~Q(state=SecondState.WITHDRAWN) | ~Q(reason=""),
                name="a_withdrawn_second_review_says_why",
            ),
        ]
        indexes = [models.Index(fields=["practice", "state", "ended_at"], name="second_in_time")]
        triggers = [
            trigger("signed", pgtrigger.Insert, ONLY_OF_A_SIGNED_DOCUMENT),
            trigger(
                "by_another", pgtrigger.Insert | pgtrigger.UpdateOf("reviewer_id"), BY_SOMEBODY_ELSE
            ),
            trigger("kept_once_over", pgtrigger.Update | pgtrigger.Delete, KEPT_ONCE_OVER),
        ]

    def __str__(self) -> str:
        return f"Second review {self.pk}"


class Finding(models.Model):
    """A place where the texts differ, or that was marked by hand; spans count words of each."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey("transcripts.Practice", models.PROTECT, related_name="+")
    second = models.ForeignKey(SecondReview, models.PROTECT, related_name="findings")
    by_hand = models.BooleanField(default=False, help_text="Marked in the signed text, no place.")
    first = models.PositiveIntegerField(help_text="First word of the signed document.")
    last = models.PositiveIntegerField(help_text="The word after the last.")
    start = models.DecimalField(max_digits=9, decimal_places=3, help_text="Seconds.")
    end = models.DecimalField(max_digits=9, decimal_places=3, help_text="Seconds.")
    heard = models.TextField(blank=True, help_text="What the machine had said.")
    stands = models.TextField(blank=True, help_text="What the signed text says.")
    said = models.TextField(blank=True, help_text="What the second reviewer heard.")
    first_changed = models.BooleanField(default=False)
    second_changed = models.BooleanField(default=False)
    verdict = models.CharField(max_length=12, choices=Verdict, default=Verdict.OPEN)
    kind = models.CharField(max_length=10, choices=KINDS, blank=True)
    severity = models.CharField(max_length=8, choices=SEVERITIES, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["first", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="finding_runs_forward"),
            models.CheckConstraint(
                condition=Q(verdict=Verdict.SIGNED_WRONG) & ~Q(kind="") & Q(severity__in=GRAVE)
                | ~Q(verdict=Verdict.SIGNED_WRONG) & Q(kind="", severity=""),
                name="an_error_has_class_and_severity",
            ),
            models.CheckConstraint(
                condition=Q(by_hand=False) | Q(verdict=Verdict.SIGNED_WRONG),
                name="what_is_marked_by_hand_is_an_error",
            ),
        ]
        triggers = [
            trigger(
                "kept_once_closed",
                pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                KEPT_ONCE_CLOSED,
            )
        ]

    def __str__(self) -> str:
        return f"Finding {self.pk}"
