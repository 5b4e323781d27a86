"""How far the set-up of a practice has come: what a manager passed over or put away."""

from django.db import models
from django.db.models import Q
from uuid_utils.compat import uuid7

from review.enums import SetupState, SetupStep


class SetupMark(models.Model):
    """One row a step that a person decided about; what is done can be seen elsewhere."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey("transcripts.Practice", models.CASCADE, related_name="setup")
    step = models.CharField(max_length=12, choices=SetupStep)
    state = models.CharField(max_length=8, choices=SetupState)
    by = models.ForeignKey("transcripts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "step"], name="one_mark_a_step"),
            models.CheckConstraint(
                condition=Q(step__in=SetupStep.values, state__in=SetupState.values),
                name="a_setup_mark_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()}: {self.get_state_display()}"
