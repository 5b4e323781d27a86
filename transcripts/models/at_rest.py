"""Keys of stored audio, and how long things are kept: rules, holds, and what was removed.

A data key for each folder of the storage, which is one recording or one export, wrapped by its
practice's key; that one is wrapped by the master key, which is outside of the database. Without its
row in DataKey nothing of a folder can be read again.
"""

import pgtrigger
from django.db import models
from django.db.models import Q
from uuid_utils.compat import uuid7

from transcripts.enums import RemovalRule

# A hold of the recording, or of its patient, that nobody has lifted.
REFUSE_HELD = """
    IF EXISTS (
        SELECT 1 FROM transcripts_recording AS r JOIN transcripts_hold AS h
            ON h.recording_id = r.id OR h.patient_id = r.patient_id
        WHERE {recording} AND h.lifted_at IS NULL
    ) THEN
        RAISE EXCEPTION 'This recording is on hold. Nothing of it is removed.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN {row};
"""


class PracticeKey(models.Model):
    """Wraps the practice's data keys. The wrapping is AES-256-GCM under the master key."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey("transcripts.Practice", models.PROTECT, related_name="media_keys")
    wrapped = models.BinaryField()
    master = models.CharField(max_length=16, help_text="Id of the master key that wraps it.")
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice"],
                condition=Q(retired_at__isnull=True),
                name="one_active_media_key_in_a_practice",
            )
        ]

    def __str__(self) -> str:
        return f"Practice key {self.pk}"


class DataKey(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey("transcripts.Practice", models.PROTECT, related_name="data_keys")
    folder = models.CharField(max_length=200, unique=True, help_text="Whose objects it opens.")
    wrapped_by = models.ForeignKey(PracticeKey, models.PROTECT, related_name="data_keys")
    wrapped = models.BinaryField()
    all_sealed = models.BooleanField(
        default=True, help_text="An object of the folder that is not encrypted is refused."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        triggers = [
            pgtrigger.Trigger(
                name="kept_on_hold",
                operation=pgtrigger.Delete,
                when=pgtrigger.Before,
                func=REFUSE_HELD.format(recording="r.media = OLD.folder || '/media'", row="OLD"),
            )
        ]

    def __str__(self) -> str:
        return f"Data key {self.pk}"


class RetentionRule(models.Model):
    """How long a practice keeps what no law makes it keep; null: for ever."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.OneToOneField(
        "transcripts.Practice", models.PROTECT, related_name="retention"
    )
    audio_days = models.PositiveIntegerField(
        null=True, help_text="Days from the last signature until the audio is removed."
    )
    draft_days = models.PositiveIntegerField(
        null=True, help_text="Days without any work until what was never signed is removed."
    )
    changed_by = models.ForeignKey("transcripts.User", models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(audio_days__isnull=True) | Q(audio_days__gte=1))
                & (Q(draft_days__isnull=True) | Q(draft_days__gte=1)),
                name="nothing_goes_on_its_first_day",
            )
        ]

    def __str__(self) -> str:
        return f"Retention rule {self.pk}"


class Hold(models.Model):
    """Nothing of a recording, or of any recording of a patient, is removed until it is lifted."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey("transcripts.Practice", models.PROTECT, related_name="holds")
    recording = models.ForeignKey(
        "transcripts.Recording", models.PROTECT, null=True, related_name="holds"
    )
    patient = models.ForeignKey(
        "transcripts.Patient", models.PROTECT, null=True, related_name="holds"
    )
    reason = models.CharField(max_length=200)
    by = models.ForeignKey("transcripts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    lifted_by = models.ForeignKey("transcripts.User", models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(recording__isnull=False, patient__isnull=True)
                | Q(recording__isnull=True, patient__isnull=False),
                name="a_hold_is_of_one_thing",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_hold_has_a_reason"),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True)
                | Q(lifted_by__isnull=False) & ~Q(lifted_reason=""),
                name="a_lifted_hold_says_by_whom_and_why",
            ),
        ]
        indexes = [
            models.Index(fields=["practice"], name="hold_open", condition=Q(lifted_at__isnull=True))
        ]
        triggers = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="lifted_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__lifted_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"Hold {self.pk}"


class Removal(models.Model):
    """That a recording's audio, or an unsigned draft with all of it, was removed, and by what rule.

    The recording's row stays: that there was one, of whom, when, and the SHA-256 of its audio.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey("transcripts.Practice", models.PROTECT, related_name="removals")
    recording = models.OneToOneField(
        "transcripts.Recording", models.PROTECT, related_name="removal"
    )
    rule = models.CharField(max_length=8, choices=RemovalRule)
    days = models.PositiveIntegerField(help_text="What the rule said.")
    removed_at = models.DateTimeField(auto_now_add=True)
    shredded = models.BooleanField(
        help_text="Its key was destroyed, so that no copy of the storage can be read."
    )
    objects_gone = models.BooleanField(default=False, help_text="The storage holds nothing of it.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(days__gte=1), name="a_removal_follows_a_rule")
        ]
        indexes = [
            models.Index(
                fields=["removed_at"], name="removal_unfinished", condition=Q(objects_gone=False)
            )
        ]
        triggers = [
            pgtrigger.Trigger(
                name="refused_on_hold",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func=REFUSE_HELD.format(recording="r.id = NEW.recording_id", row="NEW"),
            ),
            pgtrigger.Protect(
                name="append_only",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("recording", "practice", "rule", "removed_at"),
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"Removal {self.pk}"
