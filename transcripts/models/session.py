"""A log-in: who, where and until when. Its row is the session; without it nobody is logged in."""

from uuid import uuid4

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone


class BrowserSession(AbstractBaseSession):
    """`active_at` moves with what a person does, never with what a page does by itself."""

    number = models.UUIDField(
        default=uuid4, unique=True, editable=False, help_text="Names it where the key must not go."
    )
    user = models.ForeignKey(
        "transcripts.User", models.CASCADE, null=True, related_name="browser_sessions"
    )
    ip = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=200, blank=True)
    began_at = models.DateTimeField(default=timezone.now, help_text="When the person logged in.")
    active_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Session {self.number}"
