"""States of a review, how one follows another, and the acts that this app reports."""

from django.db.models import TextChoices


class State(TextChoices):
    WAITING = "waiting", "Transcribing"
    READY = "ready", "Ready for review"
    IN_REVIEW = "in_review", "In review"
    READY_TO_SIGN = "ready_to_sign", "Ready to sign"
    SIGNED = "signed", "Signed"


# The database refuses every other change (see the trigger on Review).
TRANSITIONS: tuple[tuple[State, State], ...] = (
    (State.WAITING, State.READY),
    (State.READY, State.IN_REVIEW),
    (State.READY, State.READY_TO_SIGN),
    (State.IN_REVIEW, State.READY_TO_SIGN),
    (State.READY_TO_SIGN, State.IN_REVIEW),
    (State.READY_TO_SIGN, State.SIGNED),
)

EDITABLE = (State.READY, State.IN_REVIEW, State.READY_TO_SIGN)


class Reason(TextChoices):
    """Why a word must be looked at."""

    LOW_CONFIDENCE = "low_confidence", "The machine was unsure of this word"
    NO_SPEECH = "no_speech", "Nobody was heard here"
    LOOP = "loop", "The machine repeated itself here"


class FlagState(TextChoices):
    OPEN = "open", "Open"
    CONFIRMED = "confirmed", "Confirmed as heard"
    CORRECTED = "corrected", "Corrected"
    SUPERSEDED = "superseded", "Left behind with an older transcript"


class EditKind(TextChoices):
    REPLACE_TEXT = "replace_text", "Text replaced"
    CONFIRM = "confirm", "Words confirmed"
    CARRY = "carry", "Carried over from an older transcript"


class Meaning(TextChoices):
    """What a signature says (21 CFR 11.50)."""

    AUTHOR_ATTESTED = "author-attested", "Attested by the author"


ATTESTATION = "I attest that I have reviewed this document and that it is accurate."


class Action(TextChoices):
    """What this app reports to the audit log; the label reads after the actor's name."""

    REVIEW_OPENED = "review.opened", "opened a transcript for review"
    REVIEW_VIEWED = "review.viewed", "looked at a transcript"
    SEGMENT_EDITED = "segment.edited", "edited a segment"
    FLAG_CONFIRMED = "flag.confirmed", "confirmed marked words"
    TRANSCRIPT_OFFERED = "transcript.offered", "finished a newer transcript"
    TRANSCRIPT_TAKEN = "transcript.taken", "took over a newer transcript"
    TRANSCRIPT_DISMISSED = "transcript.dismissed", "kept the text against a newer transcript"
    SIGN_PREVIEWED = "document.previewed", "looked at a document before signing"
    DOCUMENT_SIGNED = "document.signed", "signed a document"
    SIGN_REFUSED = "document.sign_refused", "could not sign a document"
    DOCUMENT_RELEASED = "document.released", "downloaded a signed document"
    DRAFT_RELEASED = "draft.released", "downloaded an unsigned draft"
    SIGNING_KEY_CREATED = "signing_key.created", "created a signing key"
    LOGGED_IN = "login.succeeded", "logged in"
    LOGIN_FAILED = "login.failed", "failed to log in"
    LOGGED_OUT = "logout", "logged out"
    ACCESS_DENIED = "access.denied", "was denied access"
    AUDIT_VIEWED = "audit.viewed", "looked at the audit log"
    AUDIT_EXPORTED = "audit.exported", "exported the audit log"
