"""States of a review, how one follows another, and the acts that this app reports."""

from typing import NamedTuple

from django.db.models import IntegerChoices, TextChoices


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


class Priority(IntegerChoices):
    ROUTINE = 0, "Routine"
    URGENT = 1, "Urgent"
    STAT = 2, "Stat"


class Pend(TextChoices):
    """Why work on a document rests."""

    BLANK = "blank", "Blank"
    QUERY = "query", "Query to the dictator"
    AUDIO = "audio", "Poor audio"


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


class Suspicion(TextChoices):
    """What became of a suspected adverse drug event."""

    OPEN = "open", "To be decided"
    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Rejected"


class Causality(TextChoices):
    """How likely the drug was the cause, by WHO-UMC."""

    CERTAIN = "certain", "Certain"
    PROBABLE = "probable", "Probable"
    POSSIBLE = "possible", "Possible"


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


class Signing(NamedTuple):
    """In which states a signature of one meaning can be given, and where it leads, if anywhere."""

    states: tuple[State, ...]
    leads_to: tuple[State, ...]


# Every signature there is; an addendum, attested by its author, goes the way of an amendment. What
# leads to two states leads to the first where the signer needs a co-signature. The database refuses
# every other (see the trigger on Signature).
SIGNINGS: dict[Meaning, Signing] = {
    Meaning.AUTHOR_ATTESTED: Signing((State.READY_TO_SIGN,), (State.COSIGNING, State.SIGNED)),
    Meaning.CO_SIGNED: Signing((State.COSIGNING,), (State.SIGNED,)),
    Meaning.REJECTED: Signing((State.COSIGNING,), (State.IN_REVIEW,)),
    Meaning.REVIEWED: Signing(FINAL, ()),
    Meaning.AMENDED: Signing(FINAL, (State.AMENDED,)),
}


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


# The news with which a document leaves, or word of it.
DOCUMENTS = (News.DOCUMENT_SIGNED, News.DOCUMENT_AMENDED)


class DeliveryState(TextChoices):
    OWED = "owed", "Waiting to be sent"
    DELIVERED = "delivered", "Delivered"
    GIVEN_UP = "given_up", "Given up"
    CANCELLED = "cancelled", "Cancelled"


class NoticeKind(TextChoices):
    """What people are told of by e-mail, unless they do not want it."""

    LATE = "late", "A document of yours is late"
    PENDED = "pended", "A document of yours rests"
    QUESTION = "question", "There is a question to you"
    SECOND_REVIEW = "second_review", "A document waits for you to review it a second time"
    CORRECTION = "correction", "A correction of a document of yours waits to be signed or discarded"
    DISPUTE = "dispute", "Somebody disputes a finding of a second review"


class SetupStep(TextChoices):
    """What a manager settles once for a new practice, in this order."""

    PRACTICE = "practice", "Name of the practice"
    LETTERHEAD = "letterhead", "Letterhead"
    PEOPLE = "people", "People"
    DEFAULTS = "defaults", "Specialty and type"
    THRESHOLD = "threshold", "Which words are marked"
    RETENTION = "retention", "How long things are kept"
    ENGINE = "engine", "Speech engine"


class SetupState(TextChoices):
    DONE = "done", "Done"
    SKIPPED = "skipped", "Skipped"


class RefitState(TextChoices):
    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class DriftBy(TextChoices):
    """Whose changed words per 1,000 are watched."""

    ENGINE = "engine", "Engine"
    CLINICIAN = "clinician", "Clinician"
    SOURCE = "source", "Microphone or source"


class DriftWay(TextChoices):
    UP = "up", "More words are changed"
    DOWN = "down", "Fewer words are changed"


class ClientAlgorithm(TextChoices):
    """How a FHIR client may sign (SMART App Launch 2.2: one of these at least)."""

    RS384 = "RS384", "RSA, RS384"
    ES384 = "ES384", "Elliptic curve P-384, ES384"


ATTESTATIONS: dict[str, str] = {
    Meaning.AUTHOR_ATTESTED: "I attest that I have reviewed this document and that it is accurate.",
    Meaning.REVIEWED: "I have reviewed this document. I am not its author.",
    Meaning.CO_SIGNED: "I have reviewed this document with its author and agree with it.",
    Meaning.AMENDED: "I attest that this amendment is accurate and replaces the text before it.",
    Meaning.REJECTED: "I have reviewed this document and do not agree with it as it stands.",
}


