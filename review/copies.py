"""Copies of a review's document as they leave: drafts, signed ones, messages, packages.

Rows come in here; what a copy looks like is in release/. What is signed is built in documents.py.
"""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Func, IntegerField, Sum

from review import documents, keys
from review.enums import FINAL, State
from review.lines import segment_dict
from review.models import AuditEvent, Review, Signature
from review.release import aws, canonical, deidentified, fhir, hl7v2, package, text
from review.release.letter import FollowUp, Letterhead
from transcripts.aws.callers import account_id
from transcripts.engines import phi


def copy_of(review: Review) -> tuple[dict[str, Any], dict[str, str] | None, list[FollowUp]]:
    """What every copy is printed from: the document, its signature's block, what was signed later.

    Without a block the copy is a draft. ValueError when a stored signature does not verify.
    """
    if review.state not in FINAL:
        draft = documents.build(review)
        waits = review.state == State.COSIGNING
        return draft | ({"awaiting": "a co-signature"} if waits else {}), None, []
    first = review.attested
    later = review.signatures.filter(number__gt=first.number).select_related("key")
    all_of = [verified(each) for each in [first, *later.order_by("number")]]
    return *all_of[0], all_of[1:]


class Unverified(ValueError):
    """A stored document is not what its signature was made for; nothing of it leaves."""

    def __init__(self, signature: Signature) -> None:
        super().__init__("the stored signature does not verify")
        self.signature = signature


def verified(signature: Signature) -> FollowUp:
    """As opened(). Raises Unverified, also for a row that was moved to another document."""
    data = signature.document.encode()
    if not canonical.verify(data, signature.signature, signature.key.public_key):
        raise Unverified(signature)
    document, block = opened(signature)
    about = document["document"]
    if about.get("parent_id", about["id"]) != str(signature.review_id):
        raise Unverified(signature)
    return document, block


def letterhead(review: Review) -> Letterhead | None:
    """What its copies stand under: the one it was signed with, for drafts the practice's now."""
    row = review.attested.letterhead if review.state in FINAL else None
    if review.state not in FINAL:
        row = review.practice.letterheads.order_by("-number").first()
    return row and Letterhead(row.name, row.address, row.phone, bytes(row.logo))


def word_count(review: Review) -> int:
    """About how many words a copy has: the items of its text. One query."""
    count = Func(F("items"), function="jsonb_array_length", output_field=IntegerField())
    return review.text.aggregate(total=Sum(count))["total"] or 0


def opened(signature: Signature) -> FollowUp:
    """What was signed, and the block that is printed under it."""
    document = json.loads(signature.document)
    return document, signature_block(signature, document)


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


def proof(review: Review, *, later_keys: bool = True) -> bytes:
    """The signed package that verify.py checks offline (see review.release.package).

    With `later_keys` it also says which keys the practice has had since; without, it stays the
    same bytes when the practice gets a new key.
    """
    rows = list(review.signatures.select_related("key").order_by("number"))
    used = [row.key for row in rows]
    if later_keys:
        used += review.practice.signing_keys.filter(retired_at=None)
    signed = (
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
    return package.render(signed, keys.rotations(used))


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
        document, block = verified(signature)
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
