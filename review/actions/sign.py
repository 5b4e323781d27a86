"""Signatures: the author's, a co-signer's, a reviewer's; of exactly what was shown.

Who proves what is in proof.py, addenda are drafted in addenda.py. The text is frozen from the first
signature on; only a co-signer who rejects it gives it back.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from review import documents, keys
from review.actions import letterheads, recipients
from review.actions.proof import NotProven, prove
from review.enums import SIGNINGS, Action, Meaning, State
from review.models import Addendum, Review, Signature
from review.policies import (
    Refused,
    addendum_refusal,
    cosign_refusal,
    review_refusal,
    sign_refusal,
    standing,
)
from review.release import canonical
from transcripts import events, live
from transcripts.models import Membership

Build = Callable[..., dict[str, Any]]


class Changed(Exception):
    """The document is no longer what the signer was shown."""


def sign(*, review: Review, by: Membership, password: str, shown: str, code: str = "") -> Signature:
    """The author's signature under the document whose content digest is `shown`.

    Raises Refused (state or person), NotProven, Changed or keys.KeyMissing; nothing is signed then,
    and the attempt is in the audit log.
    """

    def act(factors: list[str]) -> Signature:
        row = locked(review)
        if sentence := sign_refusal(row, by, **standing(row)):
            raise Refused(sentence)
        return _seal(
            row,
            by,
            shown,
            lambda **signing: documents.build(row, **signing),
            meaning=Meaning.AUTHOR_ATTESTED,
            factors=factors,
            state=_leads_to(Meaning.AUTHOR_ATTESTED, by),
            action=Action.DOCUMENT_SIGNED,
        )

    return _proven(review, by, password, code, act)


def cosign(
    *,
    review: Review,
    by: Membership,
    password: str,
    shown: str,
    code: str = "",
    reason: str | None = None,
) -> Signature:
    """A second clinician agrees with the signed document, or with a reason returns it.

    Raises as sign() does.
    """
    meaning = Meaning.CO_SIGNED if reason is None else Meaning.REJECTED

    def act(factors: list[str]) -> Signature:
        row = locked(review)
        if sentence := cosign_refusal(row, by):
            raise Refused(sentence)
        return _seal(
            row,
            by,
            shown,
            lambda **signing: documents.follow_up(row, meaning=meaning, reason=reason, **signing),
            meaning=meaning,
            factors=factors,
            state=_leads_to(meaning, by),
            action=Action.DOCUMENT_COSIGNED if reason is None else Action.DOCUMENT_REJECTED,
        )

    return _proven(review, by, password, code, act)


def attest_review(
    *, review: Review, by: Membership, password: str, shown: str, code: str = ""
) -> Signature:
    """A clinician who is not the author signs that they reviewed the signed document.

    Raises as sign() does.
    """

    def act(factors: list[str]) -> Signature:
        row = locked(review)
        if sentence := review_refusal(row, by):
            raise Refused(sentence)
        return _seal(
            row,
            by,
            shown,
            lambda **signing: documents.follow_up(row, meaning=Meaning.REVIEWED, **signing),
            meaning=Meaning.REVIEWED,
            factors=factors,
            state=None,
            action=Action.DOCUMENT_REVIEWED,
        )

    return _proven(review, by, password, code, act)


def sign_addendum(
    *, addendum: Addendum, by: Membership, password: str, shown: str, code: str = ""
) -> Signature:
    """The signature under a drafted addendum or amendment, by its author. Raises as sign() does.

    Who had received the document before is listed in the same transaction.
    """

    def act(factors: list[str]) -> Signature:
        row = locked(addendum.review)
        draft = Addendum.objects.select_for_update().get(pk=addendum.pk)
        if sentence := addendum_refusal(row, by, draft):
            raise Refused(sentence)
        meaning = documents.meaning_of(draft)
        signature = _seal(
            row,
            by,
            shown,
            lambda **signing: documents.follow_up(row, meaning=meaning, addendum=draft, **signing),
            meaning=meaning,
            factors=factors,
            state=_leads_to(Meaning.AMENDED, by),
            action=Action.DOCUMENT_AMENDED,
            addendum=draft,
        )
        recipients.list_those_before(signature, by=by)
        return signature

    return _proven(addendum.review, by, password, code, act)


def _leads_to(meaning: Meaning, by: Membership) -> State:
    states = SIGNINGS[meaning].leads_to
    return states[0] if by.cosigned else states[-1]


def _proven(
    review: Review,
    by: Membership,
    password: str,
    code: str,
    act: Callable[[list[str]], Signature],
) -> Signature:
    """Does `act` in a transaction once the person is proven; an attempt in vain is on record."""
    try:
        factors = prove(user=by.user, password=password, code=code)
        with transaction.atomic():
            return act(factors)
    except (Refused, NotProven, Changed, keys.KeyMissing) as reason:
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


def _seal(
    review: Review,
    by: Membership,
    shown: str,
    build: Build,
    *,
    meaning: Meaning,
    factors: list[str],
    state: State | None,
    action: Action,
    addendum: Addendum | None = None,
) -> Signature:
    """Signs what `build` makes of the locked review, if that is still what was shown."""
    key = keys.active(review.practice)
    now = datetime.now(UTC)
    # The audit log stands still from here on, so that its next row is that of this signature.
    document = build(signer=by, signed_at=now, factors=factors, head=documents.head(review))
    if documents.content_digest(document) != shown:
        raise Changed
    data = canonical.canonical_bytes(document)
    signature = Signature.objects.create(
        review=review,
        number=(review.signatures.order_by("-number").values_list("number", flat=True).first() or 0)
        + 1,
        document=data.decode(),
        sha256=canonical.digest(data),
        signature=keys.sign(data, key),
        key=key,
        signer=by.user,
        meaning=meaning,
        signed_at=now,
        addendum=addendum,
        letterhead=letterheads.current(review.practice),
    )
    if state and state != review.state:
        review.state = state
        review.save(update_fields=["state"])
    events.about(
        review.recording,
        action,
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
