"""Whom a recording is about. One row for each medical record number of a practice."""

from django.db import models
from uuid_utils.compat import uuid7


class Patient(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey("transcripts.Practice", models.PROTECT, related_name="patients")
    mrn = models.CharField("medical record number", max_length=64)
    name = models.CharField(max_length=200)
    birth_date = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "mrn"], name="one_patient_for_an_mrn"),
            models.UniqueConstraint(fields=["practice", "id"], name="patient_of_practice"),
        ]

    def __str__(self) -> str:
        return f"Patient {self.pk}"
