"""Amazon Transcribe Medical as an engine: the calls, and what their errors mean. No Django here.

A result becomes lines in aws_result.py; when to call and what comes next is in actions/remote.py.
Each call is made at most three times within its time limits, and never waits for a job.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from json import JSONDecodeError, loads
from os import environ
from pathlib import Path
from typing import Any

from transcripts.engines.aws_result import UNREADABLE
from transcripts.engines.base import EngineError

RUNNING = ("QUEUED", "IN_PROGRESS")
_MISSING = {"BadRequestException", "NotFoundException"}  # AWS answers with either
_PASSING = {
    "ExpiredToken",  # credentials of a machine's role, about to be renewed
    "ExpiredTokenException",
    "InternalFailureException",
    "LimitExceededException",
    "RequestLimitExceeded",
    "RequestTimeout",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
_STRANGER = {
    "IncompleteSignatureException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
_SETTINGS = (
    "ShowSpeakerLabels",
    "MaxSpeakerLabels",
    "ChannelIdentification",
    "ShowAlternatives",
    "MaxAlternatives",
)

NO_CREDENTIALS = "This site has no valid AWS credentials. Ask whoever runs it to check them."
REFUSED = "AWS does not allow this site to use the practice's bucket or Transcribe Medical."
NO_BUCKET = "The practice's bucket does not exist at AWS."
NO_RESULT = "Amazon Transcribe Medical finished, but its result is not in the practice's bucket."


class Unavailable(Exception):
    """AWS can't be reached or asks for patience; the same call may work later. Text: its code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a job asks of AWS. `settings` are AWS's, without the vocabulary's name."""

    bucket: str
    media_key: str
    output_key: str
    media_format: str
    type: str
    settings: dict[str, Any]
    content_identification: str = ""
    vocabulary: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """A job's or vocabulary's state at AWS, "" when there is none, and why it failed."""

    name: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TranscribeMedical:
    """One region of AWS, or an endpoint that speaks as it does.

    All methods raise Unavailable, or EngineError with a sentence when trying again won't help.
    """

    region: str
    endpoint: str | None = None

    @property
    def model_id(self) -> str:
        return f"transcribe-medical@{self.region}"

    def upload(self, bucket: str, key: str, path: Path, moved: Callable[[], None]) -> None:
        """Copies a local file into the bucket; `moved` is called as bytes leave."""
        from boto3.s3.transfer import TransferConfig

        # Without threads, so that an exception of `moved` ends the upload.
        alone = TransferConfig(use_threads=False)
        with _explained(), path.open("rb") as file:
            self._s3.upload_fileobj(file, bucket, key, Config=alone, Callback=lambda _: moved())

    def put(self, bucket: str, key: str, content: bytes) -> None:
        """Writes a small object."""
        with _explained():
            self._s3.put_object(Bucket=bucket, Key=key, Body=content)

    def state(self, name: str) -> State:
        """The transcription job's state: QUEUED, IN_PROGRESS, COMPLETED, FAILED, or ""."""
        with _explained():
            found = _found(
                self._transcribe.get_medical_transcription_job, MedicalTranscriptionJobName=name
            )
        job = found.get("MedicalTranscriptionJob", {})
        return State(job.get("TranscriptionJobStatus", ""), job.get("FailureReason", ""))

    def start(self, name: str, asked: Asked) -> None:
        """Starts the job; one of this name that is there already is taken for this one."""
        settings = {key: asked.settings[key] for key in _SETTINGS if key in asked.settings}
        if asked.vocabulary:
            settings["VocabularyName"] = asked.vocabulary
        optional = {
            "Settings": settings,
            "ContentIdentificationType": asked.content_identification,
            "MediaFormat": asked.media_format,
        }
        with _explained(), _adopting():
            self._transcribe.start_medical_transcription_job(
                MedicalTranscriptionJobName=name,
                LanguageCode="en-US",
                Media={"MediaFileUri": f"s3://{asked.bucket}/{asked.media_key}"},
                OutputBucketName=asked.bucket,
                OutputKey=asked.output_key,
                Specialty="PRIMARYCARE",
                Type=asked.type,
                **{key: value for key, value in optional.items() if value},
            )

    def result(self, bucket: str, key: str) -> dict[str, Any]:
        """The result document of a completed job."""
        with _explained():
            content = self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        try:
            return loads(content)
        except (JSONDecodeError, UnicodeDecodeError):
            raise EngineError(UNREADABLE) from None

    def vocabulary(self, name: str) -> State:
        """The vocabulary's state: PENDING, READY, FAILED, or ""."""
        with _explained():
            found = _found(self._transcribe.get_medical_vocabulary, VocabularyName=name)
        return State(found.get("VocabularyState", ""), found.get("FailureReason", ""))

    def create_vocabulary(self, name: str, bucket: str, key: str) -> None:
        """Begins a vocabulary from the table in the bucket; one that is there already is kept."""
        with _explained(), _adopting():
            self._transcribe.create_medical_vocabulary(
                VocabularyName=name,
                LanguageCode="en-US",
                VocabularyFileUri=f"s3://{bucket}/{key}",
            )

    def vocabularies(self, prefix: str) -> list[str]:
        """Names of at most 100 vocabularies that begin with `prefix`."""
        with _explained():
            found = self._transcribe.list_medical_vocabularies(NameContains=prefix, MaxResults=100)
        names = [row["VocabularyName"] for row in found.get("Vocabularies", ())]
        return [name for name in names if name.startswith(prefix)]

    def delete_vocabulary(self, name: str) -> None:
        with _explained():
            _found(self._transcribe.delete_medical_vocabulary, VocabularyName=name)

    def remove(self, name: str, bucket: str, keys: Sequence[str]) -> None:
        """Deletes the objects and the ended job's entry; what is not there is passed over."""
        objects = {"Objects": [{"Key": key} for key in keys], "Quiet": True}
        with _explained():
            left = self._s3.delete_objects(Bucket=bucket, Delete=objects).get("Errors")
            if left:
                raise EngineError(REFUSED)
            _found(
                self._transcribe.delete_medical_transcription_job, MedicalTranscriptionJobName=name
            )

    @property
    def _s3(self) -> Any:
        # boto3's own variable may send S3 elsewhere than Transcribe; it counts only without a URL.
        return client(
            "s3", self.region, None if "AWS_ENDPOINT_URL_S3" in environ else self.endpoint
        )

    @property
    def _transcribe(self) -> Any:
        return client("transcribe", self.region, self.endpoint)


