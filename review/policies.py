"""What a document's state allows. One sentence serves the button, the answer and the refusal."""

from review.enums import EDITABLE, State
from review.models import Review
from review.permissions import Permission, refusal
from transcripts.models import Membership


class Refused(Exception):
    """The state does not allow this; the message is a sentence for the page."""


def edit_refusal(review: Review, member: Membership | None) -> str | None:
    """Why the text can't be changed now by this person; None when it can."""
    if review.state == State.SIGNED:
        return "This document is signed and can no longer change."
    if review.state not in EDITABLE:
        return "The recording is still being transcribed."
    return refusal(member, Permission.EDIT)


def sign_refusal(
    review: Review, member: Membership | None, *, open_flags: int, has_text: bool
) -> str | None:
    """Why the document can't be signed now by this person; None when it can."""
    if review.state == State.SIGNED:
        return "This document is already signed."
    if review.state not in EDITABLE:
        return "The recording is still being transcribed."
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
