"""Signing a document: by its author, with the password again, exactly what was shown."""

from datetime import UTC, datetime

from django.db import transaction

from review import documents, keys
from review.enums import Action, Meaning, State
from review.models import Review, Signature
from review.policies import Refused, sign_refusal, standing
from review.release import canonical
from transcripts import events, live
from transcripts.models import Membership


class WrongPassword(Exception):
    """The password given again is not the signer's."""


class Changed(Exception):
    """The document is no longer what the signer was shown."""


def sign(*, review: Review, by: Membership, password: str, shown: str) -> Signature:
    """Signs the document whose content digest is `shown`.

    Raises Refused (state or person), WrongPassword, Changed or keys.KeyMissing; nothing is signed
    then, and the attempt is in the audit log.
    """
    try:
        if not by.user.check_password(password):
            raise WrongPassword
        with transaction.atomic():
            return _sign(review, by, shown)
    except (Refused, WrongPassword, Changed, keys.KeyMissing) as reason:
        report_refusal(review, by, type(reason).__name__)
        raise


def report_refusal(review: Review, by: Membership, reason: str) -> None:
    """Puts an attempt that came to nothing into the audit log; `reason` is a code."""
    events.emit(
        events.Event(
            action=Action.SIGN_REFUSED,
            practice_id=review.practice_id,
            by=by.user,
            object_type="Recording",
            object_id=review.recording_id,
            patient_id=review.recording.patient_id,
            outcome="denied",
            detail={"reason": reason},
        )
    )


def _sign(review: Review, by: Membership, shown: str) -> Signature:
    review = locked(review)
    if sentence := sign_refusal(review, by, **standing(review)):
        raise Refused(sentence)
    if documents.content_digest(documents.build(review)) != shown:
        raise Changed
    key = keys.active(review.practice)
    now = datetime.now(UTC)
    data = canonical.canonical_bytes(documents.build(review, signer=by, signed_at=now))
    signature = Signature.objects.create(
        review=review,
        document=data.decode(),
        sha256=canonical.digest(data),
        signature=keys.sign(data, key),
        key=key,
        signer=by.user,
        meaning=Meaning.AUTHOR_ATTESTED,
        signed_at=now,
    )
    review.state = State.SIGNED
    review.save(update_fields=["state"])
    events.about(
        review.recording,
        Action.DOCUMENT_SIGNED,
        by.user,
        signature=str(signature.pk),
        sha256=signature.sha256,
        key=key.key_id,
    )
    live.announce(practice_id=review.practice_id, recording_id=review.recording_id, kind="reload")
    return signature


def locked(review: Review) -> Review:
    """The review with all that its document is built from, locked against edits."""
    # Two statements: what others changed while this one waited for the lock must be read after it.
    Review.objects.select_for_update().get(pk=review.pk)
    rows = Review.objects.select_related(
        "practice", "recording__patient", "recording__author__user", "transcript__job"
    )
    return rows.get(pk=review.pk)