@cache
def client(service: str, region: str, endpoint: str | None) -> Any:
    """A client with short time limits. boto3 is loaded here, on first use."""
    import boto3
    from botocore.config import Config

    config = Config(
        connect_timeout=5,
        read_timeout=30,
        retries={"mode": "standard", "total_max_attempts": 3},
        s3={"addressing_style": "path"} if endpoint or "AWS_ENDPOINT_URL_S3" in environ else None,
    )
    return boto3.client(service, region_name=region, endpoint_url=endpoint, config=config)


@contextmanager
def _explained() -> Iterator[None]:
    from botocore import exceptions as errors

    try:
        yield
    except errors.ClientError as error:
        raise _meaning(error.response) from None
    except (
        errors.NoCredentialsError,
        errors.PartialCredentialsError,
        errors.CredentialRetrievalError,
    ):
        raise EngineError(NO_CREDENTIALS) from None
    except (errors.ConnectionError, errors.HTTPClientError, errors.IncompleteReadError) as error:
        raise Unavailable(type(error).__name__) from None
    except errors.BotoCoreError as error:
        raise EngineError(f"The call to AWS could not be made ({type(error).__name__}).") from None


def _meaning(answer: dict[str, Any]) -> Exception:
    code, message = answer["Error"].get("Code", ""), answer["Error"].get("Message", "")
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _PASSING or status == 429 or status >= 500:
        return Unavailable(code)
    if code in _STRANGER:
        return EngineError(NO_CREDENTIALS)
    if code == "NoSuchBucket":
        return EngineError(NO_BUCKET)
    if code in ("NoSuchKey", "404"):
        return EngineError(NO_RESULT)
    if code in ("AccessDenied", "AccessDeniedException", "403"):
        return EngineError(REFUSED)
    return EngineError(f"AWS refused the transcription: {sentence(message or code)}")


def sentence(text: str) -> str:
    """AWS's words with a full stop at the end; some of its reasons have none."""
    return text.strip().rstrip(".")[:500] + "."


def _found(call: Callable[..., dict[str, Any]], **named: str) -> dict[str, Any]:
    """The answer; empty when AWS does not know the name."""
    from botocore.exceptions import ClientError

    try:
        return call(**named)
    except ClientError as error:
        if error.response["Error"].get("Code") in _MISSING:
            return {}
        raise


@contextmanager
def _adopting() -> Iterator[None]:
    from botocore.exceptions import ClientError

    try:
        yield
    except ClientError as error:
        if error.response["Error"].get("Code") != "ConflictException":
            raise
