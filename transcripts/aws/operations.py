"""Which operations are served, by what, and which scope of a key each one needs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from transcripts.aws import jobs, tags, vocabularies
from transcripts.aws.callers import Caller


@dataclass(frozen=True, slots=True)
class Operation:
    """`answer` gets the caller and the checked request, and gives the members of the answer."""

    scope: str
    answer: Callable[[Caller, dict[str, Any]], dict[str, Any]]


OPERATIONS = {
    "StartMedicalTranscriptionJob": Operation("jobs.write", jobs.start),
    "GetMedicalTranscriptionJob": Operation("jobs.read", jobs.get),
    "ListMedicalTranscriptionJobs": Operation("jobs.read", jobs.list_),
    "DeleteMedicalTranscriptionJob": Operation("jobs.write", jobs.delete),
    "CreateMedicalVocabulary": Operation("vocabularies.write", vocabularies.create),
    "GetMedicalVocabulary": Operation("vocabularies.read", vocabularies.get),
    "UpdateMedicalVocabulary": Operation("vocabularies.write", vocabularies.update),
    "ListMedicalVocabularies": Operation("vocabularies.read", vocabularies.list_),
    "DeleteMedicalVocabulary": Operation("vocabularies.write", vocabularies.delete),
    "TagResource": Operation("tags.write", tags.tag),
    "UntagResource": Operation("tags.write", tags.untag),
    "ListTagsForResource": Operation("tags.read", tags.list_),
}
