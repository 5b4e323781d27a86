"""The Django admin of this app: everything to read, nothing to change, for it is history."""

from django.contrib import admin

from review import models
from transcripts.admin import ReadOnly


@admin.register(models.Review)
class ReviewAdmin(ReadOnly):
    list_display = ["id", "practice", "state", "assignee", "created_at"]
    list_filter = ["state", "practice"]


@admin.register(models.Segment)
class SegmentAdmin(ReadOnly):
    list_display = ["id", "review", "position", "version", "edited_by"]
    exclude = ["text", "items"]


@admin.register(models.Edit)
class EditAdmin(ReadOnly):
    list_display = ["id", "review", "seq", "kind", "by", "at"]
    exclude = ["before", "after"]
    list_filter = ["kind"]


@admin.register(models.Flag)
class FlagAdmin(ReadOnly):
    list_display = ["id", "review", "reason", "state", "resolved_by", "resolved_at"]
    list_filter = ["state", "reason"]


@admin.register(models.Signature)
class SignatureAdmin(ReadOnly):
    list_display = ["id", "review", "signer", "meaning", "signed_at", "sha256"]
    exclude = ["document"]


@admin.register(models.SigningKey)
class SigningKeyAdmin(ReadOnly):
    list_display = ["key_id", "practice", "created_at", "retired_at"]


@admin.register(models.AuditEvent)
class AuditEventAdmin(ReadOnly):
    list_display = ["practice", "seq", "time", "actor_display", "action", "outcome"]
    list_filter = ["action", "outcome"]


@admin.register(models.AuditHead)
class AuditHeadAdmin(ReadOnly):
    list_display = ["practice", "seq", "hash"]
