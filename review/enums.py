"""States of a review, how one follows another, and the acts that this app reports."""

from django.db.models import TextChoices


class State(TextChoices):
    WAITING = "waiting", "Transcribing"
    READY = "ready", "Ready for review"
    IN_REVIEW = "in_review", "In review"
    READY_TO_SIGN = "ready_to_sign", "Ready to sign"
    COSIGNING = "cosigning", "Awaiting co-signature"
    SIGNED = "signed", "Signed"
    AMENDED = "amended", "Signed and amended"


# The database refuses every other change (see the trigger on Review).
TRANSITIONS: tuple[tuple[State, State], ...] = (
    (State.WAITING, State.READY),
    (State.READY, State.IN_REVIEW),
    (State.READY, State.READY_TO_SIGN),
    (State.IN_REVIEW, State.READY_TO_SIGN),
    (State.READY_TO_SIGN, State.IN_REVIEW),
    (State.READY_TO_SIGN, State.SIGNED),
    (State.READY_TO_SIGN, State.COSIGNING),
    (State.COSIGNING, State.SIGNED),
    (State.COSIGNING, State.IN_REVIEW),
    (State.SIGNED, State.AMENDED),
)

EDITABLE = (State.READY, State.IN_REVIEW, State.READY_TO_SIGN)
# The text can't change: somebody signed it.
FROZEN = (State.COSIGNING, State.SIGNED, State.AMENDED)
# A clinical document: every signature that the practice asks for is there.
FINAL = (State.SIGNED, State.AMENDED)


class Reason(TextChoices):
    """Why a word must be looked at."""

    LOW_CONFIDENCE = "low_confidence", "The machine was unsure of this word"
    NO_SPEECH = "no_speech", "Nobody was heard here"
    LOOP = "loop", "The machine repeated itself here"
    BLANK = "blank", "Something here was not understood"
    QUERY = "query", "There is a question for the author"
    # Found by review.safety, under the same names.
    DRUG = "drug", "A drug and its dose"
    DOSE_RANGE = "dose_range", "An unusual dose"
    NUMBER_SOUND = "number_sound", "A number that sounds like another"
    SOUND_ALIKE = "sound_alike", "A drug that sounds like another"
    ALLERGY = "allergy", "An allergy"
    LATERALITY = "laterality", "Left or right"
    CONTRADICTION = "contradiction", "Left here and right elsewhere"
    NEGATION = "negation", "A word that turns a finding around"
    QUESTION = "question", "A question without a clear answer"
    YES_NO = "yes_no", "A sound for yes or no"
    UNKNOWN_WORD = "unknown_word", "A word of no dictionary"


class FlagState(TextChoices):
    OPEN = "open", "Open"
    CONFIRMED = "confirmed", "Confirmed as heard"
    CORRECTED = "corrected", "Corrected"
    SUPERSEDED = "superseded", "Left behind with an older transcript"


class EditKind(TextChoices):
    REPLACE_TEXT = "replace_text", "Text replaced"
    REPLACE_RANGE = "replace_range", "Words replaced"
    REPLACE_ALL = "replace_all", "A word replaced everywhere"
    CONFIRM = "confirm", "Words confirmed"
    SPLIT = "split", "Segment split"
    MERGE = "merge", "Segments merged"
    SPEAKER = "speaker", "Speaker changed"
    RENAME_SPEAKER = "rename_speaker", "Speaker named"
    MERGE_SPEAKERS = "merge_speakers", "Speakers merged"
    BLANK = "blank", "Blank left"
    QUERY = "query", "Author asked"
    UNDO = "undo", "Undone"
    REDO = "redo", "Done again"
    EARLY = "early", "Line taken up while the machine still worked"
    CARRY = "carry", "Carried over from an older transcript"


class Meaning(TextChoices):
    """What a signature says (21 CFR 11.50)."""

    AUTHOR_ATTESTED = "author-attested", "Attested by the author"
    REVIEWED = "reviewed", "Reviewed"
    CO_SIGNED = "co-signed", "Co-signed"
    AMENDED = "amended", "Amended"
    REJECTED = "rejected", "Rejected"


class AddendumKind(TextChoices):
    """An addendum adds to the signed text, an amendment stands in its place; both keep it."""

    ADDENDUM = "addendum", "Addendum"
    AMENDMENT = "amendment", "Amendment"


class DestinationKind(TextChoices):
    WEBHOOK = "webhook", "Webhook"
    MLLP = "mllp", "HL7 v2 (MLLP)"


