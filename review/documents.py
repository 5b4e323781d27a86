"""The clinical document of a review, built from its rows: a preview, or what is to be signed."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid5

from review import attention
from review.audit import chain
from review.enums import ATTESTATIONS, AddendumKind, FlagState, Meaning
from review.lines import segment_dict
from review.models import Addendum, AuditHead, Review
from review.release import canonical
from transcripts.models import Membership


def build(
    review: Review,
    *,
    signer: Membership | None = None,
    signed_at: datetime | None = None,
    factors: Sequence[str] = (),
    head: AuditHead | None = None,
) -> dict[str, Any]:
    """The document as plain data (see review.release.canonical). Constant queries at any length.

    `head` is where the audit log stands; without one it is looked up.
    """
    recording, transcript = review.recording, review.transcript
    patient = recording.patient
    head = head or AuditHead.objects.get(practice=review.practice_id)
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
        segments=_segments(review),
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
        prior_signature=_last(review),
        meaning=Meaning.AUTHOR_ATTESTED.value,
        attestation=ATTESTATIONS[Meaning.AUTHOR_ATTESTED],
        signer=signer and _signer(signer),
        signed_at=signed_at and chain.stamp(signed_at),
        authenticated_by=factors,
        attention=attention_of(review, signer) if signer else None,
    )


def attention_of(review: Review, by: Membership) -> dict[str, str | int]:
    """How this person checked the document, for the receipt in its signature. Three queries."""
    plays = list(review.plays.filter(user=by.user_id).values_list("start", "end", "rate", "at"))
    settled = list(review.flags.filter(resolved_by=by.user_id).values_list("state", "resolved_at"))
    edited = review.edits.filter(by=by.user_id).values_list("at", flat=True)
    states = [state for state, _ in settled]
    moments = [at for *_, at in plays] + [at for _, at in settled] + list(edited)
    heard = [(float(start), float(end)) for start, end, *_ in plays]
    rate = attention.mean_rate([(float(end - start), float(r)) for start, end, r, _ in plays])
    return {
        "heard": f"{attention.share_heard(heard, float(review.recording.duration)):.2f}",
        "rate": f"{rate:.2f}",
        "confirmed": states.count(FlagState.CONFIRMED),
        "corrected": states.count(FlagState.CORRECTED),
        "minutes": f"{attention.minutes_worked(moments):.1f}",
    }


def follow_up(
    review: Review,
    *,
    meaning: Meaning,
    reason: str | None = None,
    addendum: Addendum | None = None,
    signer: Membership | None = None,
    signed_at: datetime | None = None,
    factors: Sequence[str] = (),
    head: AuditHead | None = None,
    by: Membership | None = None,
) -> dict[str, Any]:
    """What is signed after the document (see canonical.follow_up); `by` is who would sign it."""
    first = json.loads(review.attested.document)
    head = head or AuditHead.objects.get(practice=review.practice_id)
    kind = str(addendum.kind) if addendum else FOLLOW_UP_KINDS[meaning]
    number = review.signatures.count() + 1
    title = f"{LABELS[kind]} to {first['document']['title']}"
    return canonical.follow_up(
        first,
        kind=kind,
        document_id=str(addendum.pk if addendum else uuid5(review.pk, f"signature {number}")),
        title=title,
        prior_signature=_last(review) or "",
        audit_seq=head.seq,
        audit_hash=head.hash,
        meaning=meaning.value,
        attestation=ATTESTATIONS[meaning],
        author=(signer or by).printed_name,
        reason=addendum.reason if addendum else reason,
        text=addendum.text if addendum else None,
        signer=signer and _signer(signer),
        signed_at=signed_at and chain.stamp(signed_at),
        authenticated_by=factors,
    )


FOLLOW_UP_KINDS = {
    Meaning.CO_SIGNED: "cosignature",
    Meaning.REJECTED: "rejection",
    Meaning.REVIEWED: "review",
}
LABELS = {
    "cosignature": "Co-signature",
    "rejection": "Return",
    "review": "Review",
    "addendum": "Addendum",
    "amendment": "Amendment",
}


def meaning_of(addendum: Addendum) -> Meaning:
    """What a signature under it says."""
    amended = addendum.kind == AddendumKind.AMENDMENT
    return Meaning.AMENDED if amended else Meaning.AUTHOR_ATTESTED


def content(review: Review) -> dict[str, Any]:
    """The author's document as it was signed."""
    return json.loads(review.attested.document)


def head(review: Review) -> AuditHead:
    """The end of the practice's audit log, locked: nothing else is written until the commit."""
    return AuditHead.objects.select_for_update().get(practice=review.practice_id)


def _last(review: Review) -> str | None:
    """The digest of what was signed last."""
    return review.signatures.order_by("-number").values_list("sha256", flat=True).first()


def _signer(member: Membership) -> dict[str, str]:
    return {
        "id": str(member.user_id),
        "name": member.printed_name,
        "title": member.title,
        "licence": member.licence,
    }


MOVING = {"audit_head", "attention", "draft", "signer", "signed_at", "authenticated_by"}


def content_digest(document: dict[str, Any]) -> str:
    """SHA-256 of what a person reads and answers for, before and after it is signed.

    The audit head and the attention move on by themselves; signer and time come with the signature.
    Who co-signs, returns or reviews reads the document as it was signed before.
    """
    if document.get("kind") in FOLLOW_UP_KINDS.values():
        return document["prior_signature"]
    content = {key: value for key, value in document.items() if key not in MOVING}
    return canonical.digest(canonical.canonical_bytes(content))


def _segments(review: Review) -> list[dict[str, Any]]:
    """The text in order; speakers are called by their names where they have any."""
    made = [segment_dict(segment) for segment in review.text.order_by("position")]
    return [{**one, "speaker": review.speakers.get(one["speaker"], one["speaker"])} for one in made]


def _flags(review: Review) -> list[dict[str, Any]]:
    return [
        {
            "id": str(flag.pk),
            "items": flag.items,
            "reason": flag.reason,
            "state": flag.state,
            "resolved_by": flag.resolved_by_id and str(flag.resolved_by_id),
            "resolved_at": flag.resolved_at and chain.stamp(flag.resolved_at),
        }
        for flag in review.flags.order_by("id")
    ]
