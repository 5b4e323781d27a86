"""The person who logs in. What a person may do in a practice is a Membership."""

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from uuid_utils.compat import uuid7


def name_of(first_name: str, last_name: str, username: str) -> str:
    """The name other people see."""
    return f"{first_name} {last_name}".strip() or username


class User(AbstractUser):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key_map = models.JSONField(
        default=dict,
        blank=True,
        help_text="Own keys and habits of the review screen; what is absent is as it comes.",
    )

    notices_off = ArrayField(
        models.CharField(max_length=16),
        default=list,
        blank=True,
        help_text="Kinds of notices that are not mailed to this person.",
    )

    @property
    def name(self) -> str:
        """The name other people see."""
        return name_of(self.first_name, self.last_name, self.username)
