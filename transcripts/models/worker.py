"""Which worker processes are alive, by the database's clock."""

from django.db import models


class Worker(models.Model):
    name = models.CharField(max_length=200, primary_key=True)
    started_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField()
    owner = models.CharField(max_length=100, blank=True, help_text="As in the leases it holds.")
    model = models.CharField(max_length=100, blank=True, help_text="Empty: none is loaded.")
    memory = models.BigIntegerField(null=True, help_text="Bytes resident now.")
    version = models.CharField(max_length=40, blank=True, help_text="Of Countersign.")

    def __str__(self) -> str:
        return self.name