class AuditForm(TextChoices):
    JSONL = "jsonl", "JSON Lines"
    CSV = "csv", "CSV"
    FHIR = "fhir", "FHIR AuditEvent (NDJSON)"


class Rhythm(TextChoices):
    DAILY = "daily", "Every day"
    WEEKLY = "weekly", "Every week"
    MONTHLY = "monthly", "Every month"


class ExportState(TextChoices):
    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Being made"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
    EXPIRED = "expired", "Removed after its time"


class SecondState(TextChoices):
    """Where a second review of a signed document stands."""

    WAITING = "waiting", "Waiting for somebody who did not work on it"
    BLIND = "blind", "Being corrected, blind"
    COMPARE = "compare", "Being compared"
    CLOSED = "closed", "Closed"
    WITHDRAWN = "withdrawn", "Withdrawn"


SECOND_OVER = (SecondState.CLOSED, SecondState.WITHDRAWN)


class Verdict(TextChoices):
    """What a difference between the signed text and the second one turned out to be."""

    OPEN = "open", "To be decided"
    SIGNED_WRONG = "signed_wrong", "The signed text is wrong"
    SECOND_WRONG = "second_wrong", "The signed text is right, mine was wrong"
    EITHER = "either", "Both are right"


class Outcome(TextChoices):
    """How a dispute about a finding ends."""

    STANDS = "stands", "The finding stands"
    CHANGED = "changed", "Another severity"
    STRUCK = "struck", "It was no error"


class TermChoice(TextChoices):
    """What became of a frequent correction."""

    ADDED = "added", "Added to a vocabulary"
    DISMISSED = "dismissed", "Dismissed"


