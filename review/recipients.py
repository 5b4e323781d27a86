"""Who received a document: each copy that left, and what is still to be acknowledged. Reads."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from review.enums import DOCUMENTS, Action, DeliveryState, DestinationKind
from review.models import AuditEvent, Delivery, Recipient, Review
from review.permissions import Permission, refusal
from transcripts.models import AccessKey, MedicalTranscriptionJob, Membership, User


@dataclass(slots=True)
class Left:
    """Copies that one recipient has: in which forms, and when the first and the last one left."""

    forms: set[str] = field(default_factory=set)
    moments: list[datetime] = field(default_factory=list)

    def add(self, form: str, at: datetime) -> None:
        self.forms.add(form)
        self.moments.append(at)


# "user", "destination" or "access_key", and its row's id.
Recipients = dict[tuple[str, UUID], Left]


def received(review: Review) -> Recipients:
    """Who has a copy of the signed document: from the audit log, the deliveries and the buckets."""
    found: Recipients = {}
    _downloads(review, found)
    _deliveries(review, found)
    jobs = MedicalTranscriptionJob.objects.filter(recording=review.recording_id)
    for job in jobs.filter(engine_state__output__signed="written", access_key__isnull=False):
        at = review.attested.signed_at
        found.setdefault(("access_key", job.access_key_id), Left()).add("aws", at)
    return found


def _downloads(review: Review, found: Recipients) -> None:
    """Released copies: by a person, or by a FHIR client, which is known by its key."""
    rows = AuditEvent.objects.filter(
        practice=review.practice_id,
        action=Action.DOCUMENT_RELEASED,
        object_id=str(review.recording_id),
        outcome="success",
        patient=str(review.recording.patient_id or ""),
    ).exclude(actor_id="")
    released = list(rows.values_list("actor_id", "detail", "time"))
    people = {actor for actor, detail, _ in released if "key" not in detail}
    known = set(User.objects.filter(pk__in=people).values_list("pk", flat=True))
    keys = set(AccessKey.objects.filter(practice=review.practice_id).values_list("pk", flat=True))
    for actor, detail, at in released:
        kind, pk = ("access_key", detail["key"]) if "key" in detail else ("user", actor)
        if UUID(str(pk)) in (keys if kind == "access_key" else known):
            found.setdefault((kind, UUID(str(pk))), Left()).add(detail.get("form", ""), at)


def _deliveries(review: Review, found: Recipients) -> None:
    rows = Delivery.objects.filter(
        recording=review.recording_id, news__in=DOCUMENTS, state=DeliveryState.DELIVERED
    ).select_related("destination")
    for row in rows:
        form = "hl7" if row.destination.kind == DestinationKind.MLLP else "webhook"
        found.setdefault(("destination", row.destination_id), Left()).add(form, row.settled_at)


def tasks(member: Membership | None) -> QuerySet[Recipient]:
    """What this person is to acknowledge, oldest first.

    Their own copies; for who connects systems also those of systems, and of people who left.
    """
    if member is None:
        return Recipient.objects.none()
    rows = Recipient.objects.filter(practice=member.practice_id, acknowledged_at=None)
    mine = Q(user=member.user_id)
    if refusal(member, Permission.CONNECT) is None:
        here = Membership.objects.filter(
            user=OuterRef("user"), practice=OuterRef("practice"), disabled_at=None
        )
        mine |= Q(user=None) | ~Exists(here)
    return _shown(rows.filter(mine))


def of(review: Review) -> QuerySet[Recipient]:
    """All recipients of older versions of the document, oldest first."""
    return _shown(review.recipients.all())


def _shown(rows: QuerySet[Recipient]) -> QuerySet[Recipient]:
    return rows.select_related(
        "user",
        "destination",
        "access_key__user",
        "acknowledged_by",
        "signature__addendum",
        "review__recording__patient",
    ).order_by("id")


def acknowledge_refusal(row: Recipient, member: Membership | None) -> str | None:
    """Why this person can't acknowledge it; None when they can."""
    if row.acknowledged_at:
        return "This is acknowledged already."
    if member is None or row.practice_id != member.practice_id:
        return "This is another practice’s."
    if row.user_id == member.user_id or refusal(member, Permission.CONNECT) is None:
        return None
    return "Only who received the copy, or a practice manager, acknowledges this."


def described(rows: Iterable[Recipient], member: Membership | None) -> list[dict[str, Any]]:
    """Rows as the pages show them."""
    return [
        {
            "row": row,
            "who": _name(row),
            "forms": ", ".join(sorted(FORMS.get(form, form) for form in row.forms)),
            "kind": row.signature.addendum.get_kind_display(),
            "reason": row.signature.addendum.reason,
            "refusal": acknowledge_refusal(row, member),
        }
        for row in rows
    ]


def _name(row: Recipient) -> str:
    if row.user:
        return row.user.name
    if row.destination:
        return row.destination.label
    return row.access_key.label or row.access_key.user.name


FORMS = {
    "pdf": "PDF",
    "txt": "Text",
    "docx": "Word",
    "srt": "Captions",
    "vtt": "Captions",
    "csv": "Words",
    "aws": "Amazon Transcribe JSON",
    "deidentified": "De-identified text",
    "fhir": "FHIR",
    "fhir_reference": "FHIR",
    "fhir_search": "FHIR",
    "proof": "Signed package",
    "print": "Print",
    "hl7": "HL7",
    "webhook": "Webhook",
}
