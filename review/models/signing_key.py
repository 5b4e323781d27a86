"""The keys a practice signs with: the public halves, each vouched for by the one before it."""

import pgtrigger
from django.db import models
from django.db.models import Q
from uuid_utils.compat import uuid7

AFTER_A_RETIRED_ONE = """
    IF EXISTS (SELECT FROM review_signingkey WHERE practice_id = NEW.practice_id) AND NOT EXISTS (
        SELECT FROM review_signingkey
        WHERE id = NEW.follows_id AND practice_id = NEW.practice_id AND retired_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'A new signing key follows the retired one of its practice.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
"""


class SigningKey(models.Model):
    """The public half. The private half is a file outside the database, named for the key id."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey(
        "transcripts.Practice", models.PROTECT, related_name="signing_keys"
    )
    key_id = models.CharField(max_length=16, unique=True)
    public_key = models.TextField(help_text="PEM.")
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True)
    follows = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="followed_by", help_text="The key before."
    )
    rotation = models.TextField(
        blank=True, help_text="The canonical statement that this key follows that one."
    )
    rotation_by_old = models.CharField(
        max_length=100, blank=True, help_text="Ed25519, base64; empty where the old key was lost."
    )
    rotation_by_new = models.CharField(max_length=100, blank=True, help_text="Ed25519, base64.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice"],
                condition=Q(retired_at__isnull=True),
                name="one_active_signing_key_in_a_practice",
            ),
            models.CheckConstraint(
                condition=Q(follows__isnull=True, rotation="", rotation_by_new="")
                | Q(follows__isnull=False) & ~Q(rotation="") & ~Q(rotation_by_new=""),
                name="a_key_that_follows_says_so",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="only_retired",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.retired_at IS NOT NULL"
                    " OR to_jsonb(OLD) - 'retired_at' IS DISTINCT FROM to_jsonb(NEW) - 'retired_at'"
                ),
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="after_a_retired_one",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func=AFTER_A_RETIRED_ONE,
            ),
        ]

    def __str__(self) -> str:
        return f"Signing key {self.key_id}"
