"""A medical vocabulary: AWS's table of phrases, and how far its checking is."""

from django.db import models
from django.db.models import Q
from uuid_utils.compat import uuid7

from transcripts.enums import VocabularyState


class MedicalVocabulary(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey(
        "transcripts.Practice", models.CASCADE, related_name="vocabularies"
    )
    name = models.CharField("VocabularyName", max_length=200)
    language_code = models.CharField(max_length=10, default="en-US")
    state = models.CharField(max_length=8, choices=VocabularyState, default=VocabularyState.PENDING)
    content = models.TextField(blank=True, help_text="The table as it was given.")
    file_uri = models.CharField(
        max_length=2000, blank=True, help_text="AWS's VocabularyFileUri; empty when typed here."
    )
    terms = models.JSONField(
        default=list, help_text="Checked rows: phrase, ipa, sounds_like, display_as."
    )
    failure_reason = models.TextField(blank=True)
    tags = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1, help_text="Rises when the table is replaced.")
    created_at = models.DateTimeField(auto_now_add=True)
    modified_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "name"], name="vocabulary_name_unique_in_practice"
            ),
            models.UniqueConstraint(fields=["practice", "id"], name="vocabulary_of_practice"),
            models.CheckConstraint(
                condition=~Q(state=VocabularyState.FAILED) | ~Q(failure_reason=""),
                name="a_failed_vocabulary_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"Vocabulary {self.pk}"
