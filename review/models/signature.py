"""A signature over a document's canonical bytes."""

import pgtrigger
from django.db import models
from django.db.models import F, Func, Q, Value
from uuid_utils.compat import uuid7

from review.enums import Meaning

# What must stand for a signature of each meaning; waits for edits in progress.
ONLY_IN_ITS_STATE = """
    DECLARE
        now_at text;
        wanted text[];
    BEGIN
        SELECT state INTO now_at FROM review_review WHERE id = NEW.review_id FOR UPDATE;
        wanted := CASE
            WHEN NEW.addendum_id IS NOT NULL THEN ARRAY['signed', 'amended']
            WHEN NEW.meaning = 'author-attested' THEN ARRAY['ready_to_sign']
            WHEN NEW.meaning IN ('co-signed', 'rejected') THEN ARRAY['cosigning']
            WHEN NEW.meaning = 'reviewed' THEN ARRAY['signed', 'amended']
            ELSE ARRAY[]::text[]
        END;
        IF now_at IS NULL OR now_at != ALL (wanted) OR (
            now_at = 'ready_to_sign' AND EXISTS (
                SELECT 1 FROM review_flag WHERE review_id = NEW.review_id AND state = 'open'
            )
        ) THEN
            RAISE EXCEPTION 'Only a review with every marked word resolved can be signed.'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF NEW.letterhead_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM review_letterhead AS l JOIN review_review AS r USING (practice_id)
            WHERE l.id = NEW.letterhead_id AND r.id = NEW.review_id
        ) THEN
            RAISE EXCEPTION 'A document is printed under the letterhead of its own practice.'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END;
"""


class Signature(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    review = models.ForeignKey("review.Review", models.PROTECT, related_name="signatures")
    number = models.PositiveSmallIntegerField(default=1)
    document = models.TextField(help_text="The canonical JSON (RFC 8785) that was signed.")
    sha256 = models.CharField(max_length=64)
    signature = models.CharField(max_length=100, help_text="Ed25519, base64.")
    key = models.ForeignKey("review.SigningKey", models.PROTECT, related_name="+")
    signer = models.ForeignKey("transcripts.User", models.PROTECT, related_name="+")
    meaning = models.CharField(max_length=20, choices=Meaning)
    addendum = models.OneToOneField(
        "review.Addendum",
        models.PROTECT,
        null=True,
        related_name="signature",
        help_text="What was signed, where it is not the document itself.",
    )
    signed_at = models.DateTimeField()
    letterhead = models.ForeignKey(
        "review.Letterhead",
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="What its copies are printed under; no part of what is signed.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "number"], name="signature_number_unique"),
            models.CheckConstraint(
                condition=Q(
                    sha256=Func(
                        Func(
                            Func(F("document"), Value("UTF8"), function="convert_to"),
                            function="sha256",
                        ),
                        Value("hex"),
                        function="encode",
                    )
                ),
                name="signature_hash_is_the_documents",
            ),
        ]
        indexes = [models.Index(fields=["signed_at"], name="signature_in_time")]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="only_in_its_state",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func=ONLY_IN_ITS_STATE,
            ),
        ]

    def __str__(self) -> str:
        return f"Signature {self.pk}"
