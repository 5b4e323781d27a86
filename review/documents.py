"""The clinical document of a review, built from its rows: a preview, or what is to be signed."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from review import attention
from review.enums import ATTESTATIONS, FINAL, AddendumKind, FlagState, Meaning, State
from review.lines import segment_dict
from review.models import Addendum, AuditEvent, AuditHead, Review, Signature
from review.release import aws, canonical, deidentified, fhir, hl7v2, letter, package, text
from review.release.letter import FollowUp
from transcripts.aws.callers import account_id
from transcripts.engines import phi
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
        signed_at=signed_at and _utc(signed_at),
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
        signed_at=signed_at and _utc(signed_at),
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


def signature_lines(review: Review) -> list[tuple[str, str]]:
    """The block under the author's signature, as (label, value)."""
    signature = review.attested
    signed = json.loads(signature.document)
    return letter.signature_lines(signed, signature_block(signature, signed))


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


def copy_of(review: Review) -> tuple[dict[str, Any], dict[str, str] | None, list[FollowUp]]:
    """What every copy is printed from: the document, its signature's block, what was signed later.

    Without a block the copy is a draft. ValueError when a stored signature does not verify.
    """
    if review.state not in FINAL:
        draft = build(review)
        waits = review.state == State.COSIGNING
        return draft | ({"awaiting": "a co-signature"} if waits else {}), None, []
    first = review.attested
    later = review.signatures.filter(number__gt=first.number).select_related("key")
    printed = [_printed(each) for each in [first, *later.order_by("number")]]
    return *printed[0], printed[1:]


def _printed(signature: Signature) -> tuple[dict[str, Any], dict[str, str]]:
    data = signature.document.encode()
    if not canonical.verify(data, signature.signature, signature.key.public_key):
        raise ValueError("the stored signature does not verify")
    document = json.loads(data)
    return document, signature_block(signature, document)


def aws_copy(recording_id: UUID) -> bytes | None:
    """The signed document for an AWS client's bucket (see review.release.aws); None if unsigned."""
    rows = Review.objects.select_related("practice", "transcript__job")
    review = rows.get(recording=recording_id)
    return aws_json(review) if review.state in FINAL else None


def aws_json(review: Review) -> bytes:
    """The document in AWS's JSON, with the signature where there is one."""
    document, block, _ = copy_of(review)
    job = review.transcript.job
    return aws.render(
        document,
        lines=[segment_dict(segment) for segment in review.text.order_by("position")],
        job_name=job.name,
        account_id=account_id(review.practice),
        settings={k: v for k, v in job.settings.items() if "Alternatives" not in k},
        signature=block
        and {
            "sha256": block["sha256"],
            "signature": block["signature"],
            "key_id": block["key_id"],
            "public_key": review.attested.key.public_key,
        },
    )


def deidentified_copy(review: Review) -> str:
    """The text with health information replaced by categories (see release.deidentified)."""
    document, block, _ = copy_of(review)
    lines = [segment_dict(segment) for segment in review.text.order_by("position")]
    return deidentified.render(
        document, lines=lines, entities=phi.detect(lines), signed=block is not None
    )


def proof(review: Review) -> bytes:
    """The signed package that verify.py checks offline (see review.release.package)."""
    rows = review.signatures.select_related("key").order_by("number")
    return package.render(
        package.Signed(
            canonical=row.document,
            sha256=row.sha256,
            signature=row.signature,
            key_id=row.key.key_id,
            public_key=row.key.public_key,
            event=_event(row),
        )
        for row in rows
    )


def _event(signature: Signature) -> tuple[str, str]:
    """The audit row of the signing: the one after the head that was signed."""
    head = json.loads(signature.document)["audit_head"]
    rows = AuditEvent.objects.filter(practice=signature.review.practice_id, seq=head["seq"] + 1)
    return rows.values_list("canonical", "hash").get()


def fhir_bundle(review: Review) -> bytes:
    """The signed document as a FHIR document Bundle; only for signed ones."""
    document, block, follow_ups = copy_of(review)
    printed = text.render(document, signature=block, follow_ups=follow_ups)
    return fhir.render(document, signature=block, text=printed)


def hl7_message(signature: Signature, *, control_id: str, sent_at: datetime, receiver: str) -> str:
    """The signed document, or the addendum that was signed, as an HL7 v2 message.

    `receiver` is application^facility, or empty.
    """
    document, block, follow_ups = copy_of(signature.review)
    trigger, parent = "T02", None
    if signature.addendum_id:
        parent = document["document"]["id"]
        document, block = _printed(signature)
        trigger, follow_ups = ("T10" if document["kind"] == "amendment" else "T06"), []
    else:
        follow_ups = [each for each in follow_ups if each[0]["kind"] == "cosignature"]
    application, _, facility = receiver.partition("^")
    return hl7v2.message(
        document,
        signature=block,
        trigger=trigger,
        control_id=control_id,
        sent_at=sent_at,
        text=text.render(document, signature=block, follow_ups=follow_ups),
        parent=parent,
        receiver=(application, facility),
    )


def signature_block(signature: Signature, content: dict[str, Any]) -> dict[str, str]:
    """What a printed signature says, from the signed bytes themselves."""
    return {
        "signer": content["signer"]["name"],
        "title": content["signer"]["title"],
        "licence": content["signer"]["licence"],
        "signed_at": content["signed_at"],
        "meaning": content["meaning"],
        "attestation": content["attestation"],
        "sha256": signature.sha256,
        "key_id": signature.key.key_id,
        "signature": signature.signature,
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
            "resolved_at": flag.resolved_at and _utc(flag.resolved_at),
        }
        for flag in review.flags.order_by("id")
    ]


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
