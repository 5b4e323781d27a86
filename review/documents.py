"""The clinical document of a review, built from its rows: a preview, or what is to be signed."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from review.enums import ATTESTATION, Meaning
from review.models import AuditHead, Review, Signature
from review.release import aws, canonical
from review.wire import segment_dict
from transcripts.aws.callers import account_id
from transcripts.models import Membership


def build(
    review: Review, *, signer: Membership | None = None, signed_at: datetime | None = None
) -> dict[str, Any]:
    """The document as plain data (see review.release.canonical). Six queries at any length."""
    recording, transcript = review.recording, review.transcript
    patient = recording.patient
    head = AuditHead.objects.get(practice=review.practice_id)
    return canonical.document(
        document_id=str(review.pk),
        recording_id=str(recording.pk),
        job_name=transcript.job.name,
        title=f"{recording.get_type_display()} – {recording.get_specialty_display()}",
        type=recording.type,
        specialty=recording.specialty,
        encounter_date=recording.encounter_date.isoformat(),
        duration=recording.duration,
        patient=patient
        and {
            "mrn": patient.mrn,
            "name": patient.name,
            "birth_date": patient.birth_date and patient.birth_date.isoformat(),
        },
        author=recording.author_name,
        practice_id=str(review.practice_id),
        practice_name=review.practice.name,
        segments=[segment_dict(segment) for segment in review.text.order_by("position")],
        flags=_flags(review),
        audio_sha256=recording.sha256,
        audio_duration=recording.duration,
        engine_name=transcript.engine,
        engine_model=transcript.model,
        review_id=str(review.pk),
        threshold=review.threshold,
        last_edit_seq=review.edit_seq,
        audit_seq=head.seq,
        audit_hash=head.hash,
        meaning=Meaning.AUTHOR_ATTESTED.value,
        attestation=ATTESTATION,
        signer=signer
        and {
            "id": str(signer.user_id),
            "name": signer.printed_name,
            "title": signer.title,
            "licence": signer.licence,
        },
        signed_at=signed_at and _utc(signed_at),
    )


def aws_copy(recording_id: UUID) -> bytes | None:
    """The signed document for an AWS client's bucket (see review.release.aws); None if unsigned."""
    rows = Signature.objects.select_related("review__practice", "review__transcript__job", "key")
    signature = rows.filter(review__recording=recording_id).order_by("number").last()
    if signature is None:
        return None
    review, job = signature.review, signature.review.transcript.job
    return aws.render(
        json.loads(signature.document),
        lines=[segment_dict(segment) for segment in review.text.order_by("position")],
        job_name=job.name,
        account_id=account_id(review.practice),
        settings={k: v for k, v in job.settings.items() if "Alternatives" not in k},
        signature={
            "sha256": signature.sha256,
            "signature": signature.signature,
            "key_id": signature.key.key_id,
            "public_key": signature.key.public_key,
        },
    )


def content_digest(document: dict[str, Any]) -> str:
    """SHA-256 of what a person reads and answers for; the audit head moves on by itself."""
    content = {key: value for key, value in document.items() if key != "audit_head"}
    return canonical.digest(canonical.canonical_bytes(content))


def _flags(review: Review) -> list[dict[str, Any]]:
    return [
        {
            "id": str(flag.pk),
            "items": flag.items,
            "reason": flag.reason,
            "state": flag.state,
            "resolved_by": flag.resolved_by_id and str(flag.resolved_by_id),
            "resolved_at": flag.resolved_at and _utc(flag.resolved_at),
        }
        for flag in review.flags.order_by("id")
    ]


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
