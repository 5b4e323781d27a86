"""The tables of this app, one file an entity."""

from review.models.addendum import Addendum
from review.models.audit import AuditEvent, AuditHead
from review.models.comparison import Comparison
from review.models.delivery import Delivery, Destination
from review.models.edit import Edit
from review.models.flag import Flag
from review.models.review import Review
from review.models.safety import CheckOff, Play
from review.models.segment import Segment
from review.models.signature import Signature, SigningKey

__all__ = [
    "Addendum",
    "AuditEvent",
    "AuditHead",
    "Comparison",
    "CheckOff",
    "Delivery",
    "Destination",
    "Edit",
    "Flag",
    "Play",
    "Review",
    "Segment",
    "Signature",
    "SigningKey",
]
