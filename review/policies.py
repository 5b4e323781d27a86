"""What a document's state allows. One sentence serves the button, the answer and the refusal."""

from typing import Any

from django.db import connection

from review.enums import EDITABLE, FROZEN, SIGNINGS, Meaning, State
from review.models import Addendum, Review
from review.permissions import Permission, refusal
from transcripts.access import READ_ONLY, only_by_emergency
from transcripts.enums import LIVE_STATUSES
from transcripts.models import MedicalTranscriptionJob, Membership

NO_TRANSCRIPT = "There is no transcript of this recording yet."


class Refused(Exception):
    """The state does not allow this; the message is a sentence for the page."""


def edit_refusal(review: Review, member: Membership | None) -> str | None:
    """Why the text can't be changed now by this person; None when it can."""
    if review.state in FROZEN:
        return "This document is signed and can no longer change."
    if review.state not in EDITABLE:
        return NO_TRANSCRIPT
    return writing_refusal(review, member)


def writing_refusal(review: Review, member: Membership | None) -> str | None:
    """Why this person changes nothing here whatever the state; None where they may."""
    if only_by_emergency(member, pk=review.recording_id):
        return READ_ONLY
    return refusal(member, Permission.EDIT)


def early_refusal(review: Review, member: Membership | None) -> str | None:
    """As edit_refusal, for lines that can be edited while the machine still works on others."""
    if review.state == State.WAITING:
        return writing_refusal(review, member)
    return edit_refusal(review, member)


def rerun_refusal(review: Review, job: MedicalTranscriptionJob) -> str | None:
    """Why the recording can't be transcribed again now; None when it can."""
    if review.state in FROZEN:
        return "This document is signed. What was said stays as it was signed."
    if job.status in LIVE_STATUSES:
        return "The recording is being transcribed already. Wait for it, or cancel it first."
    if review.offered_id:
        return "A newer transcript is waiting for a decision. Take it over or dismiss it first."
    return None


def details_refusal(review: Review) -> str | None:
    """Why patient, author and dates can't be changed now; None when they can."""
    if review.state in FROZEN:
        return "This document is signed. Patient, author and dates are part of what was signed."
    return None


def meanings(review: Review, member: Membership | None) -> dict[Meaning, str | None]:
    """Every meaning that a signature can have: why this person can't give it now, or None."""
    cosign = cosign_refusal(review, member)
    return {
        Meaning.AUTHOR_ATTESTED: sign_refusal(review, member, **standing(review)),
        Meaning.CO_SIGNED: cosign,
        Meaning.REJECTED: cosign,
        Meaning.REVIEWED: review_refusal(review, member),
        Meaning.AMENDED: addendum_refusal(review, member),
    }


def standing(review: Review) -> dict[str, Any]:
    """What sign_refusal needs to know of the document as it stands now. One query."""
    counted = tally(review)
    return {"open_flags": counted["open"], "has_text": counted["text"]}


# Plain SQL: asked at every edit.
TALLY = """
SELECT count(*) FILTER (WHERE state = 'open'), count(*), EXISTS (
    SELECT FROM review_segment AS s
    WHERE s.review_id = %(review)s AND s.transcript_id IS NOT DISTINCT FROM %(transcript)s
        AND NOT s.removed AND s.text <> ''
)
FROM review_flag WHERE review_id = %(review)s
"""


def tally(review: Review) -> dict[str, int | bool]:
    """How many flags there are and how many are open, and whether there is text. One query."""
    with connection.prepared_cursor() as cursor:
        cursor.execute(TALLY, {"review": review.pk, "transcript": review.transcript_id})
        return dict(zip(("open", "all", "text"), cursor.fetchone(), strict=True))


def sign_refusal(
    review: Review, member: Membership | None, *, open_flags: int, has_text: bool
) -> str | None:
    """Why the document can't be signed now by this person; None when it can."""
    if review.state in FROZEN:
        return "This document is already signed."
    if review.state not in EDITABLE:
        return NO_TRANSCRIPT
    if sentence := refusal(member, Permission.SIGN):
        return sentence
    if review.recording.author_id is None:
        return "The recording has no author yet. Name its author first."
    if review.recording.author_id != member.pk:
        return "Only the author of the recording can sign it."
    if not has_text:
        return "There is no text to sign."
    if open_flags:
        words = "1 marked word is" if open_flags == 1 else f"{open_flags} marked words are"
        return f"{words} still open. Confirm or correct every marked word first."
    if review.state not in SIGNINGS[Meaning.AUTHOR_ATTESTED].states:
        return "This document is not ready to be signed yet."
    return None


def cosign_refusal(review: Review, member: Membership | None) -> str | None:
    """Why this person can't co-sign the document, or return it, now; None when they can."""
    if sentence := refusal(member, Permission.SIGN):
        return sentence
    if review.state not in SIGNINGS[Meaning.CO_SIGNED].states:
        return "This document does not wait for a co-signature."
    if member.cosigned:
        return "What you sign needs a co-signature itself. Another clinician co-signs."
    if review.recording.author_id == member.pk:
        return "The author can't co-sign their own document."
    return None


def review_refusal(review: Review, member: Membership | None) -> str | None:
    """Why this person can't sign that they reviewed the document; None when they can."""
    if sentence := refusal(member, Permission.SIGN):
        return sentence
    if review.state not in SIGNINGS[Meaning.REVIEWED].states:
        return "Only a signed document can be reviewed by a second clinician."
    if review.recording.author_id == member.pk:
        return "The author has signed this document already."
    if review.signatures.filter(signer=member.user_id, meaning="reviewed").exists():
        return "You have signed already that you reviewed this document."
    return None


def addendum_refusal(
    review: Review, member: Membership | None, draft: Addendum | None = None
) -> str | None:
    """Why this person can't add to the signed document, with this draft; None when they can."""
    if sentence := refusal(member, Permission.SIGN):
        return sentence
    if review.state not in SIGNINGS[Meaning.AMENDED].states:
        return "Only a signed document gets addenda. Before that, its text itself is changed."
    if review.recording.author_id != member.pk:
        return "Only the author of the document can add to it or amend it."
    if draft is None:
        return None
    if draft.author_id != member.pk:
        return "This is another person's draft."
    if hasattr(draft, "signature"):
        return "This is signed already and can no longer change."
    return None
