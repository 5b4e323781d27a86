"""Which worker processes are alive, by the database's clock."""

from django.db import models


class Worker(models.Model):
    name = models.CharField(max_length=200, primary_key=True)
    started_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
