"""The tables of this app, one file an entity."""

from transcripts.models.access_key import AccessKey
from transcripts.models.job import Chunk, MedicalTranscriptionJob
from transcripts.models.patient import Patient
from transcripts.models.practice import Membership, Practice
from transcripts.models.recording import Recording
from transcripts.models.shadow import Shadow
from transcripts.models.stream import LiveStream, StreamAudio, StreamResult
from transcripts.models.transcript import MachineSegment, Transcript
from transcripts.models.user import User
from transcripts.models.vocabulary import MedicalVocabulary
from transcripts.models.worker import Worker

__all__ = [
    "AccessKey",
    "Chunk",
    "LiveStream",
    "MachineSegment",
    "MedicalVocabulary",
    "MedicalTranscriptionJob",
    "Membership",
    "Patient",
    "Practice",
    "Recording",
    "Shadow",
    "StreamAudio",
    "StreamResult",
    "Transcript",
    "User",
    "Worker",
]
