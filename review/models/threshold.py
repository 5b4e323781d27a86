"""What the signed documents teach about the machine's scores, and the lines drawn from it."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from uuid_utils.compat import uuid7

from review.enums import FINAL, DriftBy, DriftWay, RefitState
from transcripts.enums import Specialty, Type

_FINAL = ", ".join(f"'{state}'" for state in FINAL)
ONLY_OF_A_SIGNED_DOCUMENT = f"""
    IF NOT EXISTS (
        SELECT FROM review_review AS r WHERE r.id = NEW.review_id
            AND r.practice_id = NEW.practice_id AND r.state IN ({_FINAL})
    ) THEN
        RAISE EXCEPTION 'Only a signed document says which words were kept.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
"""


def append_only() -> pgtrigger.Protect:
    return pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


class WordLabels(models.Model):
    """Which words of the machine a signed document kept: numbers only, no words."""

    review = models.OneToOneField(
        "review.Review", models.PROTECT, primary_key=True, related_name="word_labels"
    )
    practice = models.ForeignKey("transcripts.Practice", models.PROTECT, related_name="+")
    engine = models.CharField(max_length=20)
    model = models.CharField(max_length=100)
    specialty = models.CharField(max_length=20, choices=Specialty)
    type = models.CharField(max_length=16, choices=Type)
    clinician = models.ForeignKey(
        "transcripts.Membership", models.PROTECT, null=True, related_name="+"
    )
    source = models.CharField(max_length=60, help_text="How the sound came in; no device's name.")
    seconds = models.DecimalField(max_digits=9, decimal_places=3, help_text="Of the recording.")
    signed_at = models.DateTimeField()
    rules = models.PositiveSmallIntegerField(help_text="Version of the rules of review.threshold.")
    words = models.PositiveIntegerField(help_text="Words of the machine that were judged.")
    changed = models.PositiveIntegerField()
    added = models.PositiveIntegerField(help_text="Words put where the machine had none.")
    left_out = models.PositiveIntegerField(help_text="Words that the rules do not judge.")
    pace = models.FloatField(null=True, help_text="Seconds from one settled mark to the next.")
    paced = models.PositiveIntegerField(default=0, help_text="How many such gaps.")
    columns = models.BinaryField(help_text="See review.threshold.columns.")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(changed__lte=F("words")), name="no_more_changed_than_words"
            )
        ]
        indexes = [
            models.Index(fields=["practice", "engine", "model", "signed_at"], name="labels_in_time")
        ]
        triggers = [
            append_only(),
            pgtrigger.Trigger(
                name="only_of_a_signed_document",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func=ONLY_OF_A_SIGNED_DOCUMENT,
            ),
        ]

    def __str__(self) -> str:
        return f"Labels of review {self.pk}"


class Calibration(models.Model):
    """One fit of one engine and model, and what its predecessors did on documents after them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey("transcripts.Practice", models.PROTECT, related_name="+")
    engine = models.CharField(max_length=20)
    model = models.CharField(max_length=100)
    number = models.PositiveIntegerField()
    documents = models.PositiveIntegerField()
    words = models.PositiveIntegerField()
    changed = models.PositiveIntegerField()
    upto = models.DateTimeField(help_text="When the last document that it knows was signed.")
    tables = models.JSONField(help_text="By type and class: see review.threshold.calibration.")
    report = models.JSONField(help_text="See review.threshold.judging: plots on unseen documents.")
    fitted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "engine", "model", "number"], name="calibration_number_unique"
            )
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"Calibration {self.pk}"


class Refit(models.Model):
    """Somebody asked for labels and fits to be made now; how far that is."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey("transcripts.Practice", models.PROTECT, related_name="+")
    by = models.ForeignKey("transcripts.User", models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=RefitState, default=RefitState.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice"],
                condition=Q(ended_at__isnull=True),
                name="one_refit_of_a_practice_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"Refit {self.pk}"


class ThresholdChange(models.Model):
    """A line that a manager drew; the newest of a specialty and type is in force. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey("transcripts.Practice", models.PROTECT, related_name="+")
    engine = models.CharField(max_length=20)
    model = models.CharField(max_length=100)
    specialty = models.CharField(
        max_length=20, choices=Specialty, blank=True, help_text="Empty: every specialty."
    )
    type = models.CharField(max_length=16, choices=Type, blank=True, help_text="Empty: both.")
    ranking = models.CharField(max_length=10, help_text="See review.threshold.curves.RANKINGS.")
    was = models.DecimalField(
        max_digits=5, decimal_places=4, null=True, help_text="The value before; null: the default."
    )
    threshold = models.DecimalField(max_digits=5, decimal_places=4)
    cutoffs = models.JSONField(help_text="By class of word: raw scores below it are marked.")
    floor = models.DecimalField(
        max_digits=3, decimal_places=2, help_text="Every word below this confidence is marked."
    )
    calibration = models.ForeignKey(
        Calibration, models.PROTECT, null=True, related_name="+", help_text="Null: the prior."
    )
    expected = models.JSONField(help_text="The figures that the manager was shown.")
    reason = models.CharField(max_length=200)
    by = models.ForeignKey("transcripts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(threshold__gte=0, threshold__lte=1, floor__gte=0, floor__lte=1),
                name="a_chosen_threshold_is_a_share",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_chosen_threshold_has_a_reason"),
        ]
        indexes = [
            models.Index(fields=["practice", "engine", "model", "-id"], name="line_in_force")
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"Threshold change {self.pk}"


class DriftAlarm(models.Model):
    """Changed words per 1,000 of one engine, clinician or source went up, or down, for good."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey("transcripts.Practice", models.PROTECT, related_name="+")
    watched = models.CharField(max_length=10, choices=DriftBy)
    key = models.CharField(max_length=130, help_text="Engine and model, member's id, or source.")
    way = models.CharField(max_length=4, choices=DriftWay)
    before = models.FloatField(help_text="Changed words per 1,000 of the first documents.")
    after = models.FloatField(help_text="The same since the change seems to have begun.")
    documents = models.PositiveIntegerField(help_text="Documents since then.")
    since = models.DateTimeField(help_text="When the change seems to have begun.")
    upto = models.DateTimeField(help_text="When the document that raised it was signed.")
    opened_at = models.DateTimeField(auto_now_add=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(
        "transcripts.User", models.PROTECT, null=True, related_name="+"
    )
    note = models.CharField(max_length=200, blank=True)
    anew = models.BooleanField(
        default=False, help_text="What is usual is learnt anew from documents after it."
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "watched", "key", "way"],
                condition=Q(acknowledged_at__isnull=True),
                name="one_open_alarm_of_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True, acknowledged_by__isnull=True, note="")
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False) & ~Q(note=""),
                name="an_acknowledged_alarm_says_who_and_why",
            ),
        ]
        triggers = [pgtrigger.Protect(name="kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"Drift alarm {self.pk}"
