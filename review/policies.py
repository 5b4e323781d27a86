"""What a document's state allows. One sentence serves the button, the answer and the refusal."""

from typing import Any

from review.enums import EDITABLE, FlagState, State
from review.models import Review
from review.permissions import Permission, refusal
from transcripts.enums import LIVE_STATUSES
from transcripts.models import MedicalTranscriptionJob, Membership

NO_TRANSCRIPT = "There is no transcript of this recording yet."


class Refused(Exception):
    """The state does not allow this; the message is a sentence for the page."""


def edit_refusal(review: Review, member: Membership | None) -> str | None:
    """Why the text can't be changed now by this person; None when it can."""
    if review.state == State.SIGNED:
        return "This document is signed and can no longer change."
    if review.state not in EDITABLE:
        return NO_TRANSCRIPT
    return refusal(member, Permission.EDIT)


def rerun_refusal(review: Review, job: MedicalTranscriptionJob) -> str | None:
    """Why the recording can't be transcribed again now; None when it can."""
    if review.state == State.SIGNED:
        return "This document is signed. What was said stays as it was signed."
    if job.status in LIVE_STATUSES:
        return "The recording is being transcribed already. Wait for it, or cancel it first."
    if review.offered_id:
        return "A newer transcript is waiting for a decision. Take it over or dismiss it first."
    return None


def details_refusal(review: Review) -> str | None:
    """Why patient, author and dates can't be changed now; None when they can."""
    if review.state == State.SIGNED:
        return "This document is signed. Patient, author and dates are part of what was signed."
    return None


def standing(review: Review) -> dict[str, Any]:
    """What sign_refusal needs to know of the document as it stands now. Two queries."""
    return {
        "open_flags": review.flags.filter(state=FlagState.OPEN).count(),
        "has_text": review.text.exclude(text="").exists(),
    }


def sign_refusal(
    review: Review, member: Membership | None, *, open_flags: int, has_text: bool
) -> str | None:
    """Why the document can't be signed now by this person; None when it can."""
    if review.state == State.SIGNED:
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
    return None
