"""The Django admin, for operators: what no page of the application shows, and nothing clinical.

What must not change, or changes through the application's own actions, can be read and no more.
Each table names the columns that are shown; recordings, texts, patients, documents are not here.
"""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest

from transcripts import events, models
from transcripts.enums import Action

# Who someone is and how they sign in changes on pages and by commands that put it on record.
for table in (EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken, Group):
    if admin.site.is_registered(table):
        admin.site.unregister(table)


class ForOperators(admin.ModelAdmin):
    """Rows for whoever runs the installation (`User.is_staff`); Django's own rights don't count."""

    actions = None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.is_staff

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.is_active and request.user.is_staff

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class ReadOnly(ForOperators):
    """Rows to look at. They change through the application's own actions, or never."""

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


def read_only(model: type[Model], *fields: str, **more: Any) -> None:
    """Registers a table of which these columns are shown."""
    names = {"fields": list(fields), "list_display": list(fields)} | more
    admin.site.register(model, type(f"{model.__name__}Admin", (ReadOnly,), names))


@admin.register(models.Practice)
class PracticeAdmin(ForOperators):
    """Switches that no page has. Practices are made on the operators' page."""

    list_display = ["name", "bucket", "engine"]
    fields = ["name", "bucket", "engine", "signed_copies", "shadow", "keep_streams"]
    readonly_fields = ["name"]

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.is_active and request.user.is_staff

    def save_model(
        self, request: HttpRequest, obj: models.Practice, form: ModelForm, change: bool
    ) -> None:
        """Every change is on record; whether recordings leave the site in words of its own."""
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            if "shadow" in form.changed_data:
                _report(request, obj, Action.SHADOW_SWITCHED, on=obj.shadow)
            if others := sorted(set(form.changed_data) - {"shadow"}):
                _report(request, obj, Action.PRACTICE_CHANGED, columns=others)


def _report(request: HttpRequest, obj: models.Practice, action: Action, **detail: Any) -> None:
    events.emit(
        events.Event(
            action=action,
            practice_id=obj.pk,
            by=request.user,
            object_type="Practice",
            object_id=obj.pk,
            detail=detail,
        )
    )


read_only(
    models.User,
    *("username", "first_name", "last_name", "email", "is_active", "is_staff", "last_login"),
    search_fields=["username", "first_name", "last_name"],
)
read_only(
    models.Membership,
    *("user", "practice", "role", "disabled_at"),
    list_filter=["role", "practice"],
    list_select_related=["user", "practice"],
)
read_only(
    models.MedicalTranscriptionJob,
    *("id", "practice", "status", "stage", "priority", "engine", "model", "attempts"),
    *("lease_owner", "lease_until", "created_at", "started_at", "completed_at", "failure_reason"),
    list_display=["id", "practice", "status", "stage", "attempts", "created_at", "completed_at"],
    list_filter=["status", "stage", "practice"],
    list_select_related=["practice"],
)
read_only(
    models.LiveStream,
    *("id", "practice", "dictated", "state", "begun_at", "last_audio_at"),
    list_filter=["state", "dictated", "practice"],
    list_select_related=["practice"],
)
read_only(
    models.AccessKey,
    *("access_key_id", "practice", "user", "label", "scopes", "created_at", "expires_at"),
    *("last_used_at", "revoked_at"),
    list_select_related=["practice", "user"],
)
read_only(models.Worker, "name", "owner", "model", "version", "started_at", "seen_at")
read_only(models.Queue, "mode", "reason", "changed_by", "changed_at")
read_only(models.Duty, "name", "due_at", "began_at", "ended_at", "outcome", "failures", "found")
read_only(
    models.MedicalVocabulary,
    *("name", "practice", "state", "version", "modified_at"),
    list_filter=["state", "practice"],
    list_select_related=["practice"],
)
