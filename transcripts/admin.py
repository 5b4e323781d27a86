"""The Django admin of this app. What must not change can be read but not changed."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db import transaction
from django.forms import ModelForm
from django.http import HttpRequest

from transcripts import events, models
from transcripts.enums import Action

admin.site.register(models.User, UserAdmin)


class ReadOnly(admin.ModelAdmin):
    """Rows to look at. They change through the application's own actions, or never."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class Members(admin.TabularInline):
    model = models.Membership
    extra = 0


@admin.register(models.Practice)
class PracticeAdmin(admin.ModelAdmin):
    list_display = ["name", "bucket", "confidence_threshold"]
    inlines = [Members]

    def save_model(
        self, request: HttpRequest, obj: models.Practice, form: ModelForm, change: bool
    ) -> None:
        """Whether recordings leave the site is a change that the audit log must tell."""
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            if "shadow" in form.changed_data:
                events.emit(
                    events.Event(
                        action=Action.SHADOW_SWITCHED,
                        practice_id=obj.pk,
                        by=request.user,
                        object_type="Practice",
                        object_id=obj.pk,
                        detail={"on": obj.shadow},
                    )
                )


@admin.register(models.Patient)
class PatientAdmin(ReadOnly):
    list_display = ["id", "practice"]


@admin.register(models.Recording)
class RecordingAdmin(ReadOnly):
    list_display = ["id", "practice", "type", "specialty", "duration", "created_at"]
    list_filter = ["practice", "type", "specialty"]


@admin.register(models.MedicalTranscriptionJob)
class JobAdmin(ReadOnly):
    list_display = ["id", "practice", "status", "stage", "attempts", "created_at", "completed_at"]
    list_filter = ["status", "stage", "practice"]


@admin.register(models.Chunk)
class ChunkAdmin(ReadOnly):
    list_display = ["id", "job", "index", "done", "attempts", "lease_owner", "lease_until"]
    list_filter = ["done"]


@admin.register(models.Transcript)
class TranscriptAdmin(ReadOnly):
    list_display = ["id", "recording", "engine", "model", "created_at"]


@admin.register(models.MachineSegment)
class MachineSegmentAdmin(ReadOnly):
    list_display = ["id", "transcript", "index", "start", "end"]
    exclude = ["items", "alternatives"]


@admin.register(models.Shadow)
class ShadowAdmin(ReadOnly):
    list_display = ["id", "job", "status", "stage", "attempts", "created_at", "completed_at"]
    list_filter = ["status", "practice"]
    exclude = ["segments"]


@admin.register(models.LiveStream)
class LiveStreamAdmin(ReadOnly):
    list_display = ["id", "practice", "by", "dictated", "state", "begun_at", "last_audio_at"]
    list_filter = ["state", "dictated", "practice"]
    exclude = ["corrections"]


@admin.register(models.AccessKey)
class AccessKeyAdmin(ReadOnly):
    list_display = ["access_key_id", "practice", "user", "created_at", "revoked_at"]
    exclude = ["encrypted_secret"]


@admin.register(models.Worker)
class WorkerAdmin(ReadOnly):
    list_display = ["name", "started_at", "seen_at"]


@admin.register(models.MedicalVocabulary)
class MedicalVocabularyAdmin(ReadOnly):
    list_display = ["name", "practice", "state", "version", "modified_at"]
    list_filter = ["state", "practice"]
