"""States and names that more than one module speaks of. Names follow Amazon Transcribe Medical."""

from django.db.models import IntegerChoices, TextChoices


class Role(TextChoices):
    EDITOR = "editor", "Transcription editor"
    CLINICIAN = "clinician", "Clinician"
    MANAGER = "manager", "Practice manager"
    AUDITOR = "auditor", "Auditor"


class Specialty(TextChoices):
    """The fields of medicine that AWS groups as PRIMARYCARE."""

    FAMILYMEDICINE = "FAMILYMEDICINE", "Family medicine"
    INTERNALMEDICINE = "INTERNALMEDICINE", "Internal medicine"
    OBGYN = "OBGYN", "OB-GYN"
    PEDIATRICS = "PEDIATRICS", "Pediatrics"


class Type(TextChoices):
    DICTATION = "DICTATION", "Dictation"
    CONVERSATION = "CONVERSATION", "Conversation"


class Source(TextChoices):
    UPLOAD = "UPLOAD", "Upload"
    API = "API", "AWS client"
    STREAM = "STREAM", "Live"


class JobStatus(TextChoices):
    """AWS's TranscriptionJobStatus, and CANCELLED, which AWS does not have."""

    QUEUED = "QUEUED", "Queued"
    IN_PROGRESS = "IN_PROGRESS", "Transcribing"
    COMPLETED = "COMPLETED", "Completed"
    FAILED = "FAILED", "Failed"
    CANCELLED = "CANCELLED", "Cancelled"


LIVE_STATUSES = (JobStatus.QUEUED, JobStatus.IN_PROGRESS)


class QueueMode(TextChoices):
    """How workers take up jobs. What was begun goes on in all but PAUSED."""

    OPEN = "open", "Open"
    DRAINING = "draining", "Finishing what was begun"
    PAUSED = "paused", "Paused"


class Turn(IntegerChoices):
    """Whose jobs come first; of a job, and of all jobs of a practice."""

    LATER = -1, "After the others"
    NORMAL = 0, "In turn"
    FIRST = 1, "Before the others"


class EngineName(TextChoices):
    LOCAL = "local", "On this site"
    AWS = "aws", "Amazon Transcribe Medical"


class VocabularyState(TextChoices):
    PENDING = "PENDING", "Being checked"
    READY = "READY", "Ready"
    FAILED = "FAILED", "Failed"


class StreamState(TextChoices):
    """OPEN: audio may come. ENDED: none will; what was kept is still to become a recording."""

    OPEN = "open", "Open"
    ENDED = "ended", "Ended"
    FINISHED = "finished", "Finished"
    DISCARDED = "discarded", "Discarded"


class RemovalRule(TextChoices):
    """What a rule removes: the audio of a signed document, or all of what was never signed."""

    AUDIO = "audio", "Audio of signed documents"
    DRAFT = "draft", "Drafts that were never signed"


class Stage(TextChoices):
    """What a job needs next.

    INTAKE: an AWS client's media fetched and probed. PREPARE: its audio cut into chunks, or sent to
    a remote engine. TRANSCRIBE: its chunks. REMOTE: another look at the remote engine. ASSEMBLE:
    its transcript put together.
    """

    INTAKE = "INTAKE"

    PREPARE = "PREPARE"
    TRANSCRIBE = "TRANSCRIBE"
    REMOTE = "REMOTE"
    ASSEMBLE = "ASSEMBLE"