class News(TextChoices):
    """What a destination can be told. HL7 receivers get documents only: signed and amended."""

    JOB_COMPLETED = "job.completed", "A transcription job completed"
    REVIEW_READY = "review.ready", "A transcript is ready for review"
    DOCUMENT_SIGNED = "document.signed", "A document was signed"
    DOCUMENT_AMENDED = "document.amended", "A signed document got an addendum or an amendment"


class DeliveryState(TextChoices):
    OWED = "owed", "Waiting to be sent"
    DELIVERED = "delivered", "Delivered"
    GIVEN_UP = "given_up", "Given up"
    CANCELLED = "cancelled", "Cancelled"


ATTESTATIONS: dict[str, str] = {
    Meaning.AUTHOR_ATTESTED: "I attest that I have reviewed this document and that it is accurate.",
    Meaning.REVIEWED: "I have reviewed this document. I am not its author.",
    Meaning.CO_SIGNED: "I have reviewed this document with its author and agree with it.",
    Meaning.AMENDED: "I attest that this amendment is accurate and replaces the text before it.",
    Meaning.REJECTED: "I have reviewed this document and do not agree with it as it stands.",
}


class Action(TextChoices):
    """What this app reports to the audit log; the label reads after the actor's name."""

    REVIEW_OPENED = "review.opened", "opened a transcript for review"
    REVIEW_VIEWED = "review.viewed", "looked at a transcript"
    COMPARISON_VIEWED = "comparison.viewed", "looked at where two machine transcripts differ"
    SEGMENT_EDITED = "segment.edited", "edited a segment"
    FLAG_CONFIRMED = "flag.confirmed", "confirmed marked words"
    WORD_REPLACED = "word.replaced", "replaced a word everywhere"
    SEGMENT_SPLIT = "segment.split", "split a segment"
    SEGMENTS_MERGED = "segment.merged", "merged two segments"
    SPEAKER_CHANGED = "speaker.changed", "changed the speaker of words"
    SPEAKER_RENAMED = "speaker.renamed", "named a speaker"
    SPEAKERS_MERGED = "speaker.merged", "merged two speakers"
    BLANK_LEFT = "blank.left", "left a blank in the text"
    QUERY_ASKED = "query.asked", "left a question for the author"
    EDIT_UNDONE = "edit.undone", "undid an edit"
    EDIT_REDONE = "edit.redone", "did an undone edit again"
    EDITS_KEPT = "edits.kept", "took over edits made while the machine still worked"
    PLAYS_REPORTED = "plays.reported", "listened to a recording"
    CHECK_SWITCHED = "safety.switched", "switched a safety check on or off"
    LOOK_MOVED = "look.moved", "moved the line for words to look at"
    TRANSCRIPT_OFFERED = "transcript.offered", "finished a newer transcript"
    TRANSCRIPT_TAKEN = "transcript.taken", "took over a newer transcript"
    TRANSCRIPT_DISMISSED = "transcript.dismissed", "kept the text against a newer transcript"
    SIGN_PREVIEWED = "document.previewed", "looked at a document before signing"
    DOCUMENT_SIGNED = "document.signed", "signed a document"
    DOCUMENT_COSIGNED = "document.cosigned", "co-signed a document"
    DOCUMENT_REJECTED = "document.rejected", "returned a document instead of co-signing it"
    DOCUMENT_REVIEWED = "document.reviewed", "signed that they reviewed a document"
    DOCUMENT_AMENDED = "document.amended", "signed an addendum or an amendment"
    ADDENDUM_DRAFTED = "addendum.drafted", "drafted an addendum or an amendment"
    ADDENDUM_DISCARDED = "addendum.discarded", "discarded the draft of an addendum or an amendment"
    SIGN_REFUSED = "document.sign_refused", "could not sign a document"
    DOCUMENT_RELEASED = "document.released", "downloaded a signed document"
    DRAFT_RELEASED = "draft.released", "downloaded an unsigned draft"
    DESTINATION_CREATED = "destination.created", "added a destination for news"
    DESTINATION_ENDED = "destination.ended", "ended a destination for news"
    NEWS_DELIVERED = "news.delivered", "delivered news to a destination"
    NEWS_GIVEN_UP = "news.given_up", "gave up delivering news to a destination"
    NEWS_REPEATED = "news.repeated", "asked for news to be delivered again"
    FHIR_SEARCHED = "fhir.searched", "searched over FHIR"
    SIGNING_KEY_CREATED = "signing_key.created", "created a signing key"
    LOGGED_IN = "login.succeeded", "logged in"
    LOGIN_FAILED = "login.failed", "failed to log in"
    LOGGED_OUT = "logout", "logged out"
    ACCESS_DENIED = "access.denied", "was denied access"
    AUDIT_VIEWED = "audit.viewed", "looked at the audit log"
    AUDIT_EXPORTED = "audit.exported", "exported the audit log"
