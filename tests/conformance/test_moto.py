"""The same calls against moto's Amazon Transcribe: where the answers differ, the reason is here.

docs/aws-clients.md repeats the table, which a test holds it to; a new difference fails until it is
explained, and one that is gone until it is taken out.
"""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, WaiterError

from tests.conformance.calls import QUICK, SPEECH, name
from tests.conformance.recipes import PAGE
from tests.conformance.server import Server

moto_server = pytest.importorskip("moto.server")

# The steps whose answers differ, and why.
DIFFERENCES = {
    "start": "moto leaves out status, sample rate and settings at the start; AWS documents them.",
    "start again": "moto answers 400, we the model's 409; both are ConflictException.",
    "start without a bucket of one's own": "moto reads no bucket; AWS and we refuse at the start.",
    "start with settings that exclude each other": "moto does not check the settings.",
    "start in another language": "moto does not check the language of medical jobs.",
    "start with a name that is none": "moto does not check patterns.",
    "vocabulary": "moto leaves out state and time; AWS documents them.",
    "vocabulary again": "moto answers 400, we the model's 409; both are ConflictException.",
    "vocabulary of an unreadable file": "moto reads no file.",
}


@pytest.fixture(scope="module")
def moto() -> Iterator[Any]:
    server = moto_server.ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield boto3.client(
        "transcribe",
        endpoint_url=f"http://{host}:{port}",
        region_name="us-east-1",
        aws_access_key_id="moto",
        aws_secret_access_key="moto",
    )
    server.stop()


def outcome(call: Callable[..., Any], **asked: Any) -> Any:
    """The members of the answer and what of their values does not depend on the moment."""
    try:
        return _stable(call(**asked))
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return error.response["Error"]["Code"], status
    except WaiterError as error:
        return "WaiterError", str(error.last_response.get("VocabularyState"))


def _stable(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {k: v for k, v in value.items() if k != "ResponseMetadata"}
        return {k: "…" if k.endswith(("Time", "Uri")) else _stable(v) for k, v in kept.items()}
    if isinstance(value, list):
        return [_stable(each) for each in value]
    return value


def scenario(client: Any, uri: str) -> dict[str, Any]:
    """What one client does, call by call."""
    named, words = name("both"), name("words")
    start = {
        "MedicalTranscriptionJobName": named,
        "LanguageCode": "en-US",
        "Media": {"MediaFileUri": SPEECH},
        "OutputBucketName": "northgate",
        "Specialty": "PRIMARYCARE",
        "Type": "DICTATION",
        "MediaFormat": "flac",
        "MediaSampleRateHertz": 16000,
    }
    vocabulary = {"VocabularyName": words, "LanguageCode": "en-US", "VocabularyFileUri": uri}
    starting = client.start_medical_transcription_job
    both = {"ShowSpeakerLabels": True, "MaxSpeakerLabels": 2, "ChannelIdentification": True}
    waiter = client.get_waiter("medical_transcription_job_completed").wait
    ready = client.get_waiter("medical_vocabulary_ready").wait
    unreadable = vocabulary | {
        "VocabularyName": name("none"),
        "VocabularyFileUri": "s3://northgate/none.txt",
    }
    steps: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
        "start": (starting, start),
        "start again": (starting, start),
        "start without a bucket of one's own": (
            starting,
            start | {"MedicalTranscriptionJobName": name(), "OutputBucketName": "somebody-elses"},
        ),
        "start with settings that exclude each other": (
            starting,
            start | {"MedicalTranscriptionJobName": name(), "Settings": both},
        ),
        "start in another language": (
            starting,
            start | {"MedicalTranscriptionJobName": name(), "LanguageCode": "de-DE"},
        ),
        "start with a name that is none": (
            starting,
            start | {"MedicalTranscriptionJobName": "a b"},
        ),
        "start with a vocabulary that is none": (
            starting,
            start
            | {"MedicalTranscriptionJobName": name(), "Settings": {"VocabularyName": "nowhere"}},
        ),
        "wait": (waiter, {"MedicalTranscriptionJobName": named, "WaiterConfig": QUICK}),
        "get": (client.get_medical_transcription_job, {"MedicalTranscriptionJobName": named}),
        "list": (
            client.list_medical_transcription_jobs,
            {"JobNameContains": named, "Status": "COMPLETED"},
        ),
        "delete": (client.delete_medical_transcription_job, {"MedicalTranscriptionJobName": named}),
        "get nothing": (
            client.get_medical_transcription_job,
            {"MedicalTranscriptionJobName": named},
        ),
        "delete nothing": (
            client.delete_medical_transcription_job,
            {"MedicalTranscriptionJobName": named},
        ),
        "vocabulary": (client.create_medical_vocabulary, vocabulary),
        "vocabulary again": (client.create_medical_vocabulary, vocabulary),
        "vocabulary of an unreadable file": (client.create_medical_vocabulary, unreadable),
        "vocabulary ready": (ready, {"VocabularyName": words, "WaiterConfig": QUICK}),
        "get vocabulary": (client.get_medical_vocabulary, {"VocabularyName": words}),
        "list vocabularies": (
            client.list_medical_vocabularies,
            {"NameContains": words, "StateEquals": "READY"},
        ),
        "delete vocabulary": (client.delete_medical_vocabulary, {"VocabularyName": words}),
        "get no vocabulary": (client.get_medical_vocabulary, {"VocabularyName": words}),
        "delete no vocabulary": (client.delete_medical_vocabulary, {"VocabularyName": words}),
    }
    found = {step: outcome(call, **asked) for step, (call, asked) in steps.items()}
    return {step: _anonymous(value, named, words) for step, value in found.items()}


def _anonymous(value: Any, *names: str) -> Any:
    text = repr(value)
    for number, each in enumerate(names):
        text = text.replace(each, f"name{number}")
    return text


def test_the_same_calls(server: Server, client: Any, moto: Any) -> None:
    uri = server.put("both.txt", b"Phrase\tIPA\tSoundsLike\tDisplayAs\nlisinopril\t\t\t\n")
    ours, theirs = scenario(client, uri), scenario(moto, uri)
    differing = {step for step in ours if ours[step] != theirs[step]}
    told = "\n".join(f"{s}:\n  ours {ours[s]}\n  moto {theirs[s]}" for s in sorted(differing))
    print(told)
    assert differing == set(DIFFERENCES), told


def test_the_page_lists_every_difference_with_its_reason() -> None:
    table = PAGE.read_text(encoding="utf-8").split("| call | reason |", 1)[1].split("\n\n", 1)[0]
    rows = table.strip().splitlines()[1:]
    assert rows == [f"| {step} | {reason} |" for step, reason in DIFFERENCES.items()]