class Action(TextChoices):
    """What this app reports to the audit log; the label reads after the actor's name."""

    UPLOAD_BEGUN = "upload.begun", "began to upload a recording"
    UPLOAD_DISCARDED = "upload.discarded", "discarded an unfinished upload"
    RECORDING_UPLOADED = "recording.uploaded", "uploaded a recording"
    RECORDING_REJECTED = "recording.rejected", "tried to upload a recording that was refused"
    RECORDING_PLAYED = "recording.played", "opened a recording's audio"
    JOB_STARTED = "job.started", "started a transcription job"
    JOB_COMPLETED = "job.completed", "completed a transcription job"
    JOB_FAILED = "job.failed", "could not complete a transcription job"
    JOB_RESUMED = "job.resumed", "took up a job whose worker was lost"
    JOB_RETRIED = "job.retried", "started a failed transcription job again"
    JOB_CANCELLED = "job.cancelled", "cancelled a transcription job"
    KEY_CREATED = "key.created", "created an access key"
    KEY_REVOKED = "key.revoked", "revoked an access key"
    KEY_USED = "key.used", "used an access key"
    KEY_REFUSED = "key.refused", "was refused a request under an access key"
    JOB_DELETED = "job.deleted", "deleted a transcription job's entry"
    JOB_VIEWED = "job.viewed", "looked at a transcription job"
    JOBS_LISTED = "job.listed", "listed transcription jobs"
    TAGS_LISTED = "tags.listed", "listed the tags of a job or vocabulary"
    JOB_TAGGED = "job.tagged", "changed a transcription job's tags"
    SHADOW_SWITCHED = (
        "shadow.switched",
        "changed whether recordings are sent to AWS to be compared",
    )
    SHADOW_SENT = "shadow.sent", "sent a recording to AWS for comparison"
    SHADOW_COMPLETED = "shadow.completed", "received AWS's transcript for comparison"
    SHADOW_FAILED = "shadow.failed", "could not have a recording transcribed by AWS for comparison"
    VOCABULARY_CHECKED = "vocabulary.checked", "checked a vocabulary"
    RESULT_FETCHED = "result.fetched", "fetched a transcription job's result"
    VOCABULARY_VIEWED = "vocabulary.viewed", "looked at a vocabulary"
    VOCABULARIES_LISTED = "vocabulary.listed", "listed vocabularies"
    VOCABULARY_TAGGED = "vocabulary.tagged", "changed a vocabulary's tags"
    VOCABULARY_CREATED = "vocabulary.created", "created a vocabulary"
    VOCABULARY_UPDATED = "vocabulary.updated", "replaced a vocabulary"
    VOCABULARY_DELETED = "vocabulary.deleted", "deleted a vocabulary"
    SESSION_ENDED = "session.ended", "ended sessions"
    SESSION_IDLE = "session.idle", "was signed out after doing nothing for a while"
    SESSION_EXPIRED = "session.expired", "was signed out at the end of the longest session"
    LOGIN_LOCKED = "login.locked", "was locked out for a while after too many wrong passwords"
    SECOND_FACTOR_ADDED = "second_factor.added", "added a second factor"
    SECOND_FACTOR_REMOVED = "second_factor.removed", "removed a second factor"
    SECOND_FACTOR_RESET = "second_factor.reset", "reset a person's second factors"
    RECOVERY_CODES_MADE = "recovery_codes.made", "made new recovery codes"
    PASSWORD_CHANGED = "password.changed", "changed their password"
    SIGN_IN_LINKED = "sign_in.linked", "linked their account to single sign-on"
    SIGN_IN_RULES_CHANGED = "sign_in_rules.changed", "changed who must have a second factor"
    PERSON_INVITED = "person.invited", "invited a person"
    INVITATION_WITHDRAWN = "invitation.withdrawn", "withdrew an invitation"
    INVITATION_USED = "invitation.used", "joined the practice by an invitation"
    ROLE_CHANGED = "role.changed", "changed a person's role"
    PERSON_CHANGED = "person.changed", "changed what a person's signature says or needs"
    PERSON_DISABLED = "person.disabled", "disabled a person"
    PERSON_ENABLED = "person.enabled", "enabled a person again"
    EMERGENCY_BEGUN = "emergency.begun", "took emergency access to a patient"
    EMERGENCY_REFUSED = "emergency.refused", "asked for emergency access and was refused"
    EMERGENCY_ENDED = "emergency.ended", "had emergency access, which ended"
    EMERGENCY_REVIEWED = "emergency.reviewed", "reviewed an emergency access"
    KEY_MAP_CHANGED = "key_map.changed", "changed their keys of the review screen"
    NOTICES_CHANGED = "notices.changed", "changed what is mailed to them"
    RECORDING_DESCRIBED = "recording.described", "changed whom or what a recording is about"
    STREAM_BEGUN = "stream.begun", "began to speak live"
    STREAM_CORRECTED = "stream.corrected", "corrected a line while speaking"
    STREAM_FINISHED = "stream.finished", "finished speaking live"
    STREAM_DISCARDED = "stream.discarded", "discarded what they had spoken live"
    DATA_KEY_USED = "data_key.used", "opened stored audio with its key"
    MEDIA_REFUSED = "media.refused", "found stored audio altered, and did not use it"
    MEDIA_SEALED = "media.sealed", "encrypted stored audio that was not encrypted"
    MASTER_KEY_ROTATED = "master_key.rotated", "wrapped keys and secrets with a new master key"
    MEDIA_KEY_ROTATED = "media_key.rotated", "wrapped the keys of recordings with a new key"
    RETENTION_CHANGED = "retention.changed", "changed how long things are kept"
    RETENTION_PREVIEWED = "retention.previewed", "looked at what would be removed"
    HOLD_PLACED = "hold.placed", "placed a legal hold"
    HOLD_LIFTED = "hold.lifted", "lifted a legal hold"
    AUDIO_REMOVED = "audio.removed", "removed a recording's audio under the practice's rule"
    DRAFT_REMOVED = "draft.removed", "removed an unsigned draft under the practice's rule"
    OPERATION_VIEWED = "operation.viewed", "looked at how the installation stands"
    QUEUE_CHANGED = "queue.changed", "changed how the queue is served"
    JOB_PRIORITISED = "job.prioritised", "changed when a transcription job is served"
    JOB_RELEASED = "job.released", "took a stuck transcription job from its worker"
    DUTY_ASKED = "duty.asked", "had recurring work done at once"
    PRACTICE_CREATED = "practice.created", "created a practice"
    PRACTICE_CHANGED = "practice.changed", "changed what a practice is set up with"
    PERSON_CREATED = "person.created", "created a person"
    OPERATOR_CHANGED = "operator.changed", "changed who runs the installation"
    BACKUP_MADE = "backup.made", "made a backup"
    BACKUP_RESTORED = "backup.restored", "restored a backup"
