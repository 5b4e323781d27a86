"""The tables of this app, one file an entity."""

from review.models.audit import AuditEvent, AuditHead
from review.models.edit import Edit
from review.models.flag import Flag
from review.models.review import Review
from review.models.segment import Segment
from review.models.signature import Signature, SigningKey

__all__ = [
    "AuditEvent",
    "AuditHead",
    "Edit",
    "Flag",
    "Review",
    "Segment",
    "Signature",
    "SigningKey",
]