class Action(TextChoices):
    """What this app reports to the audit log; the label reads after the actor's name."""

    REVIEW_OPENED = "review.opened", "opened a transcript for review"
    REVIEW_VIEWED = "review.viewed", "looked at a transcript"
    DETAILS_VIEWED = "details.viewed", "looked at whom and what a recording is about"
    WORKLIST_VIEWED = "worklist.viewed", "looked at the worklist"
    REVIEW_CLAIMED = "review.claimed", "took over the work on a document"
    REVIEW_RETURNED = "review.returned", "gave back the work on a document"
    REVIEW_ASSIGNED = "review.assigned", "assigned the work on a document"
    REVIEW_PRIORITY = "review.priority", "changed the priority of a document"
    REVIEW_PENDED = "review.pended", "pended a document"
    REVIEW_UNPENDED = "review.unpended", "took up a pended document again"
    REVIEW_LATE = "review.late", "found that a document is late"
    QUERIES_VIEWED = "queries.viewed", "looked at the questions in a document"
    QUERY_ANSWERED = "query.answered", "answered a question in a document"
    TURNAROUND_CHANGED = "turnaround.changed", "changed how soon documents are due"
    SETUP_SETTLED = "setup.settled", "settled a step of the practice's set-up"
    FIGURES_VIEWED = "figures.viewed", "looked at the figures of the practice"
    FIGURES_EXPORTED = "figures.exported", "downloaded figures of the practice"
    QUALITY_RULES_CHANGED = "quality.rules", "changed how many documents are reviewed a second time"
    QUALITY_DRAWN = "quality.drawn", "drew signed documents for a second review"
    QUALITY_VIEWED = "quality.viewed", "looked at the quality of reviews"
    QUALITY_EXPORTED = "quality.exported", "downloaded figures on the quality of reviews"
    SECOND_ASSIGNED = "second_review.assigned", "gave a second review to somebody"
    SECOND_VIEWED = "second_review.viewed", "looked at a second review"
    SECOND_TYPED = "second_review.typed", "corrected a line in a second review"
    SECOND_SUBMITTED = "second_review.submitted", "finished the blind part of a second review"
    SECOND_JUDGED = "second_review.judged", "decided a finding in a second review"
    SECOND_CLOSED = "second_review.closed", "closed a second review"
    SECOND_WITHDRAWN = "second_review.withdrawn", "withdrew a second review"
    DISPUTE_OPENED = "dispute.opened", "disputed a finding"
    DISPUTE_ANSWERED = "dispute.answered", "wrote about a disputed finding"
    DISPUTE_RESOLVED = "dispute.resolved", "resolved a disputed finding"
    CORRECTIONS_READ = "corrections.read", "gathered the corrections of signed documents"
    TERMS_VIEWED = "terms.viewed", "looked at frequent corrections"
    TERM_ADDED = "terms.added", "added a frequent correction to a vocabulary"
    TERM_DISMISSED = "terms.dismissed", "dismissed a frequent correction"
    TERM_TAKEN_BACK = "terms.taken_back", "took back a decision on a frequent correction"
    HISTORY_VIEWED = "history.viewed", "looked at what was done to words of a transcript"
    ENTITIES_VIEWED = "entities.viewed", "looked at the clinical terms of a transcript"
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
    ADVERSE_EVENTS_SEARCHED = (
        "adverse_event.searched",
        "looked for adverse drug events in a signed document",
    )
    ADVERSE_EVENTS_VIEWED = "adverse_event.viewed", "looked at suspected adverse drug events"
    ADVERSE_EVENT_DECIDED = "adverse_event.decided", "decided a suspected adverse drug event"
    ADVERSE_EVENT_REOPENED = (
        "adverse_event.reopened",
        "took back a decision on an adverse drug event",
    )
    ADVERSE_EVENTS_EXPORTED = "adverse_event.exported", "exported adverse drug events"
    THRESHOLD_CHANGED = "threshold.changed", "changed which words are marked"
    REFIT_ASKED = "threshold.refit_asked", "asked for the calibration to be fitted again"
    WORDS_LABELLED = "threshold.labelled", "compared signed documents with what the machine said"
    CALIBRATION_FITTED = "threshold.fitted", "fitted a calibration on signed documents"
    DRIFT_ALARMED = "drift.alarmed", "found that changed words have become more, or fewer"
    DRIFT_ACKNOWLEDGED = "drift.acknowledged", "acknowledged a drift alarm"
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
    DOCUMENT_UNVERIFIED = "document.unverified", "asked for a document that does not verify"
    RECIPIENTS_LISTED = "recipients.listed", "made known who had received an older version"
    RECIPIENT_ACKNOWLEDGED = (
        "recipient.acknowledged",
        "acknowledged what was added to a document received before",
    )
    LETTERHEAD_CHANGED = "letterhead.changed", "changed the letterhead"
    CLIENT_KEY_ADDED = "client_key.added", "registered a public key of a FHIR client"
    CLIENT_KEY_ENDED = "client_key.ended", "ended a public key of a FHIR client"
    SIGNING_KEY_CREATED = "signing_key.created", "created a signing key"
    SIGNING_KEY_ROTATED = "signing_key.rotated", "replaced the signing key"
    LOGGED_IN = "login.succeeded", "logged in"
    LOGIN_FAILED = "login.failed", "failed to log in"
    LOGGED_OUT = "logout", "logged out"
    ACCESS_DENIED = "access.denied", "was denied access"
    AUDIT_VIEWED = "audit.viewed", "looked at the audit log"
    AUDIT_EXPORTED = "audit.exported", "exported the audit log"
    AUDIT_VERIFIED = "audit.verified", "checked the audit log"
    AUDIT_KEY_CREATED = "audit.key_created", "created a key that signs checkpoints of the log"
    AUDIT_SCHEDULED = "audit.scheduled", "changed how often the audit log is exported by itself"
    EXPORT_REQUESTED = "export.requested", "asked for a file to be made"
    EXPORT_CANCELLED = "export.cancelled", "cancelled a file that was being made"
    EXPORT_COMPLETED = "export.completed", "finished a file"
    EXPORT_FAILED = "export.failed", "could not make a file"
    EXPORT_DOWNLOADED = "export.downloaded", "downloaded a file"
    EXPORT_EXPIRED = "export.expired", "removed a file after its time"
    SOFTWARE_STARTED = "software.started", "began to run as a process"
    SOFTWARE_STOPPED = "software.stopped", "stopped running as a process"
