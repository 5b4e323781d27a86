"""What the worklist knows beside the review: words to search by, due times, saved views."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from uuid_utils.compat import uuid7

from review.enums import Priority
from transcripts.enums import Type


class SearchEntry(models.Model):
    """Names and words of one review. Triggers put in the names at once, a duty the words."""

    review = models.OneToOneField(
        "review.Review", models.CASCADE, primary_key=True, related_name="search"
    )
    practice = models.ForeignKey("transcripts.Practice", models.PROTECT, related_name="+")
    words = SearchVectorField()
    stale = models.BooleanField(default=False, help_text="Names or words have changed since.")

    class Meta:
        indexes = [
            GinIndex(fields=["words"], name="search_words"),
            models.Index(fields=["review"], name="search_stale", condition=Q(stale=True)),
        ]

    def __str__(self) -> str:
        return f"Search entry of review {self.pk}"


class TurnaroundRule(models.Model):
    """In how many minutes after its arrival a recording is to be signed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey("transcripts.Practice", models.PROTECT, related_name="+")
    type = models.CharField(max_length=16, choices=Type)
    priority = models.PositiveSmallIntegerField(choices=Priority)
    minutes = models.PositiveIntegerField()
    changed_by = models.ForeignKey("transcripts.User", models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "type", "priority"], name="one_turnaround_rule_for_a_kind"
            ),
            models.CheckConstraint(
                condition=Q(minutes__gte=1, minutes__lte=525_600), name="turnaround_up_to_a_year"
            ),
            models.CheckConstraint(
                condition=Q(priority__in=Priority.values), name="turnaround_of_a_priority"
            ),
        ]

    def __str__(self) -> str:
        return f"Turnaround rule {self.pk}"


class SavedView(models.Model):
    """Filters and order of the worklist that a person gave a name."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey("transcripts.Practice", models.PROTECT, related_name="+")
    member = models.ForeignKey("transcripts.Membership", models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=500, blank=True, help_text="As in the address.")
    opens = models.BooleanField(default=False, help_text="The worklist opens with it.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "name"], name="saved_view_name_of_a_person"),
            models.UniqueConstraint(
                fields=["member"], name="one_view_opens_the_worklist", condition=Q(opens=True)
            ),
            models.CheckConstraint(condition=~Q(name=""), name="saved_view_has_a_name"),
        ]

    def __str__(self) -> str:
        return f"Saved view {self.pk}"
