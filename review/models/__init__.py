"""The tables of this app, one file an entity."""

from review.models.addendum import Addendum
from review.models.adverse_event import AdverseEvent, AdverseEventSearch
from review.models.audit import AuditEvent, AuditHead
from review.models.checkpoint import AuditCheck, AuditCheckpoint, AuditKey, AuditSchedule
from review.models.client import ClientKey, UsedAssertion
from review.models.comparison import Comparison
from review.models.correction import Corrections, TermDecision
from review.models.delivery import Delivery, Destination
from review.models.dispute import Dispute, Remark
from review.models.edit import Edit
from review.models.export import Export
from review.models.flag import Flag
from review.models.letterhead import Letterhead
from review.models.notice import Notice
from review.models.quality import Finding, QualityDraw, QualityRule, SecondReview
from review.models.recipient import Recipient
from review.models.review import Review
from review.models.safety import CheckOff, Play
from review.models.segment import Segment
from review.models.setup import SetupMark
from review.models.signature import Signature
from review.models.signing_key import SigningKey
from review.models.threshold import Calibration, DriftAlarm, Refit, ThresholdChange, WordLabels
from review.models.worklist import SavedView, SearchEntry, TurnaroundRule

__all__ = [
    "Addendum",
    "AdverseEvent",
    "AdverseEventSearch",
    "AuditCheck",
    "AuditCheckpoint",
    "AuditEvent",
    "AuditHead",
    "AuditKey",
    "AuditSchedule",
    "Calibration",
    "CheckOff",
    "ClientKey",
    "Comparison",
    "Corrections",
    "Delivery",
    "Destination",
    "Dispute",
    "DriftAlarm",
    "Edit",
    "Export",
    "Finding",
    "Flag",
    "Letterhead",
    "Notice",
    "Play",
    "QualityDraw",
    "QualityRule",
    "Recipient",
    "Refit",
    "Remark",
    "Review",
    "SavedView",
    "SearchEntry",
    "SecondReview",
    "Segment",
    "SetupMark",
    "Signature",
    "SigningKey",
    "TermDecision",
    "ThresholdChange",
    "TurnaroundRule",
    "UsedAssertion",
    "WordLabels",
]
