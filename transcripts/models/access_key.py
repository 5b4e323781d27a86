"""AWS-style access keys, each bound to a practice and a user. The secret is stored encrypted."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from uuid_utils.compat import uuid7


class AccessKey(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    access_key_id = models.CharField(max_length=32, unique=True)
    encrypted_secret = models.BinaryField(editable=False)
    practice = models.ForeignKey("transcripts.Practice", models.CASCADE, related_name="access_keys")
    user = models.ForeignKey("transcripts.User", models.CASCADE, related_name="access_keys")
    label = models.CharField(max_length=100, blank=True)
    scopes = ArrayField(
        models.CharField(max_length=40), default=list, help_text="Empty allows every operation."
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Access key {self.pk}"
