"""What a practice's rules would remove today, and where everything of a recording lies. Reads only.

Rule AUDIO takes the sound of a signed document, and the by-products that nothing in the document
refers to. Rule DRAFT takes all of a recording that was never signed, but for the recording's own
row. Nothing that carries a signature is ever removed, and nothing that is on hold.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest, Now

from review.enums import FINAL
from review.models import (
    Addendum,
    Comparison,
    Edit,
    Flag,
    Play,
    Review,
    SearchEntry,
    Segment,
    Signature,
)
from transcripts.enums import LIVE_STATUSES, RemovalRule
from transcripts.models import (
    Chunk,
    Hold,
    MachineSegment,
    MedicalTranscriptionJob,
    Practice,
    Recording,
    Removal,
    RetentionRule,
    Shadow,
    StreamAudio,
    StreamResult,
    Transcript,
)

# Rows that go, each with the way to its recording, those that refer to others first.
BY_PRODUCTS = (
    (Comparison, "transcript__recording"),
    (Shadow, "job__recording"),
    (Chunk, "job__recording"),
    (StreamAudio, "stream__recording"),
    (StreamResult, "stream__recording"),
)
DRAFT = (
    (Flag, "review__recording"),
    (Play, "review__recording"),
    (Edit, "review__recording"),
    (Segment, "review__recording"),
    (SearchEntry, "review__recording"),
    (Review, "recording"),
    *BY_PRODUCTS,
    (MachineSegment, "transcript__recording"),
    (Transcript, "recording"),
    (MedicalTranscriptionJob, "recording"),
)
# Triggers that keep these rows as they are from everybody else.
KEPT_OTHERWISE = (
    "review.Comparison:append_only",
    "review.Edit:append_only",
    "review.Play:append_only",
    "transcripts.MachineSegment:append_only",
    "transcripts.Transcript:append_only",
)
# Tables that no rule touches, and why; a table in neither list fails a test.
STAYS = {
    "transcripts.Recording": "the row stays, without the file's name: that there was a recording",
    "transcripts.LiveStream": "the row stays, without what people corrected in it",
    "transcripts.Patient": "the practice's index of patients is no draft",
    "transcripts.Removal": "says what was removed",
    "transcripts.Hold": "says what may not be removed",
    "transcripts.RetentionRule": "the rules",
    "transcripts.DataKey": "goes with the audio, by itself",
    "transcripts.PracticeKey": "wraps other recordings' keys",
    "transcripts.AccessKey": "no clinical content",
    "transcripts.BrowserSession": "no clinical content",
    "transcripts.Duty": "no clinical content",
    "transcripts.EmergencyAccess": "who looked at whom, and why: kept with the audit log",
    "transcripts.Invitation": "no clinical content",
    "transcripts.MedicalVocabulary": "words of the practice, of no patient",
    "transcripts.Membership": "no clinical content",
    "transcripts.Practice": "no clinical content",
    "transcripts.Queue": "no clinical content",
    "transcripts.Upload": "goes a day after its last byte, by itself",
    "transcripts.User": "no clinical content",
    "transcripts.Worker": "no clinical content",
    "review.Addendum": "signed with the document; drafts of addenda go by themselves",
    "review.AdverseEvent": "of a signed document",
    "review.AdverseEventSearch": "of a signed document",
    "review.AuditEvent": "the audit log",
    "review.AuditHead": "the audit log",
    "review.AuditCheck": "the audit log",
    "review.AuditCheckpoint": "the audit log",
    "review.AuditKey": "the audit log",
    "review.AuditSchedule": "no clinical content",
    "review.Calibration": "numbers of many documents",
    "review.CheckOff": "no clinical content",
    "review.ClientKey": "no clinical content",
    "review.DriftAlarm": "numbers of many documents",
    "review.Delivery": "ids only: that news was sent",
    "review.Destination": "no clinical content",
    "review.Export": "files with an end of their own",
    "review.Letterhead": "no clinical content",
    "review.Refit": "numbers of many documents",
    "review.Recipient": "of a signed document",
    "review.Notice": "ids only: that mail was sent; goes by itself",
    "review.SetupMark": "no clinical content",
    "review.SavedView": "no clinical content",
    "review.Signature": "the signed document",
    "review.SigningKey": "no clinical content",
    "review.ThresholdChange": "no clinical content",
    "review.TurnaroundRule": "no clinical content",
    "review.WordLabels": "of a signed document",
    "review.Corrections": "of a signed document",
    "review.Dispute": "of a signed document",
    "review.Finding": "of a signed document",
    "review.QualityDraw": "of a signed document",
    "review.QualityRule": "no clinical content",
    "review.Remark": "of a signed document",
    "review.SecondReview": "of a signed document",
    "review.TermDecision": "words of the practice, of no patient",
    "review.UsedAssertion": "no clinical content",
}


@dataclass(frozen=True, slots=True)
class Due:
    """One recording that a rule has reached; `since` is what its days are counted from."""

    recording: Recording
    rule: RemovalRule
    since: datetime
    held: bool


def rule_of(practice: Practice) -> RetentionRule | None:
    return RetentionRule.objects.filter(practice=practice).first()


def days_of(rule: RetentionRule | None) -> dict[RemovalRule, int]:
    """The rules that are set, with their days."""
    found = {
        RemovalRule.AUDIO: rule and rule.audio_days,
        RemovalRule.DRAFT: rule and rule.draft_days,
    }
    return {name: days for name, days in found.items() if days}


def due(practice: Practice, rule: RemovalRule, days: int) -> QuerySet[Recording]:
    """Recordings that the rule has reached, with `since` and `held`; the longest due first."""
    rows = _signed(practice) if rule == RemovalRule.AUDIO else _never_signed(practice)
    rows = rows.filter(since__lt=Now() - timedelta(days=days), removal=None)
    return rows.annotate(held=Exists(holds_of(OuterRef("pk"), OuterRef("patient")))).order_by(
        "since", "pk"
    )


def holds_of(recording: object, patient: object) -> QuerySet[Hold]:
    """Open holds of a recording or its patient."""
    return Hold.objects.filter(Q(recording=recording) | Q(patient=patient), lifted_at=None)


def listed(practice: Practice, limit: int | None = None) -> list[Due]:
    """What would be removed now, and what only a hold keeps."""
    return [
        Due(row, rule, row.since, row.held)
        for rule, days in days_of(rule_of(practice)).items()
        for row in due(practice, rule, days).select_related("patient")[:limit]
    ]


def drafts_of_addenda(practice: Practice, days: int) -> QuerySet[Addendum]:
    """Addenda that nobody signed or changed for so long, of documents that are not on hold."""
    held = holds_of(OuterRef("review__recording"), OuterRef("review__recording__patient"))
    return Addendum.objects.filter(
        ~Exists(held),
        review__practice=practice,
        signature=None,
        changed_at__lt=Now() - timedelta(days=days),
    )


def _signed(practice: Practice) -> QuerySet[Recording]:
    rows = Recording.objects.filter(practice=practice, review__state__in=FINAL)
    return rows.annotate(since=Max("review__signatures__signed_at"))


def _never_signed(practice: Practice) -> QuerySet[Recording]:
    signed = Signature.objects.filter(review__recording=OuterRef("pk"))
    jobs = MedicalTranscriptionJob.objects.filter(recording=OuterRef("pk"))
    shadows = Shadow.objects.filter(job__recording=OuterRef("pk"), status__in=LIVE_STATUSES)
    last = Greatest(
        "created_at",
        *(
            Coalesce(Subquery(_latest(model, path, at)), F("created_at"))
            for model, path, at in (
                (Edit, "review__recording", "at"),
                (Play, "review__recording", "at"),
                (MedicalTranscriptionJob, "recording", "created_at"),
                (MedicalTranscriptionJob, "recording", "completed_at"),
            )
        ),
    )
    rows = Recording.objects.filter(
        ~Exists(signed),
        ~Exists(jobs.filter(status__in=LIVE_STATUSES)),
        ~Exists(shadows),
        practice=practice,
    )
    return rows.annotate(since=last)


def _latest(model: type, path: str, at: str) -> QuerySet:
    rows = model.objects.filter(**{path: OuterRef("pk"), f"{at}__isnull": False})
    return rows.order_by(f"-{at}").values(at)[:1]


def removals(practice: Practice) -> QuerySet[Removal]:
    return Removal.objects.filter(practice=practice).select_related("recording")
