"""What a FHIR client proves itself with besides its secret: public keys, each assertion once."""

import pgtrigger
from django.db import models
from django.db.models import Q
from uuid_utils.compat import uuid7

from review.enums import ClientAlgorithm


class ClientKey(models.Model):
    """A public key of a client (RFC 7517), registered by a manager for an access key."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    access_key = models.ForeignKey(
        "transcripts.AccessKey", models.CASCADE, related_name="client_keys"
    )
    kid = models.CharField(max_length=100)
    algorithm = models.CharField(max_length=5, choices=ClientAlgorithm)
    jwk = models.JSONField(help_text="Public members only.")
    created_by = models.ForeignKey("transcripts.User", models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["access_key", "kid"],
                condition=Q(ended_at__isnull=True),
                name="a_client_has_one_key_of_a_name",
            ),
            models.CheckConstraint(
                condition=~Q(jwk__has_key="d"), name="a_client_key_is_a_public_key"
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="only_ended",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.ended_at IS NOT NULL"
                    " OR to_jsonb(OLD) - 'ended_at' IS DISTINCT FROM to_jsonb(NEW) - 'ended_at'"
                ),
            )
        ]

    def __str__(self) -> str:
        return f"Client key {self.pk}"


class UsedAssertion(models.Model):
    """An assertion that was taken, by the SHA-256 of its jti, until it runs out by itself."""

    access_key = models.ForeignKey("transcripts.AccessKey", models.CASCADE, related_name="+")
    jti = models.CharField(max_length=64, help_text="SHA-256, hex.")
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["access_key", "jti"], name="an_assertion_is_taken_once")
        ]

    def __str__(self) -> str:
        return f"Used assertion {self.pk}"
