"""The tables of this app, one file an entity."""

from transcripts.models.access_key import AccessKey
from transcripts.models.at_rest import DataKey, Hold, PracticeKey, Removal, RetentionRule
from transcripts.models.duty import Duty
from transcripts.models.emergency import EmergencyAccess
from transcripts.models.invitation import Invitation
from transcripts.models.job import Chunk, MedicalTranscriptionJob
from transcripts.models.patient import Patient
from transcripts.models.practice import Membership, Practice
from transcripts.models.queue import Queue
from transcripts.models.recording import Recording
from transcripts.models.session import BrowserSession
from transcripts.models.shadow import Shadow
from transcripts.models.stream import LiveStream, StreamAudio, StreamResult
from transcripts.models.transcript import MachineSegment, Transcript
from transcripts.models.upload import Upload
from transcripts.models.user import User
from transcripts.models.vocabulary import MedicalVocabulary
from transcripts.models.worker import Worker

__all__ = [
    "AccessKey",
    "BrowserSession",
    "Chunk",
    "DataKey",
    "Duty",
    "EmergencyAccess",
    "Hold",
    "Invitation",
    "LiveStream",
    "MachineSegment",
    "MedicalVocabulary",
    "MedicalTranscriptionJob",
    "Membership",
    "Patient",
    "Practice",
    "PracticeKey",
    "Queue",
    "Recording",
    "Removal",
    "RetentionRule",
    "Shadow",
    "StreamAudio",
    "StreamResult",
    "Transcript",
    "Upload",
    "User",
    "Worker",
]
