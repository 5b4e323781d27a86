"""States and names that more than one module speaks of. Names follow Amazon Transcribe Medical."""

from django.db.models import TextChoices


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

    RECORDING_UPLOADED = "recording.uploaded", "uploaded a recording"
    RECORDING_REJECTED = "recording.rejected", "tried to upload a recording that was refused"
    RECORDING_PLAYED = "recording.played", "opened a recording's audio"
    JOB_STARTED = "job.started", "started a transcription job"
    JOB_COMPLETED = "job.completed", "completed a transcription job"
    JOB_FAILED = "job.failed", "could not complete a transcription job"
    JOB_RETRIED = "job.retried", "started a failed transcription job again"
    JOB_CANCELLED = "job.cancelled", "cancelled a transcription job"
    KEY_CREATED = "key.created", "created an access key"
    KEY_REVOKED = "key.revoked", "revoked an access key"
    KEY_REFUSED = "key.refused", "was refused a request under an access key"
    JOB_DELETED = "job.deleted", "deleted a transcription job's entry"
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
    VOCABULARY_TAGGED = "vocabulary.tagged", "changed a vocabulary's tags"
    VOCABULARY_CREATED = "vocabulary.created", "created a vocabulary"
    VOCABULARY_UPDATED = "vocabulary.updated", "replaced a vocabulary"
    VOCABULARY_DELETED = "vocabulary.deleted", "deleted a vocabulary"
    KEY_MAP_CHANGED = "key_map.changed", "changed their keys of the review screen"
    RECORDING_DESCRIBED = "recording.described", "changed whom or what a recording is about"
    STREAM_BEGUN = "stream.begun", "began to speak live"
    STREAM_CORRECTED = "stream.corrected", "corrected a line while speaking"
    STREAM_FINISHED = "stream.finished", "finished speaking live"
    STREAM_DISCARDED = "stream.discarded", "discarded what they had spoken live"
