"""Work that recurs without a person: when it is due, who holds it, and how it went."""

from django.db import models


class Duty(models.Model):
    """One row a name. `outcome` is "" before the first end, "ok", or a code that says why not."""

    name = models.CharField(max_length=60, primary_key=True)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    token = models.BigIntegerField(default=0)
    began_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=60, blank=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row, since it last went well")
    found = models.JSONField(default=dict, help_text="What the last run that ended said: numbers")

    def __str__(self) -> str:
        return self.name
