"""The Django admin of this app: keys, checks and deliveries to read. No text and no log is here."""

from review import models
from transcripts.admin import read_only

read_only(
    models.SigningKey,
    *("key_id", "practice", "created_at", "retired_at"),
    list_select_related=["practice"],
)
read_only(models.AuditHead, "practice", "seq", "hash")
read_only(
    models.AuditCheck,
    *("practice", "began_at", "ended_at", "ok", "size", "checkpoints", "broken_seq", "reason"),
)
read_only(
    models.Delivery,
    *("id", "destination", "news", "state", "attempts", "due_at", "outcome", "created_at"),
    list_filter=["state", "news"],
    list_select_related=["destination"],
)
read_only(
    models.Notice,
    *("id", "practice", "kind", "state", "attempts", "due_at", "outcome", "created_at"),
    list_filter=["state", "kind"],
    list_select_related=["practice"],
)
